"""Asterisk's own files read into the books: queue_log, and one JSON file per finished call.

Both are written with or without us, so a call that ended while we were dead is in the books all the
same. A place in queue_log is kept in the same transaction as what was read; a call's file goes away
after its record is stored. What cannot be understood is put aside with a line in the log and blocks
nothing.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import structlog

from callcenter.domain.telephony import CallOutcome, CallRecord, QueueLogEntry
from callcenter.ports import Ledger
from ivr.ami.translate import seat_of
from ivr.queue_names import from_asterisk

log = structlog.get_logger(__name__)

ROUND_S = 0.5
CHUNK = 256 * 1024
"""Most bytes of queue_log per transaction."""

SETTLED_S = 5.0
"""A call's file younger than this may still be in the writing."""

PATIENCE = 20
"""Rounds in which others were stored and this one was not, until it is put aside."""

EMPTY_WAV = 44
WAV_BYTES_PER_S = 16_000
WHOLE = 0.9
"""A recording with less than this share of the conversation was cut, by a full disk as a rule."""

FEWEST_FIELDS = 5
ASIDE = "bad"
NOBODY = "NONE"


class Place(NamedTuple):
    """Where reading stopped: the file (it keeps its inode when it is rotated) and the byte."""

    inode: int = 0
    offset: int = 0

    @classmethod
    def parse(cls, cursor: str) -> "Place":
        inode, _, offset = cursor.partition(":")
        return cls(int(inode), int(offset)) if inode.isdigit() and offset.isdigit() else cls()

    def __str__(self) -> str:
        return f"{self.inode}:{self.offset}"


class QueueLogTail:
    """Whole lines only, across `queue_log`, `queue_log.0`, `queue_log.1` ... in the order of writing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, cursor: str) -> tuple[list[QueueLogEntry], str]:
        """The next entries and the cursor behind them; the same cursor when there is nothing new."""
        place = Place.parse(cursor)
        for file in self._from(place):
            inode = file.stat().st_ino
            offset = place.offset if inode == place.inode else 0
            lines, end = self._lines(file, offset)
            if end != offset:
                return list(_entries(lines)), str(Place(inode, end))
        return [], cursor

    def _from(self, place: Place) -> list[Path]:
        """The file where reading stopped and all newer ones; all when it is gone."""
        found = sorted(
            self._path.parent.glob(f"{self._path.name}*"), key=lambda file: file.stat().st_mtime_ns
        )
        files = [file for file in found if file == self._path or file.suffix[1:].isdigit()]
        inodes = [file.stat().st_ino for file in files]
        return files[inodes.index(place.inode) :] if place.inode in inodes else files

    @staticmethod
    def _lines(file: Path, offset: int) -> tuple[list[str], int]:
        with file.open("rb") as handle:
            if file.stat().st_size < offset:  # emptied in place: begin again
                offset = 0
            handle.seek(offset)
            data = handle.read(CHUNK)
        end = data.rfind(b"\n") + 1
        if not end and len(data) == CHUNK:  # no line is that long: skip it
            end = len(data)
        return data[:end].decode("utf-8", "replace").splitlines(), offset + end


def _entries(lines: list[str]) -> Iterator[QueueLogEntry]:
    for line in lines:
        try:
            yield parse_entry(line)
        except ValueError:
            log.warning("queue_log_line_skipped", length=len(line))


def parse_entry(line: str) -> QueueLogEntry:
    """`<seconds>|<call>|<queue>|<agent>|<event>|<data>...`; `ValueError` when it is not that."""
    fields = line.split("|")
    if len(fields) < FEWEST_FIELDS:
        raise ValueError("not a line of queue_log")
    stamp, call, queue, agent, event, *data = fields
    return QueueLogEntry(
        at=datetime.fromtimestamp(float(stamp), UTC),
        call_id=_known(call),
        queue=from_asterisk(_known(queue)),
        seat=seat_of(_known(agent)),
        event=event,
        data=tuple(data),
    )


def _known(word: str) -> str:
    return "" if word == NOBODY else word


class Spool:
    """Folder of finished calls, one JSON file each, see [books] in extensions.conf."""

    def __init__(self, folder: Path, recordings: Path) -> None:
        self._folder = folder
        self._recordings = recordings

    def files(self) -> list[Path]:
        """Oldest first."""
        return sorted(self._folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns)

    def read(self, file: Path) -> CallRecord | None:
        """None while it is in the writing, and after it was put aside because it makes no sense."""
        try:
            record = parse_record(file.read_text(encoding="utf-8"))
        except (ValueError, KeyError, TypeError, AttributeError):
            if time.time() - file.stat().st_mtime > SETTLED_S:
                self.put_aside(file)
            return None
        return replace(record, recording=self._kept(record))

    def put_aside(self, file: Path) -> None:
        (self._folder / ASIDE).mkdir(exist_ok=True)
        file.rename(self._folder / ASIDE / file.name)
        log.error("finished_call_put_aside", file=file.name, folder=ASIDE)

    def _kept(self, record: CallRecord) -> str:
        """The recording's name if there is one; a full disk leaves none or a part, and the call goes on."""
        path = self._recordings / record.recording
        if not record.recording:
            return ""
        if not path.is_file() or path.stat().st_size <= EMPTY_WAV:
            log.warning("recording_missing", file=record.recording)
            return ""
        recorded, talked = path.stat().st_size / WAV_BYTES_PER_S, record.talk_s
        if recorded < WHOLE * talked:
            log.warning("recording_cut", file=record.recording, recorded_s=recorded, talked_s=talked)
        return record.recording


