"""AMI's packets, cut anywhere; actions that cannot smuggle a line."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.ami.wire import MAX_LINE, MAX_PACKET_LINES, Packets, WireError, format_action, login_key

DIALOGUE = (
    b"Asterisk Call Manager/9.0.0\r\n"
    b"Response: Success\r\nActionID: a-1\r\nChallenge: 123456\r\n\r\n"
    b"Event: QueueCallerJoin\r\nQueue: hotline-general\r\nCallerIDName: \r\nPosition: 1\r\n\r\n"
    b"Response: Success\r\nOutput: one\r\nOutput: two: three\r\n\r\n"
)
WHOLE_STORY = [
    {"Response": "Success", "ActionID": "a-1", "Challenge": "123456"},
    {"Event": "QueueCallerJoin", "Queue": "hotline-general", "CallerIDName": "", "Position": "1"},
    {"Response": "Success", "Output": "one\ntwo: three"},
]


@pytest.mark.parametrize("cut", range(len(DIALOGUE)))
def test_a_dialogue_cut_at_any_byte_is_the_same_dialogue(cut):
    packets = Packets()
    assert [*packets.feed(DIALOGUE[:cut]), *packets.feed(DIALOGUE[cut:])] == WHOLE_STORY


@pytest.mark.parametrize(
    "noise",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"x" * (MAX_LINE + 1),
        b"Asterisk Call Manager/9.0.0\r\nno colon here\r\n\r\n",
        b"Asterisk Call Manager/9.0.0\r\n" + b"A: b\r\n" * (MAX_PACKET_LINES + 1),
        b"Asterisk Call Manager/9.0.0\r\nA: " + b"b" * MAX_LINE + b"\r\n",
    ],
)
def test_peers_that_do_not_speak_ami_are_refused(noise):
    with pytest.raises(WireError):
        Packets().feed(noise)


@given(st.binary())
def test_no_bytes_at_all_do_more_than_be_refused(data):
    packets = Packets()
    with contextlib.suppress(WireError):
        packets.feed(b"Asterisk Call Manager/9.0.0\r\n" + data)


def test_an_action_is_its_lines_and_an_empty_one():
    assert format_action("Setvar", "a-1", [("Variable", "AGI_BEAT"), ("Value", 7)]) == (
        b"Action: Setvar\r\nActionID: a-1\r\nVariable: AGI_BEAT\r\nValue: 7\r\n\r\n"
    )


@pytest.mark.parametrize("bad", ["1\r\nAction: Command", "1\n", "\0"])
def test_a_field_cannot_begin_another_line(bad):
    with pytest.raises(ValueError, match="one line"):
        format_action("Originate", "a-1", [("Exten", bad)])


def test_the_secret_is_answered_by_its_digest():
    """By md5sum over '840415273mysecret'."""
    assert login_key("840415273", "mysecret") == "72ee2809cbf69e9bdb27bdd924cda8e3"
