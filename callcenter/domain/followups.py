"""回访: after a case is closed the citizen is asked, by text and then by telephone, whether it is solved.

Scores run from 1 (非常满意) to 5 (非常不满意). Answers are kept once and never changed.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum

from callcenter.domain.deadlines import quiet_until

BEST, WORST = 1, 5
DISSATISFIED = 4  # from here on the citizen is asked whether it is solved at all


class FollowUpState(StrEnum):
    ASKED = "asked"  # texted, waiting for the answer
    ASKED_SOLVED = "asked_solved"  # scored 4 or 5 by text, asked whether it is solved
    CALLING = "calling"  # an automatic call is under way
    DONE = "done"
    UNREACHED = "unreached"  # handed to a follow-up caller
    DROPPED = "dropped"  # the case went back to work before anybody answered


OPEN_STATES = (FollowUpState.ASKED, FollowUpState.ASKED_SOLVED, FollowUpState.CALLING)


@dataclass(frozen=True, slots=True)
class FollowUpPolicy:
    """`wait` after the text, `gaps` between the automatic calls, quiet hours in local time."""

    zone: tzinfo
    wait: timedelta = timedelta(hours=2)
    gap: timedelta = timedelta(hours=4)
    max_calls: int = 3
    call_takes: timedelta = timedelta(minutes=3)
    quiet_from: time = time(21, 0)
    quiet_to: time = time(8, 0)

    def not_quiet(self, moment: datetime) -> datetime:
        return quiet_until(moment, self.zone, self.quiet_from, self.quiet_to)


@dataclass
class FollowUp:
    id: str
    case_id: str
    contact_id: str
    number: str
    asked_at: datetime
    next_at: datetime  # when something must happen next
    state: FollowUpState = FollowUpState.ASKED
    calls: int = 0
    score: int | None = None
    solved: bool | None = None
    answered_at: datetime | None = None
    via: str = ""  # sms, call, person
    last_failure: str = ""

    def begin_call(self, now: datetime, policy: FollowUpPolicy) -> None:
        """Counted before dialling: a crash in between costs a try, never a fourth call."""
        self.calls += 1
        self.state = FollowUpState.CALLING
        self.next_at = now + policy.call_takes

    def call_failed(self, reason: str, now: datetime, policy: FollowUpPolicy) -> None:
        """Next try after the gap and outside the quiet hours; after the last one a person takes over."""
        self.last_failure = reason
        if self.calls >= policy.max_calls:
            self.state = FollowUpState.UNREACHED
            return
        self.state = FollowUpState.ASKED
        self.next_at = policy.not_quiet(now + policy.gap)

    def answer(self, score: int | None, solved: bool | None, via: str, now: datetime) -> None:
        """Take what the citizen said; a later word never overwrites an earlier one."""
        self.score = self.score if self.score is not None else score
        self.solved = self.solved if self.solved is not None else solved
        self.via = self.via or via
        self.answered_at = self.answered_at or now
        asks_on = self.solved is None and self.score is not None and self.score >= DISSATISFIED
        self.state = FollowUpState.ASKED_SOLVED if asks_on else FollowUpState.DONE
