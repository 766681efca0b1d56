"""The calls behind a figure, and a recording as it is played."""

import wave
from array import array
from collections.abc import Sequence
from pathlib import Path

from agent_console import schemas
from callcenter.domain.calls import Call
from callcenter.domain.contacts import mask
from callcenter.domain.errors import NotFoundError
from callcenter.domain.kpi import QueuedCall
from callcenter.usecases import supervise
from callcenter.usecases.context import Context
from callcenter.usecases.supervise import Scope

PEAKS = 120
SAMPLE_MAX = 32_768.0


async def call_page(context: Context, key: str, scope: Scope, page: int, size: int) -> schemas.CallPage:
    behind = await supervise.calls_behind(context, key, scope)
    shown = behind[(page - 1) * size : page * size]
    ids = [call.call_id for call in shown]
    async with context.reading() as uow:
        calls = await uow.calls.some(ids)
        reports = await uow.reports.of_calls(ids)
        cases = await uow.cases.some(call.case_id for call in calls.values() if call.case_id)
    titles = {call_id: report.title for call_id, report in reports.items()}
    numbers = {call.id: cases[call.case_id].number for call in calls.values() if call.case_id in cases}
    return schemas.CallPage(
        rows=[_row(q, calls.get(q.call_id), titles, numbers) for q in shown],
        total=len(behind),
        page=page,
        size=size,
    )


def _row(
    queued: QueuedCall, call: Call | None, titles: dict[str, str], numbers: dict[str, str]
) -> schemas.CallRow:
    return schemas.CallRow(
        call_id=queued.call_id,
        at=queued.entered_at,
        number=mask(call.number if call else ""),
        dialled=call.dialled if call else "",
        queue=queued.queue,
        seat=queued.seat,
        outcome=_outcome(queued, call),
        waited_s=queued.waited_s,
        talk_s=queued.talk_s,
        acw_s=queued.acw_s,
        recording=bool(call and (call.recording or call.message)),
        title=titles.get(queued.call_id, ""),
        case_number=numbers.get(queued.call_id, ""),
    )


def _outcome(queued: QueuedCall, call: Call | None) -> str:
    if call is not None and call.outcome:
        return call.outcome
    return "served" if queued.answered else "abandoned" if queued.abandoned else ""


def sound_file(folders: Sequence[Path], call: Call | None) -> Path:
    """The recording, or the message left. Raises `NotFoundError`; a name never leaves its folder."""
    name = (call.recording or call.message) if call else ""
    places = [(folder / name).resolve() for folder in folders if name]
    found = [
        at for at, home in zip(places, folders, strict=False) if at.is_relative_to(home) and at.is_file()
    ]
    if not found:
        raise NotFoundError("这通电话的录音")
    return found[0]


def peaks(path: Path) -> tuple[float, list[float]]:
    """Length in seconds and 120 peak levels (0 to 1) of a 16-bit PCM file."""
    try:
        with wave.open(str(path), "rb") as sound:
            frames, rate = sound.getnframes(), sound.getframerate()
            samples = array("h", sound.readframes(frames))
    except (wave.Error, EOFError, ValueError):
        return 0.0, []
    step = max(1, len(samples) // PEAKS)
    levels = [
        max(map(abs, samples[at : at + step]), default=0) / SAMPLE_MAX for at in range(0, len(samples), step)
    ]
    return frames / rate, levels[:PEAKS]
