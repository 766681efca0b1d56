"""In which order the mails of a mailbox are tried; the poll itself is tested against a real server."""

from messaging.mail.imap import BATCH, MOST_FAILURES, Line

BAD = [str(uid) for uid in range(1, BATCH + 1)]


def test_mails_are_tried_as_they_stand_so_many_at_a_time():
    assert Line().order([*BAD, "900"]) == BAD


def test_a_hundred_that_fail_stand_behind_the_one_that_did_not():
    line = Line()
    line.looked(BAD, kept=False)
    assert line.order([*BAD, "900"]) == ["900", *BAD[:-1]]


def test_what_fails_in_three_looks_while_others_are_kept_is_given_up_and_said_once():
    line = Line()
    said = []
    for _ in range(MOST_FAILURES):
        assert "1" in line.order(["1", "2"])
        said.append(line.looked(["1"], kept=True))
    assert said == [[], [], ["1"]]
    assert line.order(["1", "3"]) == ["3"]


def test_nothing_is_given_up_while_the_database_is_away():
    line = Line()
    for _ in range(10 * MOST_FAILURES):
        assert line.looked(line.order(["1", "2"]), kept=False) == []
    assert line.order(["1", "2"]) == ["1", "2"]


def test_what_is_no_longer_unseen_is_forgotten():
    line = Line()
    for _ in range(MOST_FAILURES):
        line.looked(["1"], kept=True)
    assert line.order(["2"]) == ["2"]
    assert line.order(["1"]) == ["1"]