def parse_record(text: str) -> CallRecord:
    """`ValueError`, `KeyError`, `TypeError` or `AttributeError` when it is not a record."""
    fields = json.loads(text)
    if not fields["call"]:
        raise ValueError("a call without an id")
    return CallRecord(
        call_id=str(fields["call"]),
        number=str(fields["number"]),
        dialled=str(fields["dialled"]),
        direction=str(fields["direction"]),
        started_at=datetime.fromisoformat(fields["started"]),
        answered_at=datetime.fromisoformat(fields["answered"]) if fields["answered"] else None,
        ended_at=datetime.fromisoformat(fields["ended"]),
        outcome=CallOutcome(fields["outcome"]),
        queue=str(fields["queue"]),
        seat=str(fields["seat"]),
        recording=str(fields["recording"]),
        message=str(fields["message"]),
    )


class LedgerReader:
    """Brings both sources into the `Ledger`, round after round. `source` names the Asterisk."""

    def __init__(self, ledger: Ledger, tail: QueueLogTail, spool: Spool, source: str) -> None:
        self._ledger = ledger
        self._tail = tail
        self._spool = spool
        self._source = source
        self._refused: Counter[str] = Counter()
        self._behind = False

    async def run(self) -> None:
        """Until cancelled. Nothing is lost while the database is away: files wait."""
        while True:
            try:
                await self.round()
                self._behind = False
            except Exception:
                if not self._behind:  # one line per trouble, not two a second
                    log.exception("ledger_behind")
                self._behind = True
            await asyncio.sleep(ROUND_S)

    async def round(self) -> None:
        """Everything that is there now."""
        await self._queue_log()
        await self._finished_calls()

    async def _queue_log(self) -> None:
        cursor = await self._ledger.cursor(self._source)
        while True:
            entries, behind = await asyncio.to_thread(self._tail.read, cursor)
            if behind == cursor:
                return
            await self._ledger.queue_log(entries, self._source, behind)
            cursor = behind

    async def _finished_calls(self) -> None:
        refused: list[Path] = []
        stored = 0
        for file in await asyncio.to_thread(self._spool.files):
            record = await asyncio.to_thread(self._spool.read, file)
            if record is None:
                continue
            if await self._store(record):
                file.unlink()
                stored += 1
            else:
                refused.append(file)
        self._judge(refused, others_stored=stored > 0)

    async def _store(self, record: CallRecord) -> bool:
        try:
            await self._ledger.finished_call(record)
        except Exception:
            log.exception("finished_call_refused", call=record.call_id)
            return False
        return True

    def _judge(self, refused: list[Path], *, others_stored: bool) -> None:
        """A record that fails while others succeed is poison; when all fail, the database is away."""
        if not others_stored:
            return
        for file in refused:
            self._refused[file.name] += 1
            if self._refused[file.name] >= PATIENCE:
                del self._refused[file.name]
                self._spool.put_aside(file)
