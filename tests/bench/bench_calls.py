"""Calls that Asterisk completes with our flow, beside the same steps in plain dialplan.

Two Asterisks with the same configuration. One asks the real service (`callcenter serve` on SQLite: FastAGI,
AMI events, books from Asterisk's files); the other sets the same variables in the dialplan and nobody is
connected to it. Everything else is the same on both: greeting, recording, queue, seats, the file of the
finished call. Citizens and seats are SIPp; seats answer by themselves. Rounds in turn.
"""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from callcenter.config import Settings
from tests.bench.ami_ear import ear_at
from tests.bench.filled import number, ready_seats
from tests.bench.hotline import Load, LoadHotline
from tests.bench.measure import cpu_s, ratios, say, spread, table, verdict
from tests.e2e.hotline import free_base, settings_for
from tests.peers.smsc.peer import SmscPeer

GOAL = 0.95
SEATS = tuple(str(no) for no in range(5001, 5701))
"""So many because a seat that talked rests for the minute of its wrap-up."""

RATES = (20.0, 14.0, 9.0, 5.0)
"""Calls per second that are tried on the plain dialplan; the first that it sustains is used."""

TRIAL_S = 8.0
ROUND_S = 15.0
ROUNDS = 3
CALM = 0.7
"""Sustained means: no failed call, nothing sent twice, and so much of one core at most in Asterisk."""

SUCCEEDED, FAILED, AGAIN = "SuccessfulCall(C)", "FailedCall(C)", "Retransmissions(C)"
PLAIN = """exten => 12345,1,Gosub(begin,s,1(in,12345))
 same => n,Ringing()
 same => n,Set(HOTLINE_ROUTE=queue)
 same => n,Set(HOTLINE_QUEUE=general)
 same => n,Goto(main-told,s,1)
"""

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(400)]


class PlainHotline(LoadHotline):
    """The same dialplan, except that it decides itself what it would have asked us."""

    def lay_out(self) -> Path:
        conf = super().lay_out()
        (conf.parent / "site" / "numbers.conf").write_text(PLAIN)
        return conf


@dataclass(frozen=True, slots=True)
class Round:
    """`rate` is completed calls per second, the last ones' ends included; CPU is seconds per such call.

    `talked` of the `calls` were answered by a seat, as Asterisk's own queue_log says.
    """

    rate: float
    calls: int
    talked: int
    failed: float
    again: float
    asterisk: float
    service: float
    load: float


def roomy(settings: Settings) -> Settings:
    """Media ports for three hundred legs."""
    base = settings.console.port
    sip = settings.sip.model_copy(update={"rtp_start": base + 100, "rtp_end": base + 690})
    return settings.model_copy(update={"sip": sip})


@asynccontextmanager
async def started(hotline: LoadHotline, *, with_service: bool) -> AsyncIterator[tuple[LoadHotline, Load]]:
    hotline.seats = SEATS
    seats: Load | None = None
    try:
        if with_service:
            await hotline.prepare()
            await ready_seats(hotline.settings.database, SEATS)
        await hotline.start_asterisk()
        async with ear_at(hotline.settings) as ear:
            await ear.join_queue(SEATS)
        if with_service:
            await hotline.start_service()
        seats = await hotline.seats_answer(rings=0.1)
        yield hotline, seats
    finally:
        if seats is not None:
            await seats.end()
        await hotline.stop()


async def one_round(hotline: LoadHotline, rate: float, seconds: float) -> Round:
    assert hotline.asterisk is not None
    asterisk, service = hotline.asterisk.pid, hotline.service
    before = (cpu_s(asterisk), cpu_s(service.pid) if service.running else 0.0)
    talked = connects(hotline)
    begun = time.perf_counter()
    citizens = await hotline.citizens_call("12345", [number(n) for n in range(int(rate * seconds))], rate)
    try:
        await citizens.done(within=seconds + 40)
    finally:
        await citizens.end()
    took = time.perf_counter() - begun
    good, failed, again = citizens.counted(SUCCEEDED, FAILED, AGAIN)
    if failed:
        say(citizens.trouble())
    used = cpu_s(asterisk) - before[0]
    served = cpu_s(service.pid) - before[1] if service.running else 0.0
    calls = max(good, 1)
    return Round(
        rate=good / took,
        calls=int(good + failed),
        talked=connects(hotline) - talked,
        failed=failed,
        again=again,
        asterisk=used / calls,
        service=served / calls,
        load=used / took,
    )


def connects(hotline: LoadHotline) -> int:
    return hotline.site().folders.queue_log.read_text().count("|CONNECT|")


async def sustained(plain: LoadHotline) -> float:
    for rate in RATES:
        trial = await one_round(plain, rate, TRIAL_S)
        say(
            f"plain dialplan at {rate:g} calls/s: {trial.failed:.0f} failed, {trial.again:.0f} sent again, "
            f"Asterisk uses {trial.load:.0%} of a core"
        )
        if not trial.failed and not trial.again and trial.load <= CALM:
            return rate
    return RATES[-1]


async def test_our_flow_beside_plain_dialplan(
    folder: Path,
    smsc: SmscPeer,
) -> None:
    ours_at = roomy(settings_for(folder / "a", "", smsc.port, free_base("bench ours")))
    async with started(LoadHotline(ours_at), with_service=True) as (ours, _):
        plain_at = roomy(settings_for(folder / "b", "", smsc.port, free_base("bench plain")))
        async with started(PlainHotline(plain_at), with_service=False) as (plain, _):
            rate = await sustained(plain)
            rounds: dict[str, list[Round]] = {"ours": [], "plain": []}
            for _ in range(ROUNDS):
                rounds["ours"].append(await one_round(ours, rate, ROUND_S))
                rounds["plain"].append(await one_round(plain, rate, ROUND_S))
    report(rate, rounds)


COUNTED = (
    ("calls", "calls"),
    ("answered by a seat", "talked"),
    ("failed calls", "failed"),
    ("messages sent again", "again"),
)


def _sums(ours: Sequence[Round], plain: Sequence[Round]) -> list[tuple[str, str, str, str]]:
    def total(rounds: Sequence[Round], key: str) -> str:
        return f"{sum(getattr(one, key) for one in rounds):.0f}"

    return [(name, total(ours, key), total(plain, key), "") for name, key in COUNTED]


def report(rate: float, rounds: Mapping[str, list[Round]]) -> None:
    ours, plain = rounds["ours"], rounds["plain"]
    columns = {
        "completed calls/s": ([one.rate for one in ours], [one.rate for one in plain], 2),
        "Asterisk CPU ms per call": (
            [one.asterisk * 1000 for one in ours],
            [one.asterisk * 1000 for one in plain],
            1,
        ),
    }
    rows = [
        (
            name,
            spread(mine).text(digits=digits),
            spread(other).text(digits=digits),
            ratios(mine, other).text(digits=2),
        )
        for name, (mine, other, digits) in columns.items()
    ]
    service = spread([one.service * 1000 for one in ours])
    rows += [("service CPU ms per call", service.text(digits=1), "none", ""), *_sums(ours, plain)]
    table(
        f"Calls at {rate:g} per second, {ROUNDS} rounds of {ROUND_S:.0f} s in turn; median (least..greatest)",
        ("", "our flow", "plain dialplan", "ours / plain"),
        rows,
    )
    say(verdict("completed calls/s, ours / plain", ratios(*columns["completed calls/s"][:2]).median, GOAL))
