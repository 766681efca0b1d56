"""Asterisk's files into the books: across rotation, restarts, half lines and poison."""

import json
import os
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from callcenter.domain.telephony import CallOutcome, QueueLogEntry
from ivr import ledger as ledger_module
from ivr.ledger import LedgerReader, Place, QueueLogTail, Spool, parse_entry, parse_record
from tests.asterisk_kit.fakes import ListLedger

LINES = [
    "1795264391|ast1-1.0|hotline-general|NONE|ENTERQUEUE||13800138000|1",
    "1795264392|ast1-1.0|hotline-general|PJSIP/1027|CONNECT|1|ast1-2.1|0",
    "1795264395|ast1-1.0|hotline-general|PJSIP/1027|COMPLETECALLER|1|3|1",
]
RECORD = {
    "v": 1,
    "call": "ast1-1.0",
    "number": "13800138000",
    "dialled": "12345",
    "direction": "in",
    "started": "2026-11-21T12:33:10.992Z",
    "answered": "2026-11-21T12:33:11.494Z",
    "ended": "2026-11-21T12:33:15.001Z",
    "outcome": "served",
    "queue": "general",
    "seat": "1027",
    "recording": "20261121/ast1-1.0.wav",
    "message": "",
}


@pytest.fixture
def log(tmp_path):
    return tmp_path / "queue_log"


def read_all(tail, cursor=""):
    entries = []
    while True:
        some, behind = tail.read(cursor)
        if behind == cursor:
            return entries, cursor
        entries, cursor = entries + some, behind


def test_a_line_of_queue_log_in_the_hotlines_words():
    assert parse_entry(LINES[1]) == QueueLogEntry(
        datetime(2026, 11, 21, 12, 33, 12, tzinfo=UTC),
        "ast1-1.0",
        "general",
        "1027",
        "CONNECT",
        ("1", "ast1-2.1", "0"),
    )
    assert parse_entry("1795264391|NONE|NONE|NONE|QUEUESTART|").call_id == ""


@pytest.mark.parametrize("line", ["", "nonsense", "x|y|z|a|b", "1|2|3"])
def test_what_is_no_line_of_queue_log_is_refused(line):
    with pytest.raises(ValueError, match=r"queue_log|convert"):
        parse_entry(line)


def test_only_whole_lines_are_read_and_none_twice(log):
    tail = QueueLogTail(log)
    assert read_all(tail) == ([], "")
    log.write_text(LINES[0] + "\n" + LINES[1][:20])
    first, cursor = read_all(tail)
    assert [entry.event for entry in first] == ["ENTERQUEUE"]
    with log.open("a") as file:
        file.write(LINES[1][20:] + "\n")
    second, cursor = read_all(tail, cursor)
    assert [entry.event for entry in second] == ["CONNECT"]
    assert read_all(tail, cursor) == ([], cursor)


def test_rotation_while_nobody_read_loses_nothing(log):
    tail = QueueLogTail(log)
    log.write_text(LINES[0] + "\n")
    _, cursor = read_all(tail)
    with log.open("a") as file:
        file.write(LINES[1] + "\n")
    os.utime(log, (1, 1))
    log.rename(log.with_name("queue_log.0"))
    log.write_text(LINES[2] + "\n")
    entries, _ = read_all(tail, cursor)
    assert [entry.event for entry in entries] == ["CONNECT", "COMPLETECALLER"]


def test_a_file_that_was_emptied_in_place_is_read_from_its_beginning(log):
    log.write_text("".join(f"{line}\n" for line in LINES))
    _, cursor = read_all(QueueLogTail(log))
    log.write_text(LINES[0] + "\n")
    entries, _ = read_all(QueueLogTail(log), cursor)
    assert [entry.event for entry in entries] == ["ENTERQUEUE"]


def test_a_line_that_makes_no_sense_is_passed_over(log):
    log.write_bytes(b"garbage\n\xff\xfe\x00\n" + LINES[0].encode() + b"\n")
    entries, _ = read_all(QueueLogTail(log))
    assert [entry.event for entry in entries] == ["ENTERQUEUE"]


def test_a_line_longer_than_a_transaction_blocks_nothing(log, monkeypatch):
    monkeypatch.setattr(ledger_module, "CHUNK", 100)
    log.write_text("x" * 250 + "\n" + LINES[0] + "\n")
    entries, _ = read_all(QueueLogTail(log))
    assert [entry.event for entry in entries] == ["ENTERQUEUE"]


