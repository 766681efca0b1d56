"""Control of Asterisk over AMI and ARI: implements the port `Telephony`. Knows no event.

Every name and number is checked before it becomes part of an action, so that nothing that a person
typed can reach another context or dial another number.
"""

import re
import secrets
from collections.abc import Mapping, Sequence

from callcenter.domain.errors import TelephonyError
from ivr.ami.client import AmiClient
from ivr.ami.surveys import survey_id
from ivr.ami.translate import DIAL_PREFIX, TECHNOLOGY, channel_owner, seat_of
from ivr.ami.wire import Packet
from ivr.ari.client import AriClient
from ivr.queue_names import to_asterisk

SEAT = re.compile(r"[0-9A-Za-z]{1,32}")
NUMBER = re.compile(r"\+?[0-9]{1,32}")
CALL_ID = re.compile(r"[0-9A-Za-z._-]{1,128}")
RING_SEAT_MS = 20_000
RING_CITIZEN_MS = 45_000
COMPLETE, THREE_WAY = "*2", "*3"
"""features.conf: atxfercomplete, atxferthreeway."""

SEAT_CONTEXT = "seat-out"
"""All that a seat may reach, see extensions.conf."""

BROUGHT_BACK_FROM = frozenset({"serve", "rejoin"})
"""Contexts in which a citizen's own channel holds the call, so that it can begin again in `rejoin`."""

NO_SUCH_TARGET = "不能转接到这个号码，请选择座席或值班电话。"
NO_CALL = "这个座席现在没有通话。"
BAD_NUMBER = "号码里只能有数字，请核对后重试。"
BAD_NAME = "座席号或通话编号有误，请刷新页面后重试。"
BAD_REASON = re.compile(r"[^0-9A-Za-z-]")


