"""The three flows over a scripted telephone: what is said, what is heard, what the core is told."""

import asyncio
from dataclasses import dataclass, field

import pytest

from callcenter.domain.telephony import Route, Routing
from ivr.agi.session import Hangup
from ivr.agi.wire import Environment, Reply
from ivr.flows import main as main_flow
from ivr.flows.main import main
from ivr.flows.night import night
from ivr.flows.survey import survey
from ivr.prompts import prompt_texts
from ivr.routes import FLOWS, Switchboard
from tests.asterisk_kit.fakes import ScriptedDesk
from tests.ivr.agi.test_session import Script

GONE = "gone"


@dataclass
class Telephone:
    """A session whose citizen presses `keys` in turn ('' = nothing, GONE = hangs up)."""

    keys: list[str] = field(default_factory=list)
    arguments: tuple[str, ...] = ()
    number: str = "13800138000"
    call_id: str = "c1"
    said: list[str] = field(default_factory=list)
    variables: dict[str, str | int] = field(default_factory=dict)

    def argument(self, place: int) -> str:
        return self.arguments[place] if place < len(self.arguments) else ""

    async def set_variable(self, name, value):
        self.variables[name] = value

    async def stream_file(self, prompt, stop_keys=""):
        self.said.append(prompt)
        return self._next() if stop_keys else ""

    async def get_data(self, prompt, wait, digits):
        self.said.append(prompt)
        return self._next()

    def _next(self) -> str:
        key = self.keys.pop(0) if self.keys else ""
        if key == GONE:
            raise Hangup
        return key


async def test_main_tells_the_dialplan_where_and_how_urgent():
    desk, phone = ScriptedDesk(routing=Routing(Route.QUEUE, "business", 10)), Telephone(arguments=("12319",))
    await main(phone, desk)
    assert desk.arrived == [("c1", "13800138000", "12319")]
    assert phone.variables == {"HOTLINE_ROUTE": "queue", "HOTLINE_QUEUE": "business", "QUEUE_PRIO": 10}
    assert phone.said == []


async def test_main_gives_up_before_the_dialplan_does(monkeypatch):
    monkeypatch.setattr(main_flow, "ANSWER_S", 0.01)

    class Slow(ScriptedDesk):
        async def arrive(self, call_id, number, dialled):
            await asyncio.sleep(5)

    with pytest.raises(TimeoutError):
        await main(Telephone(), Slow())


@pytest.mark.parametrize("keys", [["1"], ["", "1"]])
async def test_night_one_key_asks_for_a_call_back(keys):
    desk, phone = ScriptedDesk(), Telephone(keys)
    await night(phone, desk)
    assert desk.callbacks == ["c1"]
    assert phone.variables == {"HOTLINE_OUTCOME": "callback"}


@pytest.mark.parametrize(("why", "greeting"), [("closed", "closed-now"), ("busy", "all-busy")])
async def test_night_leaves_the_message_to_the_dialplan(why, greeting):
    desk, phone = ScriptedDesk(), Telephone(arguments=(why,))
    await night(phone, desk)
    assert phone.said == [greeting, "message-or-callback"]
    assert phone.variables == {}
    assert desk.callbacks == []


@pytest.mark.parametrize(
    ("keys", "answer", "last"),
    [
        (["1", "1"], ("f1", 1, True), "survey-thanks"),
        (["5", "2"], ("f1", 5, False), "survey-reopened"),
        (["9", "3", "1"], ("f1", 3, True), "survey-thanks"),
        (["", "", "2"], ("f1", None, False), "survey-reopened"),
        (["4", "7", "8"], ("f1", 4, None), "survey-thanks"),
    ],
)
async def test_survey_hears_what_was_pressed(keys, answer, last):
    desk, phone = ScriptedDesk(), Telephone(keys, arguments=("f1",))
    await survey(phone, desk)
    assert desk.surveys == [answer]
    assert phone.said[-1] == last


@pytest.mark.parametrize(
    ("keys", "surveys", "failures"),
    [
        ([GONE], [], [("f1", "hung_up")]),
        (["2", GONE], [("f1", 2, None)], []),
        (["", GONE], [], [("f1", "hung_up")]),
        (["", "", "", ""], [], [("f1", "hung_up")]),
    ],
)
async def test_survey_keeps_what_was_said_before_the_hang_up(keys, surveys, failures):
    desk, phone = ScriptedDesk(), Telephone(keys, arguments=("f1",))
    try:
        await survey(phone, desk)
    except Hangup:
        assert keys == []
    assert (desk.surveys, desk.failures) == (surveys, failures)


async def test_a_survey_that_is_not_wanted_any_more_asks_nothing():
    desk, phone = ScriptedDesk(case=None), Telephone(arguments=("f1",))
    await survey(phone, desk)
    assert phone.said == ["survey-over"]
    assert (desk.surveys, desk.failures) == ([], [])


async def test_every_prompt_of_the_flows_has_a_text():
    phones = [Telephone(["", "1"]), Telephone(), Telephone(["9", "9", "9", "9"]), Telephone(["5", "2"])]
    for phone, flow in zip(phones, (night, night, survey, survey), strict=True):
        await flow(phone, ScriptedDesk())
    await survey(phones[0], ScriptedDesk(case=None))
    said = {prompt for phone in phones for prompt in phone.said}
    assert said <= set(prompt_texts())


def environment(script: str) -> Environment:
    return Environment(script, "c1", "13800138000", ("12345",))


async def test_the_last_word_is_said_only_when_a_flow_came_to_its_end():
    connection = Script(*[Reply(200, "1")] * 3)
    await Switchboard(ScriptedDesk()).serve(connection, environment("main"))
    assert connection.asked[-1] == 'SET VARIABLE "AGI_DONE" "1"'
    assert connection.closed


@pytest.mark.parametrize("script", ["", "nonsense", "../main"])
async def test_an_unknown_script_is_left_to_the_dialplan(script):
    connection = Script()
    await Switchboard(ScriptedDesk()).serve(connection, environment(script))
    assert connection.asked == []
    assert connection.closed


@pytest.mark.parametrize("failure", [Hangup(), TimeoutError(), ValueError("a bug"), ConnectionError()])
async def test_a_flow_that_fails_ends_its_own_call_only(failure):
    async def broken(session, desk):
        raise failure

    connection = Script()
    await Switchboard(ScriptedDesk(), {**FLOWS, "main": broken}).serve(connection, environment("main"))
    assert connection.closed
