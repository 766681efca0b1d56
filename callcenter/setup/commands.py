"""Runs the commands of a set-up step: output into a log file, last line to the progress display.

Knows nothing of what the commands are for.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from callcenter.setup.failures import SetupError, explain

Tell = Callable[[str], None]
"""Shows what a step is doing right now, in a few words."""

Command = Sequence[str | Path]

PLAIN = {"NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
"""Output that can be read back: no colours, no translations."""

OUTPUT_TO_JUDGE = 20_000
"""Characters at the end of a failed command's output that are searched for the cause."""


def silent(_words: str) -> None:
    """A `Tell` for nobody."""


class Commands:
    """One step's way to run commands. `name` is what the person reads when one fails."""

    def __init__(self, name: str, log: Path, tell: Tell = silent) -> None:
        self.name = name
        self.tell = tell
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text("")

    def run(self, command: Command, *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> None:
        """Run to the end; `SetupError` with cause and remedy when it fails or does not exist."""
        seen_before = self._log.stat().st_size
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"$ {' '.join(map(str, command))}\n")
            log.flush()
            returned = self._stream(command, log.write, cwd, env)
        if returned != 0:
            output = self._log.read_bytes()[seen_before:].decode(errors="replace")
            raise SetupError(f"{explain(self.name, output[-OUTPUT_TO_JUDGE:])} (log: {self._log})")

    def run_as_root(self, command: Command, *, env: Mapping[str, str] | None = None) -> None:
        """The same with root's rights: directly as root, else through sudo."""
        prefix = root_prefix(self.name)
        settings = [f"{key}={value}" for key, value in (env or {}).items()]
        self.run([*prefix, "env", *settings, *command])

    def _stream(
        self,
        command: Command,
        write: Callable[[str], object],
        cwd: Path | None,
        env: Mapping[str, str] | None,
    ) -> int:
        process = self._start(command, cwd, env)
        with process as running:
            for line in running.stdout or ():
                write(line)
                if words := line.strip():
                    self.tell(words)
        return running.returncode

    def _start(
        self, command: Command, cwd: Path | None, env: Mapping[str, str] | None
    ) -> "subprocess.Popen[str]":
        try:
            return subprocess.Popen(  # noqa: S603 - every command is written in this package
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                cwd=cwd,
                env={**os.environ, **PLAIN, **(env or {})},
            )
        except FileNotFoundError as error:
            raise SetupError(f"{self.name} needs '{command[0]}', which is not installed.") from error


def root_prefix(name: str) -> tuple[str, ...]:
    """What to put before a command that needs root. `SetupError` when there is no way."""
    if os.geteuid() == 0:
        return ()
    if shutil.which("sudo"):
        return ("sudo",)
    raise SetupError(f"{name} needs root's rights; run the same command as root, or install sudo.")


def ask_for_root(name: str) -> None:
    """Let sudo ask for the password now, on the terminal, instead of in the middle of a step."""
    if root_prefix(name) and subprocess.run(["sudo", "-v"], check=False).returncode != 0:  # noqa: S607
        raise SetupError(f"{name} needs root's rights and sudo refused; run the same command as root.")
