"""Mails out: smtp-sink with each of its faults, aiosmtpd where the answer has to be a certain one."""

import asyncio
import socket
import ssl
import subprocess
from contextlib import asynccontextmanager
from dataclasses import replace
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
from tests.peers.mail.server import running_server
from tests.peers.mail.sink import running_sink

OURS = "12345@lanjiang.example"
CITIZEN = "wang.wei@mail.example"
REF = "<hotline.m1@lanjiang.example>"


class Desk(Around):
    def __init__(self, port: int, **options) -> None:
        super().__init__()
        usual = {"address": OURS, "smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none"}
        options = {**usual, "answer_limit_s": 2.0, **options}
        self.channel = build("email", "mail-a", options, self.surroundings)


@asynccontextmanager
async def desk_to(port, **options):
    desk = Desk(port, **options)
    await desk.channel.open()
    yield desk
    await desk.channel.close()


def letter(text="您反映的路灯已经修好。", **more) -> Outbound:
    usual = {"id": "m1", "channel": "email", "to": CITIZEN, "purpose": Purpose.REPLY}
    return Outbound(text=text, **{**usual, **more})


async def send(desk, message=None) -> SendResult:
    message = message or letter()
    (part,) = desk.channel.plan(message)
    return await desk.channel.send(message, part)


# --------------------------------------------------------------------------- smtp-sink, fault by fault


async def test_a_mail_arrives_and_is_named():
    async with running_sink() as sink, desk_to(sink.port) as desk:
        assert await send(desk) == SendResult(Outcome.ACCEPTED, REF)
        (mail,) = sink.mails()
    assert REF.encode() in mail
    assert f"X-Rcpt-Args: <{CITIZEN}>".encode() in mail


@pytest.mark.parametrize(
    ("faults", "result"),
    [
        (("-f", "mail"), SendResult(Outcome.RETRY, "", "smtp_500", Fault.ACCOUNT)),
        (("-f", "rcpt"), SendResult(Outcome.REJECTED, "", "smtp_500", Fault.RECIPIENT)),
        (
            ("-r", "rcpt"),
            SendResult(Outcome.RETRY, "", "smtp_450", Fault.RECIPIENT, timedelta(minutes=5)),
        ),
        (("-f", "data"), SendResult(Outcome.REJECTED, "", "smtp_500", Fault.MESSAGE)),
        (("-f", "."), SendResult(Outcome.REJECTED, "", "smtp_500", Fault.MESSAGE)),
        (("-r", "."), SendResult(Outcome.RETRY, "", "smtp_450", Fault.MESSAGE, timedelta(minutes=5))),
        (("-q", "rcpt"), SendResult(Outcome.RETRY, "", "not_connected", Fault.LINK)),
        (("-q", "data"), SendResult(Outcome.RETRY, "", "not_connected", Fault.LINK)),
        (("-q", "."), SendResult(Outcome.UNKNOWN, REF, "no_answer", Fault.LINK)),
        (("-q", "connect"), SendResult(Outcome.RETRY, "", "not_connected", Fault.LINK)),
    ],
)
async def test_what_each_fault_means(faults, result):
    async with running_sink(*faults) as sink, desk_to(sink.port) as desk:
        assert await send(desk) == result


async def test_a_server_that_does_not_let_us_begin_took_nothing():
    """-w waits before the answer to DATA."""
    async with running_sink("-w", "5") as sink, desk_to(sink.port, answer_limit_s=0.4) as desk:
        assert await send(desk) == SendResult(Outcome.RETRY, "", "not_connected", Fault.LINK)


async def test_a_slow_server_is_waited_for():
    async with running_sink("-w", "1") as sink, desk_to(sink.port) as desk:
        assert (await send(desk)).outcome is Outcome.ACCEPTED


async def test_a_mail_sent_again_bears_the_same_id():
    async with running_sink() as sink, desk_to(sink.port) as desk:
        await send(desk)
        await send(desk, replace(letter(), resent=True, attempt=2))
        assert sum(REF.encode() in mail for mail in sink.mails()) == 2


# --------------------------------------------------------------------------- aiosmtpd


@pytest.fixture
async def server():
    async with running_server() as one:
        yield one


async def test_what_the_citizen_reads(server):
    async with desk_to(server.port, sender_name="澜江12345") as desk:
        message = letter(subject="关于文昌路路灯", thread="<c7@mail.example>")
        await send(desk, message)
    (mail,) = server.mails
    assert str(mail["From"]) == f"澜江12345 <{OURS}>"
    assert (mail["To"], mail["Subject"]) == (CITIZEN, "Re: 关于文昌路路灯")
    assert (mail["In-Reply-To"], mail["References"]) == ("<c7@mail.example>", "<c7@mail.example>")
    assert mail["Date"] == "Fri, 20 Nov 2026 12:00:00 +0800"
    assert mail["Auto-Submitted"] is None
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content() == "您反映的路灯已经修好。\r\n"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (letter(purpose=Purpose.SERVICE), "auto-generated"),
        (letter(purpose=Purpose.SURVEY), "auto-generated"),
        (letter(template="progress"), "auto-generated"),
        (letter(), None),
        (letter(purpose=Purpose.EMERGENCY), None),
    ],
)
async def test_mails_of_machines_say_so(server, message, said):
    async with desk_to(server.port) as desk:
        await send(desk, message)
    assert server.mails[0]["Auto-Submitted"] == said


