"""The AMI client against a scripted Asterisk: login, matching, lists, floods, reconnects."""

import asyncio
import contextlib

import pytest

from callcenter.domain.errors import TelephonyError
from ivr.ami import client as client_module
from ivr.ami.client import AmiClient
from ivr.ami.wire import login_key
from tests.asterisk_kit.waiting import eventually


class Wire:
    """One connection to a scripted Asterisk; `answers` is action -> list of packets."""

    def __init__(self, receiver, answers):
        self.receiver, self.answers = receiver, answers
        self.sent, self.dropped = [], None

    def send(self, data):
        action = dict(line.split(": ", 1) for line in data.decode().splitlines() if line)
        self.sent.append(action)
        for packet in self.answers.get(action["Action"], [{"Response": "Success"}]):
            self.receiver.received({"ActionID": action["ActionID"], **packet})

    def drop(self, why):
        if self.dropped is None:
            self.dropped = why
            self.receiver.lost(why)


class Asterisk:
    """Refuses the first `refusals` connections."""

    def __init__(self, answers=None, refusals=0):
        self.answers = {"Challenge": [{"Response": "Success", "Challenge": "42"}], **(answers or {})}
        self.refusals, self.wires = refusals, []

    async def connect(self, receiver, within):
        if self.refusals:
            self.refusals -= 1
            raise ConnectionRefusedError
        self.wires.append(Wire(receiver, self.answers))
        return self.wires[-1]


class Ears:
    def __init__(self, *, keeps_up=True):
        self.events, self.resyncs, self.keeps_up = [], 0, keeps_up

    def take(self, packet):
        self.events.append(packet)
        return self.keeps_up

    async def resync(self, ami):
        self.resyncs += 1


@contextlib.asynccontextmanager
async def running(asterisk, ears=None):
    client = AmiClient(asterisk.connect, "hotline", "secret", jitter=lambda: 0.0)
    task = asyncio.create_task(client.run(ears or Ears()))
    try:
        await eventually(lambda: client.ready)
        yield client
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def test_the_secret_never_goes_over_the_wire():
    asterisk = Asterisk()
    async with running(asterisk):
        login = next(action for action in asterisk.wires[0].sent if action["Action"] == "Login")
        assert login["Key"] == login_key("42", "secret")
        assert "secret" not in str(asterisk.wires[0].sent)


async def test_answers_find_their_action_whatever_the_order():
    asterisk = Asterisk({"Slow": [], "Quick": []})
    async with running(asterisk) as client:
        slow, quick = (asyncio.create_task(client.action(name)) for name in ("Slow", "Quick"))
        await eventually(lambda: len(asterisk.wires[0].sent) == 4)
        ids = {action["Action"]: action["ActionID"] for action in asterisk.wires[0].sent}
        for name in ("Quick", "Slow"):
            client.received({"Response": "Success", "ActionID": ids[name], "Message": name})
        assert (await slow)["Message"] == "Slow"
        assert (await quick)["Message"] == "Quick"


async def test_a_list_is_its_events_without_first_and_last_word():
    asterisk = Asterisk(
        {
            "QueueStatus": [
                {"Response": "Success", "EventList": "start"},
                {"Event": "QueueParams", "Queue": "a"},
                {"Event": "QueueMember", "Queue": "a"},
                {"Event": "QueueStatusComplete", "EventList": "Complete"},
            ]
        }
    )
    async with running(asterisk) as client:
        events = await client.listing("QueueStatus")
        assert [event["Event"] for event in events] == ["QueueParams", "QueueMember"]


async def test_a_refusal_is_an_error_in_the_hotlines_words():
    asterisk = Asterisk({"Originate": [{"Response": "Error", "Message": "13800138000 is bad"}]})
    async with running(asterisk) as client:
        with pytest.raises(TelephonyError) as error:
            await client.action("Originate")
        assert "13800138000" not in str(error.value)
        with pytest.raises(TelephonyError):
            await client.listing("Originate")


async def test_an_answer_that_does_not_come_in_time_is_an_error(monkeypatch):
    monkeypatch.setattr(client_module, "ANSWER_S", 0.01)
    async with running(Asterisk({"Slow": []})) as client:
        with pytest.raises(TelephonyError):
            await client.action("Slow")


async def test_after_a_loss_it_connects_and_resynchronises_again():
    asterisk, ears = Asterisk(refusals=2), Ears()
    async with running(asterisk, ears) as client:
        asterisk.wires[0].drop("line too long")
        assert not client.ready
        await eventually(lambda: client.ready)
        assert len(asterisk.wires) == 2
        assert ears.resyncs == 2


async def test_an_action_in_flight_fails_when_the_connection_is_lost():
    asterisk = Asterisk({"Slow": []})
    async with running(asterisk) as client:
        task = asyncio.create_task(client.action("Slow"))
        await eventually(lambda: len(asterisk.wires[0].sent) == 3)
        asterisk.wires[0].drop("")
        with pytest.raises(TelephonyError):
            await task
        with pytest.raises(TelephonyError):
            await client.action("Ping")


async def test_more_than_can_be_worked_off_costs_the_connection_not_the_memory(monkeypatch):
    asterisk = Asterisk()
    async with running(asterisk, Ears(keeps_up=False)) as client:
        client.received({"Event": "Newchannel"})
        assert "more events" in asterisk.wires[0].dropped
    monkeypatch.setattr(client_module, "MAX_LIST", 2)
    endless = [{"Response": "Success", "EventList": "start"}, *[{"Event": "E"}] * 3]
    asterisk = Asterisk({"QueueStatus": endless})
    async with running(asterisk) as client:
        with pytest.raises(TelephonyError):
            await client.listing("QueueStatus")
        assert "without end" in asterisk.wires[0].dropped


async def test_events_go_to_the_listener_and_answers_do_not():
    ears = Ears()
    async with running(Asterisk(), ears) as client:
        client.received({"Event": "QueueCallerJoin"})
        client.received({"Response": "Success", "ActionID": "somebody else's"})
        assert ears.events == [{"Event": "QueueCallerJoin"}]
