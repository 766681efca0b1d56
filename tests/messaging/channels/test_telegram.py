"""The Telegram channel against a Bot API of the tests, over HTTP and with the library's own types."""

import asyncio
from datetime import timedelta

import pytest
from pydantic import ValidationError

from callcenter.domain.messages import (
    Attachment,
    Fault,
    Kind,
    Outbound,
    Outcome,
    PlanError,
    Purpose,
    SendResult,
)
from messaging.channels import build
from tests.messaging.mail.around import Around
from tests.messaging.telegram.desk import Desk, desk_at
from tests.peers.telegram.bot_api import (
    CITIZEN,
    TOKEN,
    Failure,
    running_bot_api,
)

PUBLIC = "https://12345.lanjiang.example"
PICTURE = b"\xff\xd8\xff\xe0 picture"


@pytest.fixture
async def api():
    async with running_bot_api() as one:
        yield one


@pytest.fixture
async def desk(api):
    async with desk_at(api.url, opened=False) as one:
        yield one


def words(text="您的诉求已受理", to=str(CITIZEN), **more):
    return Outbound(id="m1", channel="telegram", to=to, text=text, purpose=Purpose.REPLY, **more)


async def send(desk, message) -> list[SendResult]:
    return [await desk.channel.send(message, part) for part in desk.channel.plan(message)]


# --------------------------------------------------------------------------- out


async def test_words_arrive_and_are_named_by_chat_and_message(api, desk):
    (result,) = await send(desk, words())
    (sent,) = api.sent
    assert (sent.method, sent.chat, sent.text) == ("sendMessage", CITIZEN, "您的诉求已受理")
    assert result == SendResult(Outcome.ACCEPTED, f"{CITIZEN}:1")


async def test_a_long_text_is_several_messages_each_with_its_own_name(api, desk):
    text = "一" * 4000 + "\n" + "😀" * 2100
    results = await send(desk, words(text))
    assert [sent.text for sent in api.sent] == ["一" * 4000, "😀" * 2048, "😀" * 52]
    assert len({result.ref for result in results}) == 3


@pytest.mark.parametrize(
    ("kind", "mime", "method"),
    [
        (Kind.IMAGE, "image/jpeg", "sendPhoto"),
        (Kind.IMAGE, "image/tiff", "sendDocument"),
        (Kind.VOICE, "audio/ogg", "sendVoice"),
        (Kind.VOICE, "audio/amr", "sendDocument"),
        (Kind.VIDEO, "video/mp4", "sendVideo"),
        (Kind.FILE, "application/pdf", "sendDocument"),
    ],
)
async def test_a_file_goes_the_way_that_shows_it_best(api, desk, kind, mime, method):
    digest = await desk.store.put(PICTURE)
    message = words("现场照片", attachment=Attachment(digest, kind, mime, "现场.jpg"))
    (result,) = await send(desk, message)
    (sent,) = api.sent
    assert (sent.method, sent.text, sent.file, sent.name) == (method, "现场照片", PICTURE, "现场.jpg")
    assert result.outcome is Outcome.ACCEPTED


async def test_words_too_long_for_a_caption_follow_the_file(api, desk):
    digest = await desk.store.put(PICTURE)
    await send(desk, words("说" * 1025, attachment=Attachment(digest, Kind.IMAGE, "image/jpeg")))
    assert [(sent.method, len(sent.text)) for sent in api.sent] == [("sendPhoto", 0), ("sendMessage", 1025)]


async def test_a_file_that_is_gone_is_not_tried_again(desk):
    (result,) = await send(desk, words(attachment=Attachment("0" * 64, Kind.IMAGE, "image/jpeg")))
    assert (result.outcome, result.code) == (Outcome.REJECTED, "file_missing")


async def test_a_picture_over_ten_megabytes_is_not_offered(api, desk):
    digest = await desk.store.put(bytes(10 * 1024 * 1024 + 1))
    (result,) = await send(desk, words(attachment=Attachment(digest, Kind.IMAGE, "image/jpeg")))
    assert (result.outcome, result.code, api.calls) == (Outcome.REJECTED, "too_large", [])


@pytest.mark.parametrize(
    ("message", "code", "fault"),
    [
        (words(to="wang@example.com"), "bad_address", Fault.RECIPIENT),
        (words(to=""), "bad_address", Fault.RECIPIENT),
        (words(" "), "empty", Fault.MESSAGE),
    ],
)
def test_what_can_never_go_is_not_planned(desk, message, code, fault):
    with pytest.raises(PlanError) as error:
        desk.channel.plan(message)
    assert (error.value.code, error.value.fault) == (code, fault)