async def test_a_file_goes_along(server):
    async with desk_to(server.port) as desk:
        digest = await desk.store.put(b"%PDF-1.7 \x00\xff")
        await send(desk, letter(attachment=Attachment(digest, Kind.FILE, "application/pdf", "处理结果.pdf")))
    (file,) = server.mails[0].iter_attachments()
    assert (file.get_content_type(), file.get_filename()) == ("application/pdf", "处理结果.pdf")
    assert file.get_content() == b"%PDF-1.7 \x00\xff"


async def test_a_file_that_is_gone_or_too_large_is_not_tried(server, monkeypatch):
    async with desk_to(server.port) as desk:
        gone = letter(attachment=Attachment("0" * 64, Kind.FILE, "application/pdf"))
        assert (await send(desk, gone)).code == "file_missing"
        monkeypatch.setattr("messaging.channels.email.ENCLOSURE_MOST", 10)
        digest = await desk.store.put(bytes(11))
        large = letter(attachment=Attachment(digest, Kind.FILE, "application/pdf"))
        assert (await send(desk, large)).code == "too_large"
    assert server.taken == []


async def test_nothing_that_a_person_typed_becomes_a_header(server):
    async with desk_to(server.port, sender_name="a\\") as desk:
        evil = "路灯\r\nBcc: all@mail.example\r\n\r\nbody\x00\u2028x"
        await send(desk, letter("正文\r\n.\r\nMAIL FROM:<x@y>\r\n", subject=evil, thread="<a>\r\nBcc: <b@c>"))
    (mail,) = server.mails
    assert server.recipients == [[CITIZEN]]
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Re: 路灯 Bcc: all@mail.example body x"
    assert mail.get_content() == "正文\r\n.\r\nMAIL FROM:<x@y>\r\n"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "wang",
        "wang@",
        "@mail.example",
        "wang@mail.example\r\nRCPT TO:<x@y>",
        "wang wei@mail.example",
        "<wang@mail.example>",
        "wang@mail.example,x@y.example",
        "王@mail.example",
        f"{'w' * 65}@mail.example",
        f"w@{'m' * 255}",
        "wang@mail..\x00",
    ],
)
def test_an_address_that_is_none_is_not_planned(address):
    with pytest.raises(PlanError) as error:
        Desk(25).channel.plan(letter(to=address))
    assert (error.value.code, error.value.fault) == ("bad_address", Fault.RECIPIENT)


def test_we_write_nothing_to_ourselves():
    with pytest.raises(PlanError, match="own_address"):
        Desk(25).channel.plan(letter(to=OURS.upper()))


def test_an_empty_mail_is_not_planned():
    with pytest.raises(PlanError, match="empty"):
        Desk(25).channel.plan(letter(" \n"))


async def test_greylisting_is_waited_out(server):
    server.rcpt.append("451 4.7.1 Greylisted, please try again in 300 seconds")
    async with desk_to(server.port) as desk:
        first, second = await send(desk), await send(desk)
    assert (first.outcome, first.fault, first.retry_after) == (
        Outcome.RETRY,
        Fault.RECIPIENT,
        timedelta(minutes=5),
    )
    assert second.outcome is Outcome.ACCEPTED
    assert server.connections == 1


@pytest.mark.parametrize(
    ("step", "answer", "result"),
    [
        (
            "rcpt",
            "550 5.1.1 User unknown",
            SendResult(Outcome.REJECTED, "", "smtp_550", Fault.RECIPIENT),
        ),
        ("rcpt", "552 mailbox full", SendResult(Outcome.REJECTED, "", "smtp_552", Fault.RECIPIENT)),
        ("rcpt", "421 closing", SendResult(Outcome.RETRY, "", "smtp_421", Fault.LINK)),
        ("mail", "553 5.7.1 not your address", SendResult(Outcome.RETRY, "", "smtp_553", Fault.ACCOUNT)),
        ("mail", "552 too large", SendResult(Outcome.REJECTED, "", "too_large")),
        ("data", "554 5.7.1 spam", SendResult(Outcome.REJECTED, "", "smtp_554")),
        ("data", "552 too large", SendResult(Outcome.REJECTED, "", "too_large")),
        ("data", "no number", SendResult(Outcome.UNKNOWN, REF, "no_answer", Fault.LINK)),
    ],
)
async def test_what_an_answer_means_and_that_the_next_mail_goes(server, step, answer, result):
    getattr(server, step).append(answer)
    async with desk_to(server.port) as desk:
        assert await send(desk) == result
        assert (await send(desk)).outcome is Outcome.ACCEPTED
    assert len(server.taken) == 1


