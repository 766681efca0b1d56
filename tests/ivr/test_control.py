"""What control asks of Asterisk, and what it refuses to ask."""

import pytest

from callcenter.domain.errors import TelephonyError
from ivr.control import AsteriskControl


class Ami:
    ready = True

    def __init__(self, **lists):
        self.lists, self.actions, self.answers = lists, [], {}

    async def action(self, name, *fields, action_id=""):
        self.actions.append((name, dict(fields), action_id))
        return self.answers.get(name, {"Response": "Success"})

    async def listing(self, name, *fields):
        return self.lists.get(name, [])

    def asked(self, name):
        return [fields for action, fields, _ in self.actions if action == name]


class Ari:
    async def put_auth(self, seat, secret):
        raise AssertionError


TALKING = {"Channel": "PJSIP/1027-00000001", "BridgeId": "b1", "Duration": "00:01:00"}
CONSULTING = {"Channel": "PJSIP/1027-00000009", "BridgeId": "b2", "Duration": "00:00:05"}


def control(ami) -> AsteriskControl:
    return AsteriskControl(ami, Ari(), "12345")


async def test_signing_in_replaces_what_was_there_and_begins_paused():
    ami = Ami(QueueStatus=[{"Event": "QueueMember", "Queue": "hotline-dialect", "Location": "PJSIP/1027"}])
    await control(ami).join_queues("1027", "张三", {"general": 0, "business": 2}, "busy")
    assert ami.asked("QueueRemove") == [{"Queue": "hotline-dialect", "Interface": "PJSIP/1027"}]
    assert [(add["Queue"], add["Penalty"], add["Paused"]) for add in ami.asked("QueueAdd")] == [
        ("hotline-general", 0, "true"),
        ("hotline-business", 2, "true"),
    ]
    assert "张三" not in str(ami.actions)


async def test_a_transfer_takes_the_channel_that_has_the_citizen():
    ami = Ami(CoreShowChannels=[CONSULTING, TALKING])
    ami.answers["Getvar"] = {"Value": "1"}
    await control(ami).transfer("1027", "1028")
    assert ami.asked("Atxfer") == [{"Channel": TALKING["Channel"], "Context": "seat-out", "Exten": "1028"}]


async def test_a_target_that_the_dialplan_does_not_know_is_refused_before_asterisk_loses_the_citizen():
    ami = Ami(CoreShowChannels=[TALKING])
    ami.answers["Getvar"] = {"Value": "0"}
    with pytest.raises(TelephonyError, match="不能转接"):
        await control(ami).blind_transfer("1027", "1028")
    assert ami.asked("BlindTransfer") == []


async def test_keys_are_pressed_one_after_the_other():
    ami = Ami(CoreShowChannels=[TALKING])
    await control(ami).complete_transfer("1027")
    await control(ami).join_three("1027")
    assert [press["Digit"] for press in ami.asked("PlayDTMF")] == ["*", "2", "*", "3"]


async def test_hanging_up_ends_every_channel_of_the_seat_and_no_other():
    others = {"Channel": "PJSIP/10270-00000001", "BridgeId": "b1"}
    ami = Ami(CoreShowChannels=[TALKING, CONSULTING, others])
    await control(ami).hang_up("1027")
    assert {end["Channel"] for end in ami.asked("Hangup")} == {TALKING["Channel"], CONSULTING["Channel"]}


@pytest.mark.parametrize("seat", ["", "1027&1028", "../x", "1027\n", "x" * 33])
async def test_what_is_no_seat_reaches_nobody(seat):
    ami = Ami()
    for order in (
        control(ami).pause(seat, "x"),
        control(ami).dial(seat, "13900139000", "c1"),
        control(ami).hang_up(seat),
        control(ami).provision(seat, "secret"),
    ):
        with pytest.raises(TelephonyError):
            await order
    assert ami.actions == []


async def test_a_reason_is_a_short_word_whatever_was_given():
    ami = Ami()
    await control(ami).pause("1027", "break-meal\r\nAction: x")
    assert ami.asked("QueuePause")[0]["Reason"] == "break-mealActionx"
