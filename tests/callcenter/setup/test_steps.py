"""Steps run in order, only when needed, and the first failure ends them."""

import io

import pytest
from rich.console import Console

from callcenter.setup.commands import Tell
from callcenter.setup.failures import SetupError
from callcenter.setup.steps import Step, printable, run_steps


def terminal() -> Console:
    return Console(file=io.StringIO(), width=100)


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_done_steps_are_silent_and_the_others_show_their_time() -> None:
    ran: list[str] = []
    console = terminal()
    steps = [
        Step("Packages", lambda: True, lambda _tell: ran.append("packages")),
        Step("Sounds", lambda: False, lambda _tell: ran.append("sounds")),
    ]
    assert run_steps(steps, console) == 1
    assert ran == ["sounds"]
    assert written(console) == "  ✓ Sounds  0.0 s\n"


def test_a_later_step_may_be_made_needless_by_an_earlier_one() -> None:
    ran: list[str] = []
    steps = [
        Step("First", lambda: False, lambda _tell: ran.append("first")),
        Step("Second", lambda: bool(ran), lambda _tell: ran.append("second")),
    ]
    run_steps(steps, terminal())
    assert ran == ["first"]


def test_a_failure_ends_the_run() -> None:
    def fail(_tell: Tell) -> None:
        raise SetupError("no network")

    later: list[str] = []
    steps = [Step("A", lambda: False, fail), Step("B", lambda: False, lambda _tell: later.append("b"))]
    with pytest.raises(SetupError, match="no network"):
        run_steps(steps, terminal())
    assert later == []


def test_what_commands_print_cannot_disturb_the_terminal() -> None:
    assert printable("\x1b[31mred\x07 [bold]x") == "(31mred (bold]x"
    assert len(printable("x" * 500)) == 60
