"""回访: two questions to a citizen whom we called. Whatever was said before a hang-up counts."""

from collections.abc import Container
from dataclasses import dataclass

from callcenter.ports import CallDesk
from ivr.agi.session import Hangup, Session

KEY_WAIT_S = 6
TRIES = 2
SCORES = {key: int(key) for key in "12345"}
"""1 very satisfied ... 5 very dissatisfied."""

SOLVED = {"1": True, "2": False}


@dataclass
class Answers:
    score: int | None = None
    solved: bool | None = None

    @property
    def nothing(self) -> bool:
        return self.score is None and self.solved is None


async def survey(session: Session, desk: CallDesk) -> None:
    """Argument 0 is the id of the follow-up."""
    followup_id = session.argument(0)
    if await desk.survey_case(followup_id) is None:
        await session.stream_file("survey-over")
        return
    answers = Answers()
    try:
        await _ask_both(session, answers)
    except Hangup:
        await _report(desk, followup_id, answers)
        raise
    await _report(desk, followup_id, answers)
    await session.stream_file("survey-reopened" if answers.solved is False else "survey-thanks")


async def _ask_both(session: Session, answers: Answers) -> None:
    await session.stream_file("survey-intro")
    if key := await _ask(session, "survey-score", SCORES):
        answers.score = SCORES[key]
    if key := await _ask(session, "survey-solved", SOLVED):
        answers.solved = SOLVED[key]


async def _ask(session: Session, prompt: str, keys: Container[str]) -> str:
    """One of `keys`, or '' after so many tries."""
    for _ in range(TRIES):
        key = await session.get_data(prompt, KEY_WAIT_S, 1)
        if key in keys:
            return key
        await session.stream_file("not-understood")
    return ""


async def _report(desk: CallDesk, followup_id: str, answers: Answers) -> None:
    if answers.nothing:
        await desk.survey_failed(followup_id, "hung_up")
    else:
        await desk.survey_answered(followup_id, answers.score, answers.solved)