@given(st.integers(0, 2**63), st.integers(0, 2**63))
def test_a_place_survives_being_a_text(inode, offset):
    assert Place.parse(str(Place(inode, offset))) == Place(inode, offset)


@pytest.mark.parametrize("text", ["", "nonsense", "1:", ":1", "-1:5"])
def test_a_damaged_cursor_begins_again(text):
    assert Place.parse(text) == Place()


def test_a_finished_call_as_the_dialplan_writes_it():
    record = parse_record(json.dumps(RECORD))
    assert (record.call_id, record.outcome, record.seat) == ("ast1-1.0", CallOutcome.SERVED, "1027")
    assert record.answered_at == datetime(2026, 11, 21, 12, 33, 11, 494000, tzinfo=UTC)
    assert parse_record(json.dumps({**RECORD, "answered": ""})).answered_at is None


@pytest.fixture
def spool(tmp_path):
    folder, recordings = tmp_path / "calls", tmp_path / "recordings"
    for made in (folder, recordings / "20261121"):
        made.mkdir(parents=True)
    (recordings / "20261121/ast1-1.0.wav").write_bytes(b"x" * 100)
    return Spool(folder, recordings)


def put(spool, name, text, age=0.0):
    file = spool._folder / name
    file.write_text(text)
    os.utime(file, (time.time() - age,) * 2)
    return file


async def reader(spool, log, ledger):
    await LedgerReader(ledger, QueueLogTail(log), spool, "ast1").round()


async def test_a_stored_call_takes_its_file_away(spool, log):
    ledger, file = ListLedger(), put(spool, "a.json", json.dumps(RECORD))
    log.write_text(LINES[0] + "\n")
    await reader(spool, log, ledger)
    assert [record.call_id for record in ledger.records] == ["ast1-1.0"]
    assert [entry.event for entry in ledger.entries] == ["ENTERQUEUE"]
    assert not file.exists()
    assert ledger.records[0].recording == RECORD["recording"]


async def test_a_recording_that_is_not_there_is_not_promised(spool, log):
    ledger = ListLedger()
    put(spool, "a.json", json.dumps({**RECORD, "recording": "20261121/none.wav"}))
    await reader(spool, log, ledger)
    assert ledger.records[0].recording == ""


async def test_a_recording_that_was_cut_is_kept_and_said_so(spool, log):
    ledger = ListLedger()
    put(spool, "a.json", json.dumps(RECORD))
    with capture_logs() as said:
        await reader(spool, log, ledger)
    assert ledger.records[0].recording == RECORD["recording"]
    assert [(line["event"], line["talked_s"]) for line in said] == [("recording_cut", 3.507)]


async def test_a_file_in_the_writing_waits_and_poison_is_put_aside(spool, log):
    ledger = ListLedger()
    young, old = put(spool, "young.json", '{"v":1,'), put(spool, "old.json", "[1, 2]", age=60)
    put(spool, "good.json", json.dumps(RECORD))
    await reader(spool, log, ledger)
    assert young.exists()
    assert not old.exists()
    assert (old.parent / "bad" / "old.json").exists()
    assert len(ledger.records) == 1


async def test_while_the_database_is_away_files_wait(spool, log):
    ledger, file = ListLedger(broken=ConnectionError()), put(spool, "a.json", json.dumps(RECORD))
    with pytest.raises(ConnectionError):
        await reader(spool, log, ledger)
    assert file.exists()
    ledger.broken = None
    await reader(spool, log, ledger)
    assert not file.exists()


async def test_a_record_that_only_fails_by_itself_is_put_aside_in_the_end(spool, log, monkeypatch):
    monkeypatch.setattr(ledger_module, "PATIENCE", 2)
    ledger = ListLedger(poison="bad")
    poison = put(spool, "bad.json", json.dumps({**RECORD, "call": "bad"}))
    books = LedgerReader(ledger, QueueLogTail(log), spool, "ast1")
    await books.round()
    assert poison.exists()
    for number in range(2):
        put(spool, f"{number}.json", json.dumps({**RECORD, "call": f"c{number}"}))
        await books.round()
    assert (poison.parent / "bad" / "bad.json").exists()
    assert len(ledger.records) == 2
