"""What goes wrong while setting up, as one sentence with the remedy. Knows words, runs nothing."""

import re
from typing import NamedTuple


class SetupError(Exception):
    """Set-up or start cannot go on. The text is one sentence for the person at the terminal."""


class Cause(NamedTuple):
    """A cause as commands print it, what it means, and what helps."""

    pattern: str
    meaning: str
    remedy: str


# First match wins, so the narrow causes stand before the wide ones (apt says "failed to fetch" for
# a full disk as well).
CAUSES = (
    Cause(r"no space left|disk is full|enospc", "the disk is full", "free some space"),
    Cause(
        r"could not get lock|unable to acquire the dpkg",
        "another package manager is at work",
        "wait until it has ended",
    ),
    Cause(
        r"dpkg was interrupted",
        "an earlier installation was cut off",
        "run 'dpkg --configure -a' as root",
    ),
    Cause(
        r"a password is required|a terminal is required|not in the sudoers",
        "sudo refused the right it needs",
        "become root",
    ),
    Cause(
        r"permission denied|eacces|operation not permitted|read-only file system|are you root",
        "a right is missing",
        "become root, or make the project folder writable for this user",
    ),
    Cause(
        r"unable to locate package|has no installation candidate",
        "the apt sources lack a package",
        "enable the component 'main' (on Ubuntu 'universe' too)",
    ),
    Cause(
        r"failure resolving|resolve host|not resolve '\w|dns error|eai_again|enotfound|unreachable"
        r"|timed? ?out|econnre|connection refused|reset by peer|failed to fetch|error sending request"
        r"|could not connect|hash sum mismatch",
        "a download did not come through",
        "check the network and the proxy settings",
    ),
)


def explain(step: str, output: str) -> str:
    """The sentence for a failed step whose command printed `output`."""
    for cause in CAUSES:
        if re.search(cause.pattern, output, re.IGNORECASE):
            return f"{step} failed because {cause.meaning}; {cause.remedy} and run the same command again."
    return f"{step} failed: {_most_telling(output)}"


def _most_telling(output: str) -> str:
    """The first line that speaks of an error (with the next one, if it ends in a colon), else the last."""
    lines = [re.sub(r"\x1b\[[\d;]*m", "", line).strip() for line in output.splitlines()]
    lines = [line for line in lines if line]
    for number, line in enumerate(lines):
        if re.search(r"\berror\b", line, re.IGNORECASE):
            return " ".join(lines[number : number + 2]) if line.endswith(":") else line
    return lines[-1] if lines else "no output"
