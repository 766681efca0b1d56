"""AGI's lines, cut anywhere, quoted whatever they hold."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.agi.wire import (
    HANGUP,
    MAX_ENVIRONMENT,
    MAX_LINE,
    MAX_USAGE,
    Conversation,
    Environment,
    Reply,
    WireError,
    format_command,
    parse_reply,
    quote,
)

INTRODUCTION = (
    b"agi_network: yes\nagi_network_script: main\nagi_request: agi://127.0.0.1/main\n"
    b"agi_channel: PJSIP/trunk-00000001\nagi_uniqueid: ast1-1795263642.0\nagi_callerid: 13800138000\n"
    b"agi_dnid: 12345\nagi_arg_1: 12345\nagi_arg_2: closed\n\n"
)
DIALOGUE = (
    INTRODUCTION
    + b"200 result=1\n200 result=0 (timeout) endpos=8000\r\nHANGUP\n"
    + b"520-Invalid command syntax.  Proper usage follows:\nUsage: ANSWER\n520 End of proper usage.\n"
    + b"510 Invalid or unknown command\n511 Command Not Permitted on a dead channel or intercept routine\n"
)
WHOLE_STORY = [
    Environment("main", "ast1-1795263642.0", "13800138000", ("12345", "closed")),
    Reply(200, "1"),
    Reply(200, "0", "timeout"),
    HANGUP,
    Reply(520),
    Reply(510),
    Reply(511),
]


@pytest.mark.parametrize("cut", range(len(DIALOGUE)))
def test_a_dialogue_cut_at_any_byte_is_the_same_dialogue(cut):
    conversation = Conversation()
    assert [*conversation.feed(DIALOGUE[:cut]), *conversation.feed(DIALOGUE[cut:])] == WHOLE_STORY


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("200 result=1", Reply(200, "1")),
        ("200 result=-1", Reply(200, "-1")),
        ("200 result=49 endpos=1234", Reply(200, "49")),
        ("200 result=1 (a value) with a bracket)", Reply(200, "1", "a value) with a bracket")),
        ("200 result= (timeout)", Reply(200, "", "timeout")),
        ("200 result=12*#", Reply(200, "12*#")),
        ("510 Invalid or unknown command", Reply(510)),
    ],
)
def test_replies_as_asterisk_writes_them(line, reply):
    assert parse_reply(line) == reply


@pytest.mark.parametrize("line", ["", "nonsense", "20 result=1", "HELLO 200 result=1"])
def test_what_is_no_reply_is_refused(line):
    with pytest.raises(WireError):
        parse_reply(line)


def test_a_dead_channel_and_minus_one_mean_that_the_caller_is_gone():
    assert Reply(511).hung_up
    assert Reply(200, "-1").hung_up
    assert not Reply(200, "0").hung_up


@pytest.mark.parametrize(
    "noise",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"A" * (MAX_LINE + 1),
        b"agi_x: y\n" * (MAX_ENVIRONMENT + 1),
        b"agi_network_script: main\n\n",
        b"\n",
        b"\xff\xfe\x00\n",
    ],
)
def test_peers_that_do_not_speak_agi_are_refused(noise):
    with pytest.raises(WireError):
        Conversation().feed(noise)


def test_a_usage_text_without_end_is_refused():
    conversation = Conversation()
    conversation.feed(INTRODUCTION)
    with pytest.raises(WireError, match="too long"):
        conversation.feed(b"520-usage\n" + b"line\n" * (MAX_USAGE + 1))


def test_a_caller_without_a_number_has_none():
    lines = INTRODUCTION.replace(b"13800138000", b"unknown")
    (environment,) = Conversation().feed(lines)
    assert environment.number == ""


@given(st.binary())
def test_no_bytes_at_all_do_more_than_be_refused(data):
    with contextlib.suppress(WireError):
        Conversation().feed(data)


@given(st.lists(st.text(alphabet=st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))))
def test_arguments_survive_quoting(arguments):
    """Read back as Asterisk reads them: quotes group, a backslash takes the next character as it is."""
    line = format_command("VERBOSE", *arguments).decode()
    assert line.endswith("\n")
    assert unquoted(line[len("VERBOSE") : -1]) == arguments


def unquoted(text: str) -> list[str]:
    characters = iter(text)
    return ["".join(_until_quote(characters)) for character in characters if character == '"']


def _until_quote(characters):
    for character in characters:
        if character == '"':
            return
        yield next(characters) if character == "\\" else character


@pytest.mark.parametrize("bad", ["a\nHANGUP", "a\r", "\0"])
def test_one_command_is_one_line(bad):
    with pytest.raises(ValueError, match="one line"):
        format_command("VERBOSE", bad)


def test_quotes_and_backslashes_are_escaped():
    assert quote('a"b\\c') == '"a\\"b\\\\c"'
