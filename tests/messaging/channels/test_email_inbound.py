"""Mails that come to our listener: by aiosmtplib as others' servers would send them, and octet by octet."""

import asyncio
from contextlib import asynccontextmanager

import aiosmtplib
import pytest

from callcenter.domain.messages import DeliveryState, Kind
from messaging.channels import build
from messaging.mail.listener import Listener, Place
from tests.messaging.mail.around import Around
from tests.messaging.mail.letters import CITIZEN, OUR_ID, OURS, bounce, plain, raw
from tests.messaging.waiting import eventually


class Desk(Around):
    def __init__(self, name: str = "mail-a", **options) -> None:
        super().__init__()
        usual = {"address": OURS, "smtp_host": "127.0.0.1", "smtp_security": "none", "listen_port": 0}
        self.channel = build("email", name, {**usual, **options}, self.surroundings)

    @property
    def port(self) -> int:
        return self.channel.listen_port


@asynccontextmanager
async def desk_with(**options):
    desk = Desk(**options)
    await desk.channel.open()
    yield desk
    await desk.channel.close()


@pytest.fixture
async def desk():
    async with desk_with() as one:
        yield one


async def deliver(desk, mail: bytes, sender: str = CITIZEN, to: str = OURS):
    """As a mail server does; raises what aiosmtplib makes of a refusal."""
    async with aiosmtplib.SMTP(
        hostname="127.0.0.1", port=desk.port, local_hostname="mail.example", start_tls=False
    ) as link:
        return await link.sendmail(sender, to, mail)


class Raw:
    """A peer that says what it likes."""

    def __init__(self, reader, writer) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, line: bytes) -> bytes:
        self.writer.write(line + b"\r\n")
        return await self.answer()

    async def answer(self) -> bytes:
        line = b"-" * 4
        while line[3:4] == b"-":
            line = await asyncio.wait_for(self.reader.readline(), 5)
        return line.strip()


@asynccontextmanager
async def raw_peer(desk):
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
    peer = Raw(reader, writer)
    yield peer
    writer.close()


async def begin(peer) -> None:
    """Everything before the mail."""
    await peer.answer()
    for line in (b"EHLO x", b"MAIL FROM:<a@b.example>", f"RCPT TO:<{OURS}>".encode(), b"DATA"):
        assert (await peer.ask(line))[:1] in {b"2", b"3"}


async def test_a_mail_is_kept_before_it_is_taken(desk):
    await deliver(desk, plain("文昌路的路灯不亮了。", In_Reply_To=OUR_ID, References="<x@y> " + OUR_ID))
    (message,) = desk.inbox.messages.values()
    assert (message.channel, message.account, message.kind) == ("email", "mail-a", Kind.TEXT)
    assert (message.sender, message.sender_name, message.to) == (CITIZEN, "王伟", OURS)
    assert (message.subject, message.text) == ("路灯", "文昌路的路灯不亮了。")
    assert (message.event_key, message.ref) == ("<c1@mail.example>", "<c1@mail.example>")
    assert message.answers == (OUR_ID,)


async def test_the_same_mail_twice_is_one_message(desk):
    for _ in range(2):
        await deliver(desk, plain())
    assert len(desk.inbox.messages) == 1
    assert len(desk.inbox.deliveries) == 2


async def test_the_same_mail_to_two_mailboxes_is_a_message_in_each(desk):
    async with desk_with(name="mail-b", address="12319@lanjiang.example") as other:
        await deliver(desk, plain())
        await deliver(other, plain(), to="12319@lanjiang.example")
        keys = [(one.account, one.event_key) for at in (desk, other) for one in at.inbox.messages.values()]
    assert keys == [("mail-a", "<c1@mail.example>"), ("mail-b", "<c1@mail.example>")]


async def test_a_mail_while_the_database_is_away_is_asked_for_again(desk):
    desk.inbox.broken = True
    with pytest.raises(aiosmtplib.SMTPDataError) as error:
        await deliver(desk, plain())
    assert error.value.code == 451
    desk.inbox.broken = False
    await deliver(desk, plain())
    assert len(desk.inbox.messages) == 1


@pytest.mark.parametrize("to", [OURS.upper(), "12345+20261120@lanjiang.example", "12319@lanjiang.example"])
async def test_all_our_addresses_reach_us(to):
    async with desk_with(aliases=("12319@lanjiang.example",)) as desk:
        await deliver(desk, plain(), to=to)
        (message,) = desk.inbox.messages.values()
        assert message.to == to


@pytest.mark.parametrize("to", ["mayor@lanjiang.example", "12345@elsewhere.example", "postmaster"])
async def test_what_is_not_for_us_is_not_taken(desk, to):
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as error:
        await deliver(desk, plain(), to=to)
    assert error.value.recipients[0].code == 550
    assert desk.inbox.messages == {}


