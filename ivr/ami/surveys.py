"""Why a citizen whom we called was not reached. Pure; reads the end of the leg that we named.

`OriginateResponse` alone does not tell: in Asterisk 22 its `Reason` is 0 for a busy citizen as well. The
`Hangup` of the leg does, by its Q.850 cause. Asterisk sends the two from different threads, so either may
come first: whoever feeds us holds `OriginateResponse` back for `SETTLES_S`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ivr.ami.wire import Packet

SURVEY_PREFIX = "survey."
"""ActionID of an Originate that calls a citizen, and the id of the channel: `survey.<followup id>.<try>`."""

BY_CAUSE = {"17": "busy", "18": "no_answer", "19": "no_answer", "21": "rejected"}
"""Q.850 hang-up causes."""

UNREACHABLE = "unreachable"
SETTLES_S = 2.0
ANSWERED = "Up"


@dataclass(frozen=True, slots=True)
class SurveyFailed:
    """`reason` is busy, no_answer, rejected or unreachable."""

    followup_id: str
    reason: str


def survey_id(followup_id: str, attempt: str) -> str:
    """`attempt` makes it unlike every other call about the same follow-up."""
    return f"{SURVEY_PREFIX}{followup_id}.{attempt}"


def gave_up(event: Packet) -> bool:
    """Asterisk says that it could not reach the citizen of a survey."""
    return (
        event.get("Event") == "OriginateResponse"
        and event.get("Response") != "Success"
        and event.get("ActionID", "").startswith(SURVEY_PREFIX)
    )


class Surveys:
    """Feed it every event, what `gave_up` says `SETTLES_S` later than the others."""

    def __init__(self) -> None:
        self._causes: dict[str, str] = {}

    def forget(self) -> None:
        """After a reconnect: the core's own time limit ends what we missed."""
        self._causes.clear()

    def translate(self, event: Packet) -> Iterator[SurveyFailed]:
        if gave_up(event):
            survey = event["ActionID"]
            followup_id = survey.removeprefix(SURVEY_PREFIX).rpartition(".")[0]
            yield SurveyFailed(followup_id, BY_CAUSE.get(self._causes.pop(survey, ""), UNREACHABLE))
        elif _unanswered_end(event):
            self._causes[event["Uniqueid"]] = event.get("Cause", "")


def _unanswered_end(event: Packet) -> bool:
    return (
        event.get("Event") == "Hangup"
        and event.get("Uniqueid", "").startswith(SURVEY_PREFIX)
        and event.get("ChannelStateDesc") != ANSWERED
    )
