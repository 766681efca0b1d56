"""Runs set-up steps one after the other and shows name, progress and time of each.

A step that is done already says nothing, so a second start is short to read as well.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from callcenter.setup.commands import Tell, ask_for_root

WORDS_SHOWN = 60
"""Characters of a command's output that fit behind the step's name."""


@dataclass(frozen=True)
class Step:
    """One thing to make ready. `is_done` is cheap and needs no network."""

    name: str
    is_done: Callable[[], bool]
    run: Callable[[Tell], None]
    needs_root: bool = False


def run_steps(steps: Sequence[Step], console: Console) -> int:
    """Run what is not done yet; returns how many ran. The first `SetupError` ends it."""
    ran = 0
    for step in steps:
        if step.is_done():
            continue
        if step.needs_root:  # sudo may ask for a password, and the live line would hide its question
            ask_for_root(step.name)
        started = time.monotonic()
        with shown(step.name, console) as tell:
            step.run(tell)
        console.print(
            f"  [green]✓[/] {step.name}  [dim]{time.monotonic() - started:.1f} s[/]", highlight=False
        )
        ran += 1
    return ran


@contextmanager
def shown(name: str, console: Console) -> Iterator[Tell]:
    """A live line while a step runs; nothing is left of it afterwards."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[words]}", markup=True),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(name, total=None, words="")
        yield lambda words: progress.update(task, words=printable(words))


def printable(words: str) -> str:
    """Output of a command, short and without markup or control characters."""
    plain = "".join(letter for letter in words if letter.isprintable())
    return plain.replace("[", "(")[:WORDS_SHOWN]
