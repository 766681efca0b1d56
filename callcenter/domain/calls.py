"""A call as the books know it, from whichever side it was heard of first."""

from dataclasses import dataclass
from datetime import datetime

from callcenter.domain.telephony import CallRecord


@dataclass
class Call:
    """`id` is the Asterisk Uniqueid of the citizen's channel."""

    id: str
    started_at: datetime
    number: str = ""
    dialled: str = ""
    direction: str = "in"
    contact_id: str = ""
    queue: str = ""
    seat: str = ""
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str = ""
    recording: str = ""
    message: str = ""
    case_id: str = ""

    def finish(self, record: CallRecord) -> None:
        """The dialplan's own record has the last word on times and outcome."""
        self.started_at = record.started_at
        self.dialled = record.dialled
        self.direction = record.direction
        self.answered_at = record.answered_at
        self.ended_at = record.ended_at
        self.outcome = record.outcome.value
        self.queue = record.queue or self.queue
        self.seat = record.seat or self.seat
        self.recording = record.recording
        self.message = record.message

    @property
    def talk_s(self) -> float:
        if self.answered_at is None or self.ended_at is None:
            return 0.0
        return (self.ended_at - self.answered_at).total_seconds()
