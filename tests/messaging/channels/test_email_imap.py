"""Mails out of a mailbox: our poll against Dovecot's imap."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from messaging.channels import build
from messaging.mail.imap import MOST_FAILURES
from messaging.policy import Ladder
from tests.messaging.mail.around import Around
from tests.messaging.mail.letters import OURS, bounce, plain
from tests.messaging.waiting import eventually
from tests.peers.mail.dovecot import PASSWORD, USER, running_dovecot


@pytest.fixture
async def dovecot():
    async with running_dovecot() as one:
        yield one


class Desk(Around):
    def __init__(self, port: int, **options) -> None:
        super().__init__()
        mailbox = {"imap_host": "127.0.0.1", "imap_port": port, "imap_security": "none", "imap_user": USER}
        usual = {"address": OURS, "smtp_host": "127.0.0.1", "smtp_security": "none", "poll_s": 0.05}
        options = {**usual, **mailbox, "imap_password": PASSWORD, **options}
        self.channel = build("email", "mail-a", options, self.surroundings)


@asynccontextmanager
async def desk_at(port, **options):
    desk = Desk(port, **options)
    await desk.channel.open()
    yield desk
    await desk.channel.close()


async def test_what_is_unseen_is_taken_and_marked_seen(dovecot):
    dovecot.put(plain("路灯不亮"))
    dovecot.put(plain("水管漏了", Message_ID="<c2@mail.example>"))
    async with desk_at(dovecot.port) as desk:
        await eventually(lambda: desk.inbox.texts == ["路灯不亮", "水管漏了"])
        await eventually(lambda: dovecot.seen() == 2)
        await eventually(lambda: desk.channel.trouble == "")
        assert desk.inbox.deliveries == ["<c1@mail.example>", "<c2@mail.example>"]


async def test_nothing_is_marked_while_the_database_is_away(dovecot):
    dovecot.put(plain("路灯不亮"))
    async with desk_at(dovecot.port) as desk:
        desk.inbox.broken = True
        await eventually(lambda: desk.channel.trouble == "mailbox: ConnectionError")
        assert dovecot.seen() == 0


async def test_a_mail_that_cannot_be_kept_holds_up_no_other(dovecot):
    async with desk_at(dovecot.port) as desk:
        accept = desk.inbox.accept

        async def refuse_one(message):
            if message.text == "坏的":
                raise ConnectionError
            return await accept(message)

        desk.inbox.accept = refuse_one
        dovecot.put(plain("坏的"))
        dovecot.put(plain("好的", Message_ID="<c2@mail.example>"))
        await eventually(lambda: desk.inbox.texts == ["好的"] and dovecot.seen() == 1)


async def test_a_mail_that_fails_while_others_are_kept_is_skipped_after_three_looks(dovecot, monkeypatch):
    monkeypatch.setattr("messaging.mail.imap.PAUSES", Ladder(timedelta(0), timedelta(0)))
    async with desk_at(dovecot.port) as desk:
        accept = desk.inbox.accept

        async def refuse_one(message):
            if message.text == "坏的":
                raise ValueError
            return await accept(message)

        desk.inbox.accept = refuse_one
        dovecot.put(plain("坏的"))
        for number in range(1, MOST_FAILURES + 1):
            assert desk.channel.trouble
            dovecot.put(plain("好的", Message_ID=f"<d{number}@mail.example>"))
            await eventually(lambda seen=number: dovecot.seen() == seen)
        await eventually(lambda: desk.channel.trouble == "")
    assert dovecot.seen() == MOST_FAILURES


async def test_a_bounce_in_the_mailbox_is_a_receipt(dovecot):
    dovecot.put(bounce())
    async with desk_at(dovecot.port) as desk:
        await eventually(lambda: dovecot.seen() == 1)
        assert [receipt.code for receipt in desk.inbox.receipts] == ["5.1.1"]
        assert desk.inbox.messages == {}


async def test_of_a_mail_over_the_limit_the_words_are_taken(dovecot, monkeypatch):
    monkeypatch.setattr("messaging.mail.imap.SIZE_LIMIT", 10_000)
    monkeypatch.setattr("messaging.mail.imap.FIRST_OF_LARGE", 1_000)
    dovecot.put(plain("路灯不亮\n" + "很长。" * 9_000))
    async with desk_at(dovecot.port) as desk:
        await eventually(lambda: dovecot.seen() == 1)
        (text,) = desk.inbox.texts
        assert text.startswith("路灯不亮")
        assert len(text) < 1_000


async def test_a_wrong_password_is_said(dovecot):
    async with desk_at(dovecot.port, imap_password="wrong") as desk:
        await eventually(lambda: desk.channel.trouble == "mailbox: error")


async def test_a_mailbox_that_cannot_be_reached_is_said(dovecot):
    server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    async with desk_at(port) as desk:
        await eventually(lambda: desk.channel.trouble == "mailbox: ConnectionRefusedError")