async def test_whoever_blocked_the_bot_is_not_asked_again(api, desk):
    api.blocked.add(CITIZEN)
    assert await send(desk, words()) == [
        SendResult(Outcome.REJECTED, code="blocked", fault=Fault.RECIPIENT),
    ]


async def test_an_unknown_chat_is_the_recipients_fault(api, desk):
    api.strangers.add(CITIZEN)
    assert await send(desk, words()) == [
        SendResult(Outcome.REJECTED, code="chat_not_found", fault=Fault.RECIPIENT),
    ]


@pytest.mark.parametrize(
    ("failure", "result"),
    [
        (
            Failure(429, "Too Many Requests: retry after 7", {"retry_after": 7}),
            SendResult(Outcome.RETRY, "", "throttled", Fault.ACCOUNT, timedelta(seconds=7)),
        ),
        (
            Failure(429, "Too Many Requests"),
            SendResult(Outcome.RETRY, "", "throttled", Fault.ACCOUNT, timedelta(seconds=30)),
        ),
        (Failure(401, "Unauthorized"), SendResult(Outcome.RETRY, "", "unauthorized", Fault.ACCOUNT)),
        (Failure(404, "Not Found"), SendResult(Outcome.RETRY, "", "unauthorized", Fault.ACCOUNT)),
        (
            Failure(403, "Forbidden: user is deactivated"),
            SendResult(Outcome.REJECTED, "", "user_gone", Fault.RECIPIENT),
        ),
        (
            Failure(400, "Bad Request: group migrated", {"migrate_to_chat_id": -100}),
            SendResult(Outcome.REJECTED, "", "bad_address", Fault.RECIPIENT),
        ),
        (Failure(400, "Bad Request: something new"), SendResult(Outcome.REJECTED, "", "telegram_400")),
        (Failure(413, "Request Entity Too Large"), SendResult(Outcome.REJECTED, "", "too_large")),
        (Failure(502, "Bad Gateway"), SendResult(Outcome.UNKNOWN, "", "telegram_502", Fault.LINK)),
    ],
)
async def test_what_a_refusal_means(api, desk, failure, result):
    api.failures.append(failure)
    assert await send(desk, words()) == [result]
    assert not api.sent


async def test_after_the_rest_that_telegram_asked_for_the_same_message_goes(api, desk):
    api.failures.append(Failure(429, "Too Many Requests", {"retry_after": 1}, times=2))
    outcomes = [(await send(desk, words()))[0].outcome for _ in range(3)]
    assert outcomes == [Outcome.RETRY, Outcome.RETRY, Outcome.ACCEPTED]
    assert len(api.sent) == 1


async def test_an_answer_that_comes_too_late_leaves_the_outcome_unknown(api):
    async with desk_at(api.url, opened=False, answer_limit_s=0.3) as desk:
        api.slow_s = 1.0
        assert await send(desk, words()) == [SendResult(Outcome.UNKNOWN, "", "no_answer", Fault.LINK)]
        assert len(api.sent) == 1


async def test_a_telegram_that_cannot_be_reached_took_nothing(unused_port):
    async with desk_at(f"http://127.0.0.1:{unused_port}", opened=False) as desk:
        assert await send(desk, words()) == [SendResult(Outcome.RETRY, "", "not_connected", Fault.LINK)]


@pytest.fixture
def unused_port():
    import socket  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def test_an_answer_that_is_no_answer_leaves_the_outcome_unknown(unused_port):
    async def close(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(close, "127.0.0.1", unused_port)
    async with server, desk_at(f"http://127.0.0.1:{unused_port}", opened=False) as desk:
        assert await send(desk, words()) == [SendResult(Outcome.UNKNOWN, "", "no_answer", Fault.LINK)]


async def test_everything_goes_through_the_proxy_where_one_is_set(api):
    async with desk_at("http://api.telegram.example", opened=False, proxy=api.url) as desk:
        (result,) = await send(desk, words())
    assert result.outcome is Outcome.ACCEPTED
    assert api.calls == ["sendMessage"]


# --------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({}, "token"),
        ({"token": TOKEN, "colour": "red"}, "colour"),
        ({"token": TOKEN, "public_url": "http://12345.example"}, "public_url"),
        ({"token": TOKEN, "proxy": "ftp://x"}, "proxy"),
        ({"token": TOKEN, "poll_s": 90}, "poll_s"),
    ],
)
def test_a_wrong_setting_is_named_and_the_token_is_not(options, named):
    with pytest.raises(ValidationError, match=named) as error:
        build("telegram", "telegram-a", options, Around().surroundings)
    assert TOKEN not in str(error.value)


def test_the_account_keeps_below_telegrams_limits():
    channel = Desk("http://127.0.0.1:9").channel
    assert (channel.medium, channel.rate.per_second, channel.rate.per_recipient_s) == ("telegram", 25, 1)
