from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain.messages import Fragment, FragmentSeries
from messaging.sms import text
from messaging.sms.reassembly import LIMIT, Reassembly, join
from tests.messaging.fake_outbox import FakeFragments, FakeInbox

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LONG = "路面塌陷😀，围挡倒了，" * 20


def fragments(words: str = LONG, reference: int = 7) -> list[Fragment]:
    pieces = [text.split_header(part.payload) for part in text.segments(words, reference)]
    return [
        Fragment(
            FragmentSeries("sms-a", "13800000001", "10690012345", place.reference, place.total),
            place.number,
            8,
            payload,
            NOON,
        )
        for place, payload in pieces
        if place
    ]


@pytest.fixture
def inbox():
    return FakeInbox()


@pytest.fixture
def reassembly(inbox):
    return Reassembly(FakeFragments(), inbox)


@given(st.permutations(fragments()))
async def test_parts_in_any_order_become_the_text(parts):
    inbox = FakeInbox()
    reassembly = Reassembly(FakeFragments(), inbox)
    for part in parts:
        await reassembly.add(part)
    assert inbox.texts == [LONG]


async def test_a_part_that_comes_twice_is_one_part(reassembly, inbox):
    first, *rest = fragments()
    for part in (first, first, *rest):
        await reassembly.add(part)
    assert inbox.texts == [LONG]


async def test_two_long_messages_of_one_citizen_do_not_mix(reassembly, inbox):
    for one, other in zip(fragments(LONG, 1), fragments(LONG[::-1], 2), strict=True):
        await reassembly.add(one)
        await reassembly.add(other)
    assert inbox.texts == [LONG, LONG[::-1]]


async def test_a_part_that_never_comes_leaves_a_gap_after_the_limit(reassembly, inbox):
    first, _, *rest = fragments()
    for part in (first, *rest):
        await reassembly.add(part)
    await reassembly.sweep("sms-a", NOON + LIMIT - timedelta(seconds=1))
    assert inbox.texts == []
    await reassembly.sweep("sms-a", NOON + LIMIT + timedelta(seconds=1))
    rest_of_it = b"".join(part.payload for part in rest).decode("utf-16-be")
    assert inbox.texts == [first.payload.decode("utf-16-be") + "…" + rest_of_it]
    await reassembly.sweep("sms-a", NOON + LIMIT * 2)
    assert len(inbox.texts) == 1


async def test_a_crash_between_inbox_and_forgetting_doubles_nothing():
    class Forgetful(FakeFragments):
        async def forget(self, series):
            """Died before."""

    inbox, stored = FakeInbox(), Forgetful()
    for part in fragments():
        await Reassembly(stored, inbox).add(part)
    await Reassembly(stored, inbox).add(fragments()[-1])
    assert inbox.texts == [LONG]
    assert len(inbox.deliveries) == 2


async def test_when_the_inbox_is_away_the_parts_stay():
    inbox, stored = FakeInbox(), FakeFragments()
    reassembly = Reassembly(stored, inbox)
    *early, last = fragments()
    for part in early:
        await reassembly.add(part)
    inbox.broken = True
    with pytest.raises(ConnectionError):
        await reassembly.add(last)
    inbox.broken = False
    await reassembly.add(last)
    assert inbox.texts == [LONG]
    assert stored.series == {}


def test_a_character_cut_between_two_parts_is_whole_again():
    whole = "😀".encode("utf-16-be")
    series = FragmentSeries("sms-a", "1", "2", 1, 2)
    parts = [Fragment(series, 1, 8, whole[:2], NOON), Fragment(series, 2, 8, whole[2:], NOON)]
    assert join(parts).text == "😀"


def test_parts_of_different_coding_are_read_each_in_its_own():
    series = FragmentSeries("sms-a", "1", "2", 1, 2)
    parts = [Fragment(series, 1, 0, b"abc", NOON), Fragment(series, 2, 8, "查".encode("utf-16-be"), NOON)]
    assert join(parts).text == "abc查"
