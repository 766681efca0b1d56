"""From AMI's events to the core, in their order, with the state after each connect in front.

Events that arrive while the state is being asked for are held back and told after it. A core that
stands still for too long costs the connection, not the memory; the next connect makes good for it.
"""

import asyncio

import structlog

from callcenter.domain.telephony import TelephonyEvent
from callcenter.ports import CallDesk, Clock
from ivr.ami.client import AmiClient
from ivr.ami.surveys import SETTLES_S, SurveyFailed, Surveys, gave_up
from ivr.ami.translate import Translator, devices, snapshot
from ivr.ami.wire import Packet

log = structlog.get_logger(__name__)

MAX_UNTOLD = 10_000


class EventFeed:
    """`take` and `resync` are for the AMI client, `run` tells the desk."""

    def __init__(self, desk: CallDesk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._translator = Translator(clock.now)
        self._surveys = Surveys()
        self._untold: asyncio.Queue[TelephonyEvent | SurveyFailed] = asyncio.Queue(MAX_UNTOLD)
        self._held: list[Packet] | None = None

    def take(self, packet: Packet) -> bool:
        """False when the core is too far behind."""
        if self._held is not None:
            self._held.append(packet)
            return len(self._held) < MAX_UNTOLD
        if gave_up(packet):
            asyncio.get_running_loop().call_later(SETTLES_S, self._tell_surveys, packet)
            return True
        return self._tell_later(*self._words(packet))

    async def resync(self, ami: AmiClient) -> None:
        """What Asterisk knows now replaces what was believed before; `TelephonyError` when it is gone."""
        self._held = []
        try:
            queues = await ami.listing("QueueStatus")
            channels = await ami.listing("CoreShowChannels")
            endpoints = await ami.listing("PJSIPShowEndpoints")
            self._begin_again(queues, channels, endpoints)
            for packet in self._held:
                self._tell_later(*self._words(packet))
        finally:
            self._held = None

    async def run(self) -> None:
        """Until cancelled. An event that the core cannot take is logged and passed over."""
        while True:
            event = await self._untold.get()
            try:
                await self._tell(event)
            except Exception:
                log.exception("event_not_taken", kind=type(event).__name__)

    def _words(self, packet: Packet) -> tuple[TelephonyEvent | SurveyFailed, ...]:
        """What the packet says; nothing when a newer Asterisk leaves out what we count on."""
        try:
            return (*self._translator.translate(packet), *self._surveys.translate(packet))
        except (KeyError, ValueError):
            log.warning("event_not_understood", kind=packet.get("Event", ""))
            return ()

    def _tell_surveys(self, packet: Packet) -> None:
        self._tell_later(*self._surveys.translate(packet))

    async def _tell(self, event: TelephonyEvent | SurveyFailed) -> None:
        if isinstance(event, SurveyFailed):
            await self._desk.survey_failed(event.followup_id, event.reason)
        else:
            await self._desk.told(event)

    def _begin_again(self, queues: list[Packet], channels: list[Packet], endpoints: list[Packet]) -> None:
        while not self._untold.empty():
            self._untold.get_nowait()
        self._translator.forget()
        self._surveys.forget()
        now = self._clock.now()
        self._tell_later(snapshot(queues, channels, now), *devices(endpoints, now))

    def _tell_later(self, *events: TelephonyEvent | SurveyFailed) -> bool:
        try:
            for event in events:
                self._untold.put_nowait(event)
        except asyncio.QueueFull:
            return False
        return True