async def test_links_are_reused_and_no_more_than_allowed(server):
    async with desk_to(server.port, links=4) as desk:
        results = await asyncio.gather(*(send(desk, letter(id=f"m{number}")) for number in range(60)))
    assert {result.outcome for result in results} == {Outcome.ACCEPTED}
    assert len({result.ref for result in results}) == 60
    assert server.connections == 4


async def test_a_link_that_rested_long_is_made_anew(server, monkeypatch):
    monkeypatch.setattr("messaging.mail.outgoing.IDLE_S", 0.0)
    async with desk_to(server.port) as desk:
        await send(desk)
        assert (await send(desk)).outcome is Outcome.ACCEPTED
    assert server.connections == 2


async def test_a_server_that_cannot_be_reached_took_nothing():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    async with desk_to(port) as desk:
        assert await send(desk) == SendResult(Outcome.RETRY, "", "not_connected", Fault.LINK)


async def test_a_server_that_says_nothing_took_nothing():
    async def silent(reader, writer):
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, desk_to(port, answer_limit_s=0.2) as desk:
        assert await send(desk) == SendResult(Outcome.RETRY, "", "not_connected", Fault.LINK)


async def test_an_answer_to_the_dot_that_comes_too_late_leaves_the_outcome_unknown(server):
    async def late(*_):
        await asyncio.sleep(1)
        return "250 OK"

    server.handle_DATA = late
    async with desk_to(server.port, answer_limit_s=0.2) as desk:
        assert await send(desk) == SendResult(Outcome.UNKNOWN, REF, "no_answer", Fault.LINK)


async def test_a_send_that_is_called_off_leaves_no_link_behind(server):
    async def never(*_):
        await asyncio.Event().wait()

    async with desk_to(server.port) as desk:
        server.handle_DATA = never
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await send(desk)
        assert desk.channel._links._free == []


# --------------------------------------------------------------------------- logins and TLS


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    subject = ("-subj", "/CN=mail.test", "-addext", "subjectAltName=IP:127.0.0.1")
    key = ("-newkey", "rsa:2048", "-nodes", "-keyout", folder / "key.pem")
    command = ["openssl", "req", "-x509", *key, "-out", folder / "cert.pem", "-days", "2", *subject]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def tls(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    return context


LOGIN = {"smtp_user": "hotline", "smtp_password": "secret"}


async def test_starttls_and_login(tls, certificate):
    options = {"smtp_security": "starttls", "ca_file": certificate / "cert.pem", **LOGIN}
    async with running_server(tls=tls, login=True) as server, desk_to(server.port, **options) as desk:
        assert (await send(desk)).outcome is Outcome.ACCEPTED
        assert server.logins == ["hotline"]


async def test_tls_from_the_first_octet(tls, certificate):
    options = {"smtp_security": "tls", "ca_file": certificate / "cert.pem"}
    async with running_server(tls=tls, implicit=True) as server, desk_to(server.port, **options) as desk:
        assert (await send(desk)).outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(("security", "implicit"), [("starttls", False), ("tls", True)])
async def test_a_certificate_that_nobody_vouches_for_is_the_accounts_fault(tls, security, implicit):
    async with (
        running_server(tls=tls, implicit=implicit) as server,
        desk_to(server.port, smtp_security=security) as desk,
    ):
        assert await send(desk) == SendResult(Outcome.RETRY, "", "tls_failed", Fault.ACCOUNT)


async def test_a_server_without_tls_gets_no_password(server):
    async with desk_to(server.port, smtp_security="starttls", **LOGIN) as desk:
        assert await send(desk) == SendResult(Outcome.RETRY, "", "not_supported", Fault.ACCOUNT)
    assert server.logins == []


async def test_a_wrong_password_rests_the_account_and_burns_no_mail(tls, certificate):
    options = {"smtp_security": "starttls", "ca_file": certificate / "cert.pem", **LOGIN}
    options["smtp_password"] = "wrong"
    async with running_server(tls=tls, login=True) as server, desk_to(server.port, **options) as desk:
        assert await send(desk) == SendResult(Outcome.RETRY, "", "unauthorized", Fault.ACCOUNT)


# --------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"address": "12345"}, "address"),
        ({"aliases": ("12319",)}, "aliases"),
        ({"smtp_security": "ssl"}, "smtp_security"),
        ({"smtp_user": "hotline"}, "belong together"),
        ({"imap_host": "127.0.0.1"}, "imap_user"),
        ({"links": 0}, "links"),
    ],
)
def test_a_wrong_setting_is_named_and_the_password_is_not(options, named):
    with pytest.raises(ValidationError, match=named) as error:
        Desk(25, imap_password="very-secret", **options)
    assert "very-secret" not in str(error.value)


def test_an_account_without_a_way_in_has_no_listener():
    channel = Desk(25, per_second=3.0).channel
    assert (channel.medium, channel.rate.per_second, channel.listen_port) == ("email", 3.0, 0)
    assert (channel.trouble, channel.routes()) == ("", ())
