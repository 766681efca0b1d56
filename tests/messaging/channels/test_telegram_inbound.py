"""What comes from Telegram: by polling, by web hook, and the files of messages."""

import pytest

from callcenter.domain.dialogue.commands import read_command
from callcenter.domain.messages import (
    Kind,
    Media,
)
from callcenter.ports import MediaGoneError, WebRequest
from messaging.channels.telegram import SECRET_HEADER
from tests.messaging.telegram.desk import desk_at
from tests.messaging.waiting import eventually
from tests.peers.telegram.bot_api import (
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


@pytest.fixture
async def desk(api):
    async with desk_at(api.url, opened=False) as one:
        yield one


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
