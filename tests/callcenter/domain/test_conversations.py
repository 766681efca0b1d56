"""Who gets a conversation, and until when a platform lets us answer."""

from datetime import timedelta

from callcenter.domain.contacts import Identity
from callcenter.domain.conversations import CAPACITY, PRESSED, WRITTEN, Desk, choose, windowed
from tests.builders import FRIDAY_10

GENERAL = frozenset({"general"})


def test_the_seat_with_fewest_conversations_gets_it() -> None:
    assert choose([Desk("1027", GENERAL, 3), Desk("1028", GENERAL, 2)], "general") == "1028"


def test_who_talks_on_the_telephone_gets_it_last_among_equals() -> None:
    assert choose([Desk("1027", GENERAL, 1, busy=True), Desk("1028", GENERAL, 1)], "general") == "1028"
    assert choose([Desk("1027", GENERAL, 1, busy=True), Desk("1028", GENERAL, 2)], "general") == "1027"


def test_nobody_gets_more_than_one_can_look_after() -> None:
    assert choose([Desk("1027", GENERAL, CAPACITY)], "general") == ""


def test_a_skill_that_nobody_on_duty_has_is_for_the_general_seats() -> None:
    desks = [Desk("1027", GENERAL, 0), Desk("1001", frozenset({"business"}), CAPACITY)]
    assert choose(desks, "dialect") == "1027"
    assert choose(desks, "business") == ""  # somebody has it, and will have room
    assert choose([], "dialect") == ""


def test_a_key_shortens_no_window_that_is_open() -> None:
    identity = Identity("wechat", "wechat", "o1", "contact-1", FRIDAY_10)
    windowed(identity, "wechat", WRITTEN, FRIDAY_10)
    identity.quota_left -= 2
    windowed(identity, "wechat", PRESSED, FRIDAY_10 + timedelta(minutes=5))
    assert (identity.window_until, identity.quota_left) == (FRIDAY_10 + timedelta(hours=48), 3)
    windowed(identity, "wechat", WRITTEN, FRIDAY_10 + timedelta(minutes=6))
    assert identity.quota_left == 5


def test_where_the_platform_knows_no_window_there_is_none() -> None:
    identity = Identity("telegram", "telegram", "1", "contact-1", FRIDAY_10)
    windowed(identity, "telegram", WRITTEN, FRIDAY_10)
    assert identity.window_until is None