async def test_a_mail_over_the_limit_is_refused_before_and_after_it_is_sent(desk):
    mail = plain() + b"x" * 26 * 1024 * 1024
    with pytest.raises(aiosmtplib.SMTPSenderRefused) as error:
        await deliver(desk, mail)
    assert error.value.code == 552
    async with raw_peer(desk) as peer:
        await begin(peer)
        peer.writer.write((b"x" * 998 + b"\r\n") * 27_000)
        assert (await peer.ask(b".")).startswith(b"552")
    assert desk.inbox.messages == {}


async def test_a_photo_and_a_file_come_with_the_mail(desk):
    mail = raw(f"""
        From: {CITIZEN}
        Subject: =?gb2312?B?wre1xg==?=
        Message-ID: <c3@mail.example>
        Content-Type: multipart/mixed; boundary=b1

        --b1
        Content-Type: image/png; name="=?utf-8?b?6Lev54GvLnBuZw==?="
        Content-Transfer-Encoding: base64

        iVBORw0KGgo=
        --b1--
        """)
    await deliver(desk, mail)
    (message,) = desk.inbox.messages.values()
    (media,) = message.media
    assert (message.kind, message.text, message.subject) == (Kind.TEXT, "路灯", "路灯")
    assert (media.kind, media.name, media.content) == (Kind.IMAGE, "路灯.png", b"\x89PNG\r\n\x1a\n")


async def test_a_long_mail_is_read_beside_the_loop(desk):
    await deliver(desk, plain("路灯不亮\n" + "很长的一行。" * 50_000))
    (text,) = desk.inbox.texts
    assert (text.partition("\n")[0], len(text)) == ("路灯不亮", 20_000)


async def test_a_number_of_thousands_of_digits_in_a_page_refuses_no_mail(desk):
    page = "<p>路灯</p>&#" + "9" * 4301
    await deliver(desk, raw(f"From: {CITIZEN}\nContent-Type: text/html; charset=utf-8\n\n{page}"))
    assert desk.inbox.texts == ["路灯\n\ufffd"]


@pytest.mark.parametrize("error", [ValueError, RecursionError])
@pytest.mark.parametrize("text", ["短", "很长的一行。\n" * 5_000])
async def test_of_a_mail_that_cannot_be_understood_the_headers_are_kept(desk, monkeypatch, error, text):
    def stumble(_):
        raise error

    monkeypatch.setattr("messaging.mail.intake.read", stumble)
    await deliver(desk, plain(text))
    (message,) = desk.inbox.messages.values()
    assert (message.sender, message.text, message.event_key) == (CITIZEN, "路灯", "<c1@mail.example>")


# --------------------------------------------------------------------------- machines


async def test_a_bounce_is_a_receipt_and_no_message(desk):
    await deliver(desk, bounce(), sender="")
    (receipt,) = desk.inbox.receipts
    assert (receipt.account, receipt.provider_ref, receipt.state) == ("mail-a", OUR_ID, DeliveryState.FAILED)
    assert (receipt.code, receipt.recipient) == ("5.1.1", "")  # our id names the mail, nobody else does
    assert desk.inbox.messages == {}


async def test_a_delay_is_nothing(desk):
    await deliver(desk, bounce("delayed", "4.4.1"), sender="")
    assert (desk.inbox.receipts, desk.inbox.messages) == ([], {})


async def test_an_automatic_reply_is_kept_as_one(desk):
    await deliver(desk, plain("我在休假。", Auto_Submitted="auto-replied", In_Reply_To=OUR_ID))
    (message,) = desk.inbox.messages.values()
    assert (message.kind, message.event, message.text) == (Kind.EVENT, "auto_reply", "我在休假。")
    assert message.answers == (OUR_ID,)


async def test_an_empty_sender_of_the_envelope_makes_it_an_automatic_one(desk):
    await deliver(desk, plain(), sender="")
    assert [message.event for message in desk.inbox.messages.values()] == ["auto_reply"]


@pytest.mark.parametrize("headers", [{"From": OURS}, {"Message_ID": OUR_ID}])
async def test_our_own_mail_goes_no_further(desk, headers):
    await deliver(desk, plain(**headers))
    assert (desk.inbox.messages, desk.inbox.receipts) == ({}, [])


async def test_a_person_does_not_write_21_mails_in_an_hour(desk):
    for number in range(22):
        await deliver(desk, plain(Message_ID=f"<c{number}@mail.example>"))
    events = [message.event for message in desk.inbox.messages.values()]
    assert events == [""] * 20 + ["flood"] * 2
    await deliver(desk, plain(From="li@mail.example", Message_ID="<d1@mail.example>"))
    desk.clock.tick(hours=1)
    await deliver(desk, plain(Message_ID="<c99@mail.example>"))
    assert [message.event for message in desk.inbox.messages.values()][-2:] == ["", ""]


async def test_a_mail_that_comes_again_and_again_counts_once(desk):
    for _ in range(25):
        await deliver(desk, plain())
    await deliver(desk, plain(Message_ID="<c2@mail.example>"))
    assert [message.event for message in desk.inbox.messages.values()] == ["", ""]


