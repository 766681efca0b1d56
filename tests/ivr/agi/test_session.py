"""A session's commands, and the time that Asterisk is told before each long one."""

import pytest

from ivr.agi.session import CommandError, Hangup, Session
from ivr.agi.wire import Environment, Reply

OK = Reply(200, "0")


class Script:
    """A connection that answers from a list and writes down what was asked."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.asked: list[str] = []
        self.closed = False

    async def ask(self, command: bytes, within: float) -> Reply:
        self.asked.append(command.decode().rstrip("\n"))
        return self.replies.pop(0)

    def close(self) -> None:
        self.closed = True


def session(*replies: Reply) -> tuple[Session, Script]:
    script = Script(*replies)
    environment = Environment("main", "c1", "13800138000", ("12345",))
    return Session(script, environment, lambda prompt: float(len(prompt))), script


async def test_before_a_long_step_asterisk_is_told_how_long_it_may_take():
    call, script = session(OK, Reply(200, "5"))
    assert await call.get_data("survey-score", 6, 1) == "5"
    assert script.asked == [
        'SET VARIABLE "TIMEOUT(absolute)" "21"',
        'GET DATA "survey-score" "6000" "1"',
    ]


@pytest.mark.parametrize(
    ("reply", "key"), [(Reply(200, "49"), "1"), (Reply(200, "0"), ""), (Reply(200, "35"), "#")]
)
async def test_a_key_that_cuts_a_prompt_short(reply, key):
    call, script = session(OK, reply)
    assert await call.stream_file("welcome", "1#") == key
    assert script.asked[1] == 'STREAM FILE "welcome" "1#"'


async def test_a_variable_that_is_not_set_is_empty():
    call, _ = session(Reply(200, "0"), Reply(200, "1", "x"))
    assert [await call.get_variable("A"), await call.get_variable("B")] == ["", "x"]


@pytest.mark.parametrize("reply", [Reply(200, "-1"), Reply(511)])
async def test_a_gone_caller_is_an_exception_at_any_line(reply):
    for step in ("answer", "done", "hang_up"):
        call, _ = session(reply, reply)
        with pytest.raises(Hangup):
            await getattr(call, step)()


async def test_a_command_that_asterisk_does_not_know_is_our_fault():
    call, _ = session(Reply(510))
    with pytest.raises(CommandError, match="510"):
        await call.verbose("hello")


async def test_missing_arguments_are_empty():
    call, _ = session()
    assert [call.argument(0), call.argument(1)] == ["12345", ""]
