"""How a command of the command line fails: one sentence on stderr and exit code 1. Knows no command."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import typer
from rich.console import Console

from callcenter.domain.errors import HotlineError
from callcenter.setup.failures import SetupError


def fails_in_a_sentence(command: Callable[..., Any]) -> Callable[..., Any]:
    """What the hotline refuses is told to people, not thrown at them."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (HotlineError, SetupError) as error:
            Console(stderr=True).print(f"[red]✗[/] {error}", highlight=False)
            raise typer.Exit(1) from None

    return run
