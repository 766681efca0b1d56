"""Why a citizen whom we called was not reached. Pure; follows one leg from its ringing to its end.

`OriginateResponse` alone does not tell: in Asterisk 22 its `Reason` is 0 for a busy citizen as well.
The hang-up cause of the leg does, and the two are joined by the dialled string. Asterisk sends them from
two threads: either may come first.
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
    """One citizen's telephone. `failed` is the follow-up that Asterisk gave up before the leg's own end."""

    dialled: str
    cause: str = ""
    failed: str = ""


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
                yield from self._ended(event)
            case "OriginateResponse":
                yield from self._response(event)

    def _ended(self, event: Packet) -> Iterator[SurveyFailed]:
        leg, status = self._legs.pop(event.get("DestUniqueid", ""), None), event.get("DialStatus", "")
        if leg is None or status == "ANSWER":
            return
        reason = BY_CAUSE.get(leg.cause) or BY_STATUS.get(status, UNREACHABLE)
        if leg.failed:
            yield SurveyFailed(leg.failed, reason)
        else:
            self._reasons[leg.dialled] = reason

    def _response(self, event: Packet) -> Iterator[SurveyFailed]:
        dialled, action = event.get("Channel", "").removeprefix(TECHNOLOGY), event.get("ActionID", "")
        reason = self._reasons.pop(dialled, "")
        if not action.startswith(SURVEY_PREFIX) or event.get("Response") == "Success":
            return
        followup = action.removeprefix(SURVEY_PREFIX)
        ringing = [leg for leg in self._legs.values() if leg.dialled == dialled and not leg.failed]
        if ringing and not reason:
            ringing[0].failed = followup
        else:
            yield SurveyFailed(followup, reason or UNREACHABLE)
