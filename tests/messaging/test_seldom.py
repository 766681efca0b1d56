import structlog

from messaging.seldom import EVERY_S, SeldomLog


def test_the_same_is_said_once_a_minute_and_other_things_at_once():
    now = 0.0
    with structlog.testing.capture_logs() as lines:
        log = SeldomLog(lambda: now, account="sms-a")
        for _ in range(1000):
            log.warning("bad_message", reason="x")
        log.warning("stray_answer")
        now = EVERY_S
        log.warning("bad_message", reason="y")
    said = [(line["event"], line.get("reason"), line["account"]) for line in lines]
    assert said == [
        ("bad_message", "x", "sms-a"),
        ("stray_answer", None, "sms-a"),
        ("bad_message", "y", "sms-a"),
    ]


def test_a_failure_comes_with_its_traceback_once():
    with structlog.testing.capture_logs() as lines:
        log = SeldomLog(lambda: 0.0)
        for _ in range(3):
            try:
                int("x")
            except ValueError:
                log.exception("request_failed")
    assert [(line["event"], line["exc_info"]) for line in lines] == [("request_failed", True)]
