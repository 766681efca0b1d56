"""Numbers, replies, seats, follow-ups: the small rules that people feel at once."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain.contacts import mask, normal_number
from callcenter.domain.errors import NotAllowedError
from callcenter.domain.followups import FollowUp, FollowUpPolicy, FollowUpState
from callcenter.domain.replies import ReplyKind, read_reply
from callcenter.domain.staff import AgentState, Seat
from tests.builders import CHINA, FRIDAY_10


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("13800005526", "13800005526"),
        ("+8613800005526", "13800005526"),
        ("008613800005526", "13800005526"),
        ("8613800005526", "13800005526"),
        ("0571-8888 8888", "057188888888"),
        ("anonymous", ""),
        ("", ""),
        ("12", ""),
        ("1" * 40, ""),
        ("１３８００００５５２６", ""),
        ("1380000552六", ""),
        ("'; DROP TABLE", ""),
    ],
)
def test_a_caller_id_has_one_form_or_none(raw: str, normal: str) -> None:
    assert normal_number(raw) == normal


@given(st.from_regex(r"\d{3,20}", fullmatch=True))
def test_a_mask_hides_at_least_four_digits_of_every_real_number(number: str) -> None:
    shown = mask(number)
    assert shown != number
    if len(number) >= 8:
        assert sum(map(str.isdigit, shown)) == 7


def test_a_withheld_number_says_so() -> None:
    assert mask("") == "未显示号码"


@pytest.mark.parametrize(
    ("text", "kind", "score"),
    [
        ("1", ReplyKind.SCORE, 1),
        ("５。", ReplyKind.SCORE, 5),
        ("五", ReplyKind.SCORE, 5),
        ("满意", ReplyKind.SCORE, 2),
        ("非常不满意！", ReplyKind.SCORE, 5),
        ("3分", ReplyKind.SCORE, 3),
        ("是", ReplyKind.SOLVED, None),
        ("没有解决", ReplyKind.UNSOLVED, None),
        ("N", ReplyKind.UNSOLVED, None),
        ("查", ReplyKind.PROGRESS, None),
        ("查 20261120-0012", ReplyKind.PROGRESS, None),
        ("6", ReplyKind.WORDS, None),
        ("12345", ReplyKind.WORDS, None),
        ("路还是坏的", ReplyKind.WORDS, None),
        ("", ReplyKind.WORDS, None),
    ],
)
def test_a_short_text_is_understood(text: str, kind: ReplyKind, score: int | None) -> None:
    reply = read_reply(text)
    assert (reply.kind, reply.score) == (kind, score)


def a_seat(state: AgentState = AgentState.READY) -> Seat:
    return Seat("1027", "user-1027", state, FRIDAY_10)


def test_two_missed_rings_in_a_row_take_the_seat_off_the_queue() -> None:
    seat = a_seat()
    for _ in range(2):
        seat.ring("call", FRIDAY_10)
        seat.ring_ended(FRIDAY_10, missed=True)
    assert (seat.state, seat.reason) == (AgentState.BUSY, "missed")


def test_an_answered_call_forgives_a_missed_one() -> None:
    seat = a_seat()
    seat.ring("a", FRIDAY_10)
    seat.ring_ended(FRIDAY_10, missed=True)
    seat.ring("b", FRIDAY_10)
    seat.answer("b", FRIDAY_10)
    assert seat.missed == 0


def test_wrap_up_is_extended_twice_and_no_more() -> None:
    seat = a_seat(AgentState.TALKING)
    seat.release(FRIDAY_10)
    seat.extend_wrap_up()
    seat.extend_wrap_up()
    assert seat.wrap_up_until == FRIDAY_10 + timedelta(seconds=120)
    with pytest.raises(NotAllowedError, match="两次"):
        seat.extend_wrap_up()


def test_nobody_leaves_in_the_middle_of_a_call() -> None:
    with pytest.raises(NotAllowedError):
        a_seat(AgentState.TALKING).choose(AgentState.OFF, FRIDAY_10)


POLICY = FollowUpPolicy(zone=CHINA)


def a_followup() -> FollowUp:
    return FollowUp("f", "case", "contact", "13800005526", FRIDAY_10, FRIDAY_10)


def test_the_third_failed_call_hands_over_to_a_person() -> None:
    followup = a_followup()
    for _ in range(3):
        followup.begin_call(FRIDAY_10, POLICY)
        followup.call_failed("no_answer", FRIDAY_10, POLICY)
    assert (followup.state, followup.calls) == (FollowUpState.UNREACHED, 3)


def test_the_next_try_avoids_the_quiet_hours() -> None:
    followup = a_followup()
    evening = FRIDAY_10.replace(hour=11)  # 19:00 in China, the gap would end at 23:00
    followup.begin_call(evening, POLICY)
    followup.call_failed("busy", evening, POLICY)
    assert followup.next_at.astimezone(CHINA).hour == 8


def test_a_low_score_asks_on_and_the_first_word_counts() -> None:
    followup = a_followup()
    followup.answer(5, None, "sms", FRIDAY_10)
    assert followup.state is FollowUpState.ASKED_SOLVED
    followup.answer(1, False, "sms", FRIDAY_10)
    assert (followup.score, followup.solved, followup.state) == (5, False, FollowUpState.DONE)
