"""How a command of the command line fails: one sentence on stderr and exit code 1. Knows no command."""

from collections.abc import Callable
from errno import EDQUOT, ENOSPC
from functools import wraps
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from callcenter.domain.errors import HotlineError
from callcenter.setup.failures import SetupError

FULL = frozenset({ENOSPC, EDQUOT})


def fails_in_a_sentence(command: Callable[..., Any]) -> Callable[..., Any]:
    """What the hotline refuses is told to people, not thrown at them."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (HotlineError, SetupError) as error:
            raise _told(str(error)) from None
        except OSError as error:
            if error.errno not in FULL:
                raise
            raise _told(f"写不下去：{error.strerror}。") from None

    return run


def _told(why: str) -> typer.Exit:
    """`why` may hold a file's name or a label with brackets, which are no markup."""
    Console(stderr=True).print(f"[red]✗[/] {escape(why)}", highlight=False)
    return typer.Exit(1)
