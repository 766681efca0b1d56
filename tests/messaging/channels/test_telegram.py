"""The Telegram channel against a Bot API of the tests, over HTTP and with the library's own types."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from pydantic import ValidationError

from callcenter.domain.dialogue.commands import read_command
from callcenter.domain.messages import (
    Attachment,
    Fault,
    Kind,
    Media,
    Outbound,
    Outcome,
    PlanError,
    Purpose,
    SendResult,
)
from callcenter.ports import MediaGoneError, WebRequest
from messaging.channels import build
from messaging.channels.telegram import SECRET_HEADER
from tests.messaging.mail.around import Around
from tests.messaging.waiting import eventually
from tests.peers.telegram.bot_api import (
    CITIZEN,
    NOON,
    TOKEN,
    Failure,
    as_body,
    private,
    running_bot_api,
    user,
)

PUBLIC = "https://12345.lanjiang.example"
PICTURE = b"\xff\xd8\xff\xe0 picture"


@pytest.fixture
async def api():
    async with running_bot_api() as one:
        yield one


class Desk(Around):
    def __init__(self, base_url: str, **options) -> None:
        super().__init__()
        usual = {"token": TOKEN, "base_url": base_url, "answer_limit_s": 2.0, "poll_s": 1}
        self.channel = build("telegram", "telegram-a", {**usual, **options}, self.surroundings)


@asynccontextmanager
async def desk_at(base_url, *, opened=True, **options):
    desk = Desk(base_url, **options)
    if opened:
        await desk.channel.open()
    yield desk
    await desk.channel.close()


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


# --------------------------------------------------------------------------- in, by polling


async def test_messages_are_polled_kept_and_confirmed(api):
    api.says(text="路灯坏了")
    api.says(text="在文昌路")
    async with desk_at(api.url) as desk:
        await eventually(lambda: desk.inbox.texts == ["路灯坏了", "在文昌路"])
        await eventually(lambda: not api.waiting)
        assert desk.channel.trouble == ""
        assert desk.channel.routes() == ()


async def test_nothing_is_confirmed_while_the_database_is_away(api):
    async with desk_at(api.url) as desk:
        desk.inbox.broken = True
        update = api.says(text="路灯坏了")
        await eventually(lambda: api.offsets.count(None) > 1)
        assert api.waiting == [update["update_id"]]
        desk.inbox.broken = False
        await eventually(lambda: desk.inbox.texts == ["路灯坏了"] and not api.waiting)


async def test_an_update_that_comes_again_is_one_message(api):
    async with desk_at(api.url) as desk:
        update = api.says(text="路灯坏了")
        await eventually(lambda: desk.inbox.deliveries == ["m:7001:1"] and not api.waiting)
        api.replay(update)
        await eventually(lambda: len(desk.inbox.deliveries) == 2)
        assert desk.inbox.texts == ["路灯坏了"]


async def test_numbers_that_start_again_lower_lose_nothing(api):
    async with desk_at(api.url) as desk:
        api.says(text="路灯坏了")
        await eventually(lambda: desk.inbox.texts == ["路灯坏了"])
        await eventually(lambda: len(api.offsets) > 2 and api.offsets[-1] is None)
        api.restart_numbers(12)
        api.says(text="水管漏了")
        await eventually(lambda: desk.inbox.texts == ["路灯坏了", "水管漏了"])


async def test_an_update_that_cannot_be_read_does_not_hold_up_the_others(api):
    api.push({"message": {"date": "soon"}})
    api.says(text="路灯坏了")
    async with desk_at(api.url) as desk:
        await eventually(lambda: desk.inbox.texts == ["路灯坏了"] and not api.waiting)


async def test_one_citizens_messages_keep_their_order(api):
    for number in range(150):
        api.says(1 + number % 3, text=str(number))
    async with desk_at(api.url) as desk:
        await eventually(lambda: len(desk.inbox.texts) == 150)
        for chat in "123":
            mine = [int(one.text) for one in desk.inbox.messages.values() if one.sender == chat]
            assert mine == sorted(mine)


async def test_a_pressed_key_is_answered_so_that_its_clock_ends(api):
    ours = {"message_id": 16, "date": NOON, "chat": private(), "text": "满意吗"}
    query = {"id": "q9", "from": user(), "message": ours, "chat_instance": "1", "data": "rate:5"}
    api.push({"callback_query": query})
    async with desk_at(api.url) as desk:
        await eventually(lambda: api.answered_keys == ["q9"])
        assert [one.event for one in desk.inbox.messages.values()] == ["menu:rate:5"]


async def test_the_menu_of_the_bot_holds_the_keys_that_the_dialogue_knows(api):
    async with desk_at(api.url) as desk:
        await eventually(lambda: not desk.channel.trouble)
        for one in api.commands:
            api.says(text=f"/{one['command']}")
        await eventually(lambda: len(desk.inbox.messages) == len(api.commands) > 0)
        wishes = {read_command(one.text, one.event).wish for one in desk.inbox.messages.values()}
    assert len(wishes) == len(api.commands)


async def test_a_wrong_token_is_said_and_tried_again_with_pauses(api):
    async with desk_at(api.url, token="110201543:wrong") as desk:
        await eventually(lambda: desk.channel.trouble == "unauthorized")
        assert len(api.calls) < 3


async def test_somebody_else_who_polls_the_same_bot_is_said(api):
    api.failures.append(Failure(409, "Conflict: terminated by other getUpdates request", times=99))
    api.failures[0].method = "getUpdates"
    async with desk_at(api.url) as desk:
        await eventually(lambda: desk.channel.trouble == "conflict")


async def test_a_link_that_comes_back_is_taken_up_again(api):
    api.failures.append(Failure(500, "Internal Server Error", times=2))
    async with desk_at(api.url) as desk:
        await eventually(lambda: desk.channel.trouble == "telegram_500")
        await eventually(lambda: desk.channel.trouble == "")


# --------------------------------------------------------------------------- in, by web hook


@pytest.fixture
async def hooked(api):
    async with desk_at(api.url, public_url=PUBLIC) as desk:
        await eventually(lambda: not desk.channel.trouble)
        yield desk


def hook_of(desk):
    (route,) = desk.channel.routes()
    return route.handler


def asked(api, body: bytes, **headers) -> WebRequest:
    return WebRequest({}, headers or {SECRET_HEADER: api.hook["secret_token"]}, body)


async def test_telegram_is_told_the_address_the_secret_and_what_we_want(api, hooked):
    (route,) = hooked.channel.routes()
    assert (route.method, api.hook["url"]) == ("POST", f"{PUBLIC}/hooks/telegram-a/{route.path}")
    assert api.hook["allowed_updates"] == '["message", "callback_query", "my_chat_member"]'
    assert len(api.hook["secret_token"]) == 64
    assert "getUpdates" not in api.calls


async def test_an_update_by_web_hook_is_kept_before_it_is_answered(api, hooked):
    response = await hook_of(hooked)(asked(api, as_body(api.says(text="路灯坏了"))))
    assert (response.status, hooked.inbox.texts) == (200, ["路灯坏了"])


async def test_the_same_update_again_is_one_message(api, hooked):
    body = as_body(api.says(text="路灯坏了"))
    for _ in range(3):
        assert (await hook_of(hooked)(asked(api, body))).status == 200
    assert hooked.inbox.texts == ["路灯坏了"]


@pytest.mark.parametrize("headers", [{SECRET_HEADER: "guess"}, {SECRET_HEADER: "密"}, {"host": "x"}])
async def test_a_wrong_secret_is_turned_away(api, hooked, headers):
    response = await hook_of(hooked)(asked(api, as_body(api.says(text="路灯坏了")), **headers))
    assert (response.status, hooked.inbox.messages) == (401, {})


async def test_no_acknowledgement_while_the_database_is_away(api, hooked):
    hooked.inbox.broken = True
    response = await hook_of(hooked)(asked(api, as_body(api.says(text="路灯坏了"))))
    assert response.status == 503


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b'{"update_id": 5}', 200),
        (b'{"update_id": 5, "message": {}}', 200),
        (b'{"update_id": 5, "edited_message": {"text": "x"}}', 200),
    ],
)
async def test_whatever_is_posted_is_answered_and_nothing_is_kept(api, hooked, body, status):
    response = await hook_of(hooked)(asked(api, body))
    assert (response.status, hooked.inbox.messages) == (status, {})


# --------------------------------------------------------------------------- files


async def octets(desk, media) -> bytes:
    return b"".join([chunk async for chunk in desk.channel.fetch(media)])


async def test_a_file_is_fetched(api, desk):
    api.files["f7"] = PICTURE * 10_000
    assert await octets(desk, Media(Kind.IMAGE, ref="f7")) == PICTURE * 10_000


async def test_a_file_that_telegram_has_no_more_is_gone(api, desk):
    with pytest.raises(MediaGoneError):
        await octets(desk, Media(Kind.IMAGE, ref="f8"))


async def test_a_file_over_twenty_megabytes_is_not_even_asked_for(api, desk):
    with pytest.raises(MediaGoneError, match="too_large"):
        await octets(desk, Media(Kind.VIDEO, ref="f9", size=20 * 1024 * 1024 + 1))
    assert api.calls == []


async def test_a_file_that_is_larger_than_said_is_cut_off(api, desk, monkeypatch):
    monkeypatch.setattr("messaging.channels.telegram.DOWNLOAD_MOST", 1000)
    api.files["f9"] = bytes(5000)
    with pytest.raises(MediaGoneError, match="too_large"):
        await octets(desk, Media(Kind.VIDEO, ref="f9", size=10))


async def test_a_file_while_telegram_is_busy_is_worth_another_try(api, desk):
    api.failures.append(Failure(500, "Internal Server Error"))
    with pytest.raises(OSError, match="telegram_500") as error:
        await octets(desk, Media(Kind.IMAGE, ref="f7"))
    assert TOKEN not in str(error.value)


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
