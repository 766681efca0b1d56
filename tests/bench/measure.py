"""What all benchmarks share: rounds in turn, medians with their spread, CPU time of a process.

Machines drift; ratios of rounds that ran right after each other do not. So two things are measured
A B A B …, and a ratio is the median of the ratios of the pairs.
"""

import math
import os
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Spread:
    """Median with the least and the greatest."""

    median: float
    least: float
    greatest: float

    def text(self, unit: str = "", digits: int = 0) -> str:
        return f"{self.median:.{digits}f}{unit} ({self.least:.{digits}f}..{self.greatest:.{digits}f})"


def spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def ratios(ours: Sequence[float], peers: Sequence[float]) -> Spread:
    """Ours over the peer's, pair by pair in the order they ran."""
    return spread([mine / other for mine, other in zip(ours, peers, strict=True)])


def percentile(values: Sequence[float], percent: float) -> float:
    """The least value that so many percent of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def cpu_s(pid: int) -> float:
    """Seconds of CPU that the process has used so far, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def say(*lines: str) -> None:
    """Print whatever pytest captures or not."""
    sys.stdout.write("\n".join(("", *lines, "")))
    sys.stdout.flush()


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[n]) for row in (head, *rows)) for n in range(len(head))]
    say(
        title,
        *(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in (head, *rows)
        ),
    )


def verdict(name: str, ratio: float, goal: float) -> str:
    return f"{name}: {ratio:.2f} (goal {goal:g}) {'reached' if ratio >= goal else 'NOT REACHED'}"