class AsteriskControl:
    """`own_number` is shown to citizens whom we call; `handset` '' = no browser plays the citizen."""

    def __init__(self, ami: AmiClient, ari: AriClient, own_number: str, handset: str = "") -> None:
        self._ami = ami
        self._ari = ari
        self._own_number = own_number
        self._handset = handset

    @property
    def connected(self) -> bool:
        return self._ami.ready

    async def provision(self, seat: str, secret: str) -> None:
        await self._ari.put_auth(_checked(SEAT, seat, BAD_NAME), secret)

    async def revoke(self, seat: str) -> None:
        await self._ari.delete_auth(_checked(SEAT, seat, BAD_NAME))

    async def join_queues(self, seat: str, name: str, queues: Mapping[str, int], reason: str) -> None:  # noqa: ARG002 - the port's
        """The name stays here: Asterisk would write it into queue_log in the place of the seat."""
        await self.leave_queues(seat)
        for queue, penalty in queues.items():
            await self._ami.action(
                "QueueAdd",
                ("Queue", to_asterisk(queue)),
                ("Interface", interface(seat)),
                ("Penalty", penalty),
                ("Paused", "true"),
                ("Reason", BAD_REASON.sub("", reason)),
            )

    async def leave_queues(self, seat: str) -> None:
        """The channel may live on; no further call comes."""
        entries = await self._ami.listing("QueueStatus", ("Member", interface(seat)))
        for entry in entries:
            if entry.get("Event") == "QueueMember" and seat_of(entry.get("Location", "")) == seat:
                await self._ami.action(
                    "QueueRemove", ("Queue", entry["Queue"]), ("Interface", interface(seat))
                )

    async def bring_back(self, seat: str) -> None:
        """As `extensions.conf [rejoin]` does by itself, without its wait for the dead leg's silence."""
        channels = await self._ami.listing("CoreShowChannels")
        bridges = {one["BridgeId"] for one in _of(seat, channels) if one.get("BridgeId")}
        others = [
            one
            for one in channels
            if one.get("BridgeId") in bridges and channel_owner(one.get("Channel", "")) != seat
        ]
        if len(others) != 1 or others[0].get("Context") not in BROUGHT_BACK_FROM:
            return
        citizen = ("Channel", others[0]["Channel"])
        await self._ami.action("Setvar", citizen, ("Variable", "SEAT"), ("Value", interface(seat)))
        await self._ami.action("Redirect", citizen, ("Context", "rejoin"), ("Exten", "s"), ("Priority", 1))

    async def pause(self, seat: str, reason: str) -> None:
        await self._pause(seat, "true", ("Reason", BAD_REASON.sub("", reason)))

    async def unpause(self, seat: str) -> None:
        await self._pause(seat, "false")

    async def dial(self, seat: str, number: str, call_id: str) -> None:
        """`call_id` becomes the id of the new call; the page sees it in the header and answers itself."""
        _checked(CALL_ID, call_id, BAD_NAME)
        await self._originate(
            ("Channel", interface(seat)),
            ("ChannelId", call_id),
            ("Context", "callback"),
            ("Exten", _checked(NUMBER, number, BAD_NUMBER)),
            ("Timeout", RING_SEAT_MS),
            ("Variable", f"SEAT={seat}"),
            ("Variable", f"PJSIP_HEADER(add,X-Hotline-Call)={call_id}"),
            action_id=f"{DIAL_PREFIX}{seat}:{call_id}",
        )

    async def survey(self, number: str, followup_id: str) -> None:
        _checked(CALL_ID, followup_id, BAD_NAME)
        survey = survey_id(followup_id, secrets.token_hex(4))
        await self._originate(
            ("ChannelId", survey),
            ("Channel", await self._line(_checked(NUMBER, number, BAD_NUMBER))),
            ("Context", "survey"),
            ("Exten", "s"),
            ("Timeout", RING_CITIZEN_MS),
            ("Variable", f"FOLLOWUP={followup_id}"),
            ("Variable", f"CITIZEN={number}"),
            action_id=survey,
        )

    async def _line(self, number: str) -> str:
        """The trunk, or the handset in the browser while it is on and free."""
        if self._handset:
            asked = ("Variable", f"DEVICE_STATE({interface(self._handset)})")
            if (await self._ami.action("Getvar", asked)).get("Value") == "NOT_INUSE":
                return interface(self._handset)
        return f"{TECHNOLOGY}{number}@trunk"

    async def transfer(self, seat: str, target: str) -> None:
        await self._send_to("Atxfer", seat, target)

    async def blind_transfer(self, seat: str, target: str) -> None:
        await self._send_to("BlindTransfer", seat, target)

    async def complete_transfer(self, seat: str) -> None:
        await self._press(seat, COMPLETE)

    async def join_three(self, seat: str) -> None:
        await self._press(seat, THREE_WAY)

    async def cancel_transfer(self, seat: str) -> None:
        await self._ami.action("CancelAtxfer", ("Channel", await self._channel(seat)))

    async def hang_up(self, seat: str) -> None:
        for channel in await self._channels(seat):
            await self._ami.action("Hangup", ("Channel", channel["Channel"]))

    async def _pause(self, seat: str, paused: str, *more: tuple[str, str]) -> None:
        await self._ami.action("QueuePause", ("Interface", interface(seat)), ("Paused", paused), *more)

    async def _originate(self, *fields: tuple[str, str | int], action_id: str) -> None:
        common = (("Priority", 1), ("CallerID", self._own_number), ("Async", "true"))
        await self._ami.action("Originate", *fields, *common, action_id=action_id)

    async def _send_to(self, action: str, seat: str, target: str) -> None:
        """Asterisk itself says 'Success' to a target that does not exist, and loses the citizen."""
        channel = await self._channel(seat)
        _checked(SEAT, target, BAD_NUMBER)
        question = f"DIALPLAN_EXISTS({SEAT_CONTEXT},{target},1)"
        answer = await self._ami.action("Getvar", ("Variable", question))
        if answer.get("Value") != "1":
            raise TelephonyError(NO_SUCH_TARGET)
        await self._ami.action(action, ("Channel", channel), ("Context", SEAT_CONTEXT), ("Exten", target))

    async def _press(self, seat: str, keys: str) -> None:
        """As if the seat had pressed the keys of features.conf."""
        channel = await self._channel(seat)
        for key in keys:
            await self._ami.action("PlayDTMF", ("Channel", channel), ("Digit", key), ("Receive", "true"))

    async def _channel(self, seat: str) -> str:
        """The seat's oldest channel that talks; that is the one with the citizen."""
        talking = [channel for channel in await self._channels(seat) if channel.get("BridgeId")]
        if not talking:
            raise TelephonyError(NO_CALL)
        return talking[0]["Channel"]

    async def _channels(self, seat: str) -> Sequence[Packet]:
        _checked(SEAT, seat, BAD_NAME)
        mine = _of(seat, await self._ami.listing("CoreShowChannels"))
        return sorted(mine, key=lambda channel: channel.get("Duration", ""), reverse=True)


def _of(seat: str, channels: Sequence[Packet]) -> list[Packet]:
    return [channel for channel in channels if channel_owner(channel.get("Channel", "")) == seat]


def interface(seat: str) -> str:
    """`1027` -> `PJSIP/1027`."""
    return TECHNOLOGY + _checked(SEAT, seat, BAD_NAME)


def _checked(allowed: re.Pattern[str], value: str, complaint: str) -> str:
    if not allowed.fullmatch(value):
        raise TelephonyError(complaint)
    return value
