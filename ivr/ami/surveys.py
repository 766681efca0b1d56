"""Why a citizen whom we called was not reached. Pure; follows one leg from its ringing to its end.

`OriginateResponse` alone does not tell: in Asterisk 22 its `Reason` is 0 for a busy citizen as well.
The hang-up cause of the leg comes before it, and the two are joined by the dialled string.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.ami.wire import Packet

TECHNOLOGY = "PJSIP/"
SURVEY_PREFIX = "survey:"
"""ActionID of an Originate that calls a citizen: `survey:<followup id>`."""

BY_CAUSE = {"17": "busy", "18": "no_answer", "19": "no_answer", "21": "rejected"}
"""Q.850 hang-up causes."""

BY_STATUS = {"BUSY": "busy", "NOANSWER": "no_answer"}
UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class SurveyFailed:
    """`reason` is busy, no_answer, rejected or unreachable."""

    followup_id: str
    reason: str


@dataclass(slots=True)
class _Leg:
    dialled: str
    cause: str = ""


class Surveys:
    """Feed it every event in order."""

    def __init__(self) -> None:
        self._legs: dict[str, _Leg] = {}
        self._reasons: dict[str, str] = {}

    def forget(self) -> None:
        """After a reconnect: the core's own time limit ends what we missed."""
        self._legs.clear()
        self._reasons.clear()

    def translate(self, event: Packet) -> Iterator[SurveyFailed]:
        match event.get("Event"):
            case "DialBegin" if "Channel" not in event:  # nobody's channel dials: an Originate
                self._legs[event.get("DestUniqueid", "")] = _Leg(event.get("DialString", ""))
            case "HangupRequest":
                if leg := self._legs.get(event.get("Uniqueid", "")):
                    leg.cause = event.get("Cause", "")
            case "DialEnd":
                self._ended(event)
            case "OriginateResponse":
                yield from self._response(event)

    def _ended(self, event: Packet) -> None:
        leg, status = self._legs.pop(event.get("DestUniqueid", ""), None), event.get("DialStatus", "")
        if leg and status != "ANSWER":
            self._reasons[leg.dialled] = BY_CAUSE.get(leg.cause) or BY_STATUS.get(status, UNREACHABLE)

    def _response(self, event: Packet) -> Iterator[SurveyFailed]:
        reason = self._reasons.pop(event.get("Channel", "").removeprefix(TECHNOLOGY), UNREACHABLE)
        action = event.get("ActionID", "")
        if action.startswith(SURVEY_PREFIX) and event.get("Response") != "Success":
            yield SurveyFailed(action.removeprefix(SURVEY_PREFIX), reason)
