import re
from datetime import UTC, datetime, timedelta

from messaging.sms.repeats import MEMORY, Repeats

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def handled(repeats: Repeats, link: int, now: datetime, took: timedelta = SECOND / 10):
    sighting = repeats.see(b"body", link, now)
    sighting.handled = now + took
    return sighting.key


def test_a_message_that_was_never_handled_keeps_its_key():
    repeats = Repeats()
    first = repeats.see(b"body", 1, NOON)
    again = repeats.see(b"body", 1, NOON + 40 * SECOND)
    assert first.key == again.key
    assert again.handled is None


def test_a_promptly_answered_message_that_comes_again_is_a_new_one():
    repeats = Repeats()
    keys = {handled(repeats, 1, NOON + n * SECOND) for n in range(5)}
    assert len(keys) == 5


def test_a_late_answer_may_have_crossed_the_resend():
    repeats = Repeats()
    key = handled(repeats, 1, NOON, took=31 * SECOND)
    again = repeats.see(b"body", 1, NOON + 32 * SECOND)
    assert again.key == key
    assert again.handled is not None


def test_an_answer_that_died_with_its_link_is_a_resend_once():
    repeats = Repeats()
    key = handled(repeats, 1, NOON)
    again = repeats.see(b"body", 2, NOON + 60 * SECOND)
    assert again.key == key
    assert again.handled is not None
    assert repeats.see(b"body", 2, NOON + 90 * SECOND).key != key


def test_after_our_own_restart_a_resend_meets_the_same_key():
    assert handled(Repeats(), 1, NOON) == Repeats().see(b"body", 1, NOON + 60 * SECOND).key


def test_other_bytes_are_another_message():
    repeats = Repeats()
    assert repeats.see(b"1", 1, NOON).key != repeats.see(b"2", 1, NOON).key


def test_memory_is_given_back():
    repeats = Repeats()
    for number in range(100):
        repeats.see(str(number).encode(), 1, NOON)
    repeats.see(b"late", 1, NOON + MEMORY + SECOND)
    assert len(repeats._last) == 1


def test_the_key_shows_nothing_of_the_message():
    key = Repeats().see(b"13800000001 secret", 1, NOON).key
    assert re.fullmatch(r"[0-9a-f]{32}-\d+-0", key)
