"""A citizen of WeChat and the whole hotline between push and answer: inbox, dialogue, outbox, relay."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from callcenter.db.engine import session_factory
from callcenter.db.outbox import SqlOutbox
from callcenter.domain.contacts import Address
from callcenter.domain.messages import Purpose
from callcenter.domain.records import MediaFile, MediaState
from callcenter.usecases import binding, media, undelivered, understanding
from callcenter.usecases.context import Context
from callcenter.usecases.mailbox import Mailbox
from callcenter.usecases.sending import Words, put
from messaging.service import Messaging
from tests.fakes import MemoryStore
from tests.messaging.waiting import eventually
from tests.messaging.wechat.desk import ACCOUNT, ZONE, a_channel, public_door
from tests.peers.wechat.platform import running_platform
from tests.peers.wechat.pushing import CITIZEN, Pusher


@asynccontextmanager
async def hotline(context: Context, engine) -> AsyncIterator[SimpleNamespace]:
    async with running_platform(context.clock.now) as platform:
        channel = a_channel(
            Mailbox(context), MemoryStore(), context.clock, api_url=platform.url, passive_wait_s=3.5
        )
        messaging = Messaging([(channel, 1)], SqlOutbox(session_factory(engine)), context.clock, ZONE)
        arrived = asyncio.Event()
        context.wake_relay, context.wake_inbox = messaging.wake, arrived.set
        reader = asyncio.create_task(_understand(context, arrived))
        await messaging.start()
        async with public_door(channel) as url:
            pusher = Pusher(context.clock.now)
            yield SimpleNamespace(platform=platform, pusher=pusher, url=url, fetch=messaging.fetch)
        reader.cancel()
        await messaging.stop()


async def _understand(context: Context, arrived: asyncio.Event) -> None:
    while True:
        await arrived.wait()
        arrived.clear()
        await understanding.tick(context)


async def states(context: Context) -> list[tuple[str, str]]:
    async with context.reading() as uow:
        sent = await uow.messages.sent_to(CITIZEN, 10)
    return [(message.state.value, message.last_code) for message in sent]


@pytest.mark.parametrize("what", ["text", "follow"])
async def test_a_citizen_is_answered_in_the_push_itself(context, engine, what) -> None:
    async with hotline(context, engine) as line:
        pusher = line.pusher
        fields = pusher.text("你好") if what == "text" else pusher.event("subscribe", EventKey="")
        (body,) = await pusher.deliver(line.url, fields)
        reply = pusher.reply(body.encode())
        assert reply["ToUserName"] == CITIZEN
        assert reply["Content"]
        assert line.platform.books.sent == []
        await eventually(lambda: _accepted(context))


async def _accepted(context: Context) -> bool:
    return [state for state, _ in await states(context)] == ["accepted"]


async def test_the_same_push_again_is_answered_with_nothing_and_nothing_goes_twice(context, engine) -> None:
    async with hotline(context, engine) as line:
        line.platform.books.citizen(CITIZEN).wrote(context.now())
        fields = line.pusher.text("你好")
        first = await line.pusher.deliver(line.url, fields)
        again = [await line.pusher.deliver(line.url, fields) for _ in range(2)]
        assert first != ["success"]
        assert again == [["success"]] * 2
        assert line.platform.books.sent == []


async def test_the_citizen_is_known_by_account_and_openid_and_may_be_written_to_five_times(
    context, engine
) -> None:
    async with hotline(context, engine) as line:
        await line.pusher.deliver(line.url, line.pusher.text("你好"))
        async with context.uow() as uow:
            identity = await uow.contacts.identity(Address("wechat", ACCOUNT, CITIZEN))
        assert identity.window_until is not None
        assert 0 < identity.quota_left <= 5


AMR = b"#!AMR\n" + b"\x3c" * 640


async def _file_of_the_voice(context: Context, line: SimpleNamespace, ref: str) -> MediaFile:
    """A voice message came; what became of its file when the job was through."""
    await line.pusher.deliver(line.url, line.pusher.message("voice", MediaId=ref, Format="amr"))
    async with context.reading() as uow:
        (message,) = await uow.messages.received_from(CITIZEN, 5)
    await media.tick(context, line.fetch)
    async with context.reading() as uow:
        return (await uow.media.of([message.id]))[message.id][0]


async def test_a_voice_is_brought_in_by_the_job(context, engine) -> None:
    async with hotline(context, engine) as line:
        file = await _file_of_the_voice(context, line, line.platform.books.keep(AMR, "audio/amr"))
        assert (file.state, file.mime) == (MediaState.STORED, "audio/wav")  # browsers play no AMR
        assert (await context.media.read(file.digest)).startswith(b"RIFF")


async def test_a_voice_that_is_older_than_three_days_is_gone(context, engine) -> None:
    async with hotline(context, engine) as line:
        ref = line.platform.books.keep(AMR, "audio/amr")
        context.clock.pass_by(days=3, seconds=1)
        assert (await _file_of_the_voice(context, line, ref)).state is MediaState.GONE


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "VIEW", "EventKey": "https://example.gov.cn/"},
        {"name": "unsubscribe"},
        {"name": "subscribe_msg_change_event", "SubscribeMsgChangeEvent": {"List": []}},
        {"name": "something_of_2030"},
    ],
)
async def test_events_that_want_no_answer_get_none(context, engine, fields) -> None:
    async with hotline(context, engine) as line:
        await line.pusher.deliver(line.url, line.pusher.event(**fields))
        await eventually(lambda: _understood(context))
        assert await states(context) == []


async def _understood(context: Context) -> bool:
    async with context.reading() as uow:
        came = await uow.messages.received_from(CITIZEN, 5)
    return bool(came) and all(message.processed_at for message in came)


async def test_with_the_window_closed_a_citizen_who_bound_a_number_is_told_by_sms(context, engine) -> None:
    number, address = "13800005526", Address("wechat", ACCOUNT, CITIZEN)
    ticket = binding.seal(address, "browser", context.now())
    await binding.begin(context, ticket, "browser", number)
    async with context.reading() as uow:
        (text,) = await uow.messages.sent_to(number, 5)
    await binding.confirm(context, ticket, "browser", text.params["code"])
    async with hotline(context, engine) as line:
        line.platform.books.citizen(CITIZEN)
        async with context.uow() as uow:
            identity = await uow.contacts.identity(address)
            words = Words("您反映的路灯已修好", template="resolved", params={"title": "路灯"})
            put(context, uow, address, words, Purpose.SERVICE, contact_id=identity.contact_id)
            await uow.commit()
        await eventually(lambda: _ended(context, ("failed", "window_closed")))
        await undelivered.tick(context)
    async with context.reading() as uow:
        newest = (await uow.messages.sent_to(number, 5))[0]
    assert (newest.channel, newest.template, newest.purpose) == ("sms", "resolved", Purpose.SERVICE)


async def _ended(context: Context, how: tuple[str, str]) -> bool:
    return await states(context) == [how]
