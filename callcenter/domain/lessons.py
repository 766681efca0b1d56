"""What one night of learning from confirmed choices came to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lesson:
    """`before`, `after`: share of unseen confirmed texts whose class was suggested first, 0 to 1.

    `kept` False: what was learned is not better than what is in force, and was thrown away.
    """

    texts: int
    before: float
    after: float
    handed_over: int  # classes for which the model is asked instead of the keyword table
    kept: bool
