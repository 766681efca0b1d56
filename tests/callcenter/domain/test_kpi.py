"""Figures from log lines, against a calculation done another way."""

from datetime import timedelta

from callcenter.domain import kpi
from callcenter.domain.telephony import QueueLogEntry
from tests.builders import FRIDAY_10


def line(
    second: int, call: str, event: str, *data: str, seat: str = "", queue: str = "general"
) -> QueueLogEntry:
    return QueueLogEntry(FRIDAY_10 + timedelta(seconds=second), call, queue, seat, event, data)


MORNING = [
    line(0, "a", "ENTERQUEUE", "", "138", "1"),
    line(4, "a", "CONNECT", "4", "x", "2", seat="1027"),
    line(64, "a", "COMPLETECALLER", "4", "60", "1", seat="1027"),
    line(64, "", "PAUSE", "wrapup", seat="1027"),
    line(94, "", "UNPAUSE", "", seat="1027"),
    line(10, "b", "ENTERQUEUE", "", "139", "1"),
    line(30, "b", "CONNECT", "20", "y", "3", seat="1028"),
    line(130, "b", "COMPLETEAGENT", "20", "100", "1", seat="1028"),
    line(20, "c", "ENTERQUEUE", "", "", "2"),
    line(23, "c", "ABANDON", "2", "2", "3"),
    line(40, "d", "ENTERQUEUE", "", "", "2"),
    line(100, "d", "ABANDON", "1", "2", "60"),
    line(50, "e", "ENTERQUEUE", "", "", "2"),
    line(350, "e", "EXITWITHTIMEOUT", "1", "2", "300"),
]


def values(calls: list[kpi.QueuedCall]) -> dict[str, float | None]:
    return {figure.key: figure.value for figure in kpi.figures(calls)}


def test_the_figures_of_a_morning() -> None:
    got = values(kpi.queued_calls(MORNING))
    assert got["offered"] == 5
    assert got["answered"] == 2
    assert got["abandoned"] == 2
    assert got["abandoned_short"] == 1
    assert got["timed_out"] == 1
    assert got["connect_rate"] == 2 / 5
    assert got["connect_rate_without_short"] == 2 / 4
    assert got["within_15s"] == 1 / 5
    assert got["asa"] == 12
    assert got["longest_wait"] == 300
    assert got["talk"] == 80
    assert got["acw"] == 30


def test_every_figure_counts_the_calls_it_shows() -> None:
    calls = kpi.queued_calls(MORNING)
    for figure in kpi.figures(calls):
        behind = kpi.behind(figure.key, calls)
        if figure.unit == "calls":
            assert len(behind) == figure.value
        if figure.denominator is not None and figure.key in {"asa", "talk", "acw", "connect_rate"}:
            assert len(behind) == figure.denominator


def test_a_call_that_comes_back_waited_once_and_talks_on() -> None:
    calls = kpi.queued_calls(
        [
            line(0, "a", "ENTERQUEUE", "", "", "1"),
            line(5, "a", "CONNECT", "5", "x", "2", seat="1027"),
            line(25, "a", "COMPLETEAGENT", "5", "20", "1", seat="1027"),
            line(30, "a", "ENTERQUEUE", "", "", "1"),
            line(31, "a", "CONNECT", "1", "y", "1", seat="1028"),
            line(61, "a", "COMPLETECALLER", "1", "30", "1", seat="1028"),
        ]
    )
    assert [(c.waited_s, c.talk_s, c.seat) for c in calls] == [(5.0, 50.0, "1027")]


def test_wrap_up_ends_with_a_break_as_well() -> None:
    calls = kpi.queued_calls(
        [
            line(0, "a", "ENTERQUEUE", "", "", "1"),
            line(1, "a", "CONNECT", "1", "x", "1", seat="1027"),
            line(11, "a", "COMPLETECALLER", "1", "10", "1", seat="1027"),
            line(11, "", "PAUSE", "wrapup", seat="1027"),
            line(20, "", "PAUSE", "break-meal", seat="1027"),
        ]
    )
    assert calls[0].acw_s == 9


def test_nothing_yet_is_nothing_and_not_zero_percent() -> None:
    got = values([])
    assert (got["offered"], got["within_15s"], got["asa"]) == (0, None, None)


def test_broken_numbers_in_the_log_do_not_break_the_figures() -> None:
    calls = kpi.queued_calls([line(0, "a", "ENTERQUEUE"), line(1, "a", "CONNECT", "x", seat="1027")])
    assert calls[0].waited_s == 0.0