async def test_a_mail_of_nobody_is_taken_and_dropped(desk):
    await deliver(desk, raw("Subject: x\n\nx"), sender="")
    assert desk.inbox.messages == {}


async def test_a_mail_that_names_no_sender_is_from_the_envelopes(desk):
    await deliver(desk, raw("Subject: x\n\n路灯"))
    assert [message.sender for message in desk.inbox.messages.values()] == [CITIZEN]


# --------------------------------------------------------------------------- bad peers


async def test_more_connections_than_allowed_are_sent_away_and_the_others_go_on():
    async with desk_with(connections=2) as desk, raw_peer(desk) as one, raw_peer(desk) as two:
        assert (await one.answer()).startswith(b"220")
        assert (await two.answer()).startswith(b"220")
        async with raw_peer(desk) as three:
            assert (await three.answer()).startswith(b"421")
        assert (await one.ask(b"QUIT")).startswith(b"221")
        one.writer.close()
        await eventually(lambda: len(desk.channel._listener._open) == 1)
        await deliver(desk, plain())
        assert len(desk.inbox.messages) == 1


async def test_a_peer_that_says_nothing_is_let_go():
    listener = Listener("mail-a", Place("127.0.0.1", 0, 5, idle_s=0.2), bool, None)
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    assert (await reader.read()).startswith(b"220")
    writer.close()
    await listener.stop()


async def _go_on(reader, writer) -> None:
    for _ in range(2_000):
        writer.write(b"x" * 10_000)
        await writer.drain()
        await asyncio.sleep(0)
    await reader.read()


async def test_a_line_that_never_ends_is_cut_off():
    taken = []

    async def take(*mail):
        taken.append(mail)

    place = Place("127.0.0.1", 0, 5, size_limit=100_000)
    listener = Listener("mail-a", place, lambda _: True, take)
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    writer.write(b"EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
    with pytest.raises(ConnectionError):
        await _go_on(reader, writer)
    writer.close()
    await eventually(lambda: not listener._open)
    assert taken == []
    await listener.stop()


async def test_a_peer_that_hangs_up_in_the_middle_leaves_nothing(desk):
    async with raw_peer(desk) as peer:
        await begin(peer)
        peer.writer.write(b"From: a@b.example\r\n\r\nhalf")
    await eventually(lambda: not desk.channel._listener._open)
    assert desk.inbox.messages == {}


async def test_a_peer_that_hangs_up_during_the_commit_finds_its_mail_kept(desk):
    entered, go = asyncio.Event(), asyncio.Event()
    accept = desk.inbox.accept

    async def slow(message):
        entered.set()
        await go.wait()
        return await accept(message)

    desk.inbox.accept = slow
    async with raw_peer(desk) as peer:
        await begin(peer)
        peer.writer.write(plain() + b"\r\n.\r\n")
        await entered.wait()
    await eventually(lambda: not desk.channel._listener._open)
    go.set()
    await eventually(lambda: len(desk.inbox.messages) == 1)


async def test_a_stop_waits_for_the_mail_that_is_being_kept():
    async with desk_with() as desk:
        accept = desk.inbox.accept
        entered = asyncio.Event()

        async def slow(message):
            entered.set()
            await asyncio.sleep(0.1)
            return await accept(message)

        desk.inbox.accept = slow
        sending = asyncio.create_task(deliver(desk, plain()))
        await entered.wait()
        await desk.channel.close()
        assert len(desk.inbox.messages) == 1
        await asyncio.gather(sending, return_exceptions=True)


async def test_a_port_that_is_taken_is_waited_for(desk, monkeypatch):
    monkeypatch.setattr("messaging.mail.listener.TRY_AGAIN_S", 0.05)
    async with desk_with(listen_port=desk.port) as successor:
        assert successor.channel.trouble == "listener: no port"
        await desk.channel.close()
        await eventually(lambda: not successor.channel.trouble)
        await deliver(successor, plain())
        assert len(successor.inbox.messages) == 1


@pytest.mark.parametrize(
    "line",
    [
        b"\x00\xff\xfe",
        b"GET / HTTP/1.1",
        b"EHLO " + b"x" * 5_000,
        b"MAIL FROM:<" + b"(" * 400 + b">",
        b"RCPT TO:<12345@lanjiang.example>",
        b"AUTH PLAIN AGEAYg==",
        b"VRFY wang",
        b"DATA",
    ],
)
async def test_whatever_is_said_is_answered_and_a_mail_still_comes_through(desk, line):
    async with raw_peer(desk) as peer:
        await peer.answer()
        assert (await peer.ask(b"EHLO x")).startswith(b"250")
        assert (await peer.ask(line))[:1] in {b"2", b"5"}
    await deliver(desk, plain())
    assert len(desk.inbox.messages) == 1
