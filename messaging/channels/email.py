"""A mailbox of the hotline: mails out by SMTP, in by an SMTP listener or from an IMAP mailbox.

Settings and the channel's face; the work is done in `messaging/mail`.
"""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import structlog
from pydantic import Field, SecretStr, field_validator, model_validator

from callcenter.domain.messages import Fault, Outbound, Outcome, Part, PlanError, SendResult
from callcenter.ports import Channel, Rate
from messaging.account import AccountBase, AccountOptions
from messaging.channels import Surroundings
from messaging.mail.compose import Enclosure, Sender, compose, stuffed
from messaging.mail.identity import Identity, well_formed
from messaging.mail.imap import ImapPoll, Mailbox
from messaging.mail.intake import MEDIUM, Intake
from messaging.mail.listener import Listener, Place
from messaging.mail.outgoing import Letter, Links, Security, Server

log = structlog.get_logger(__name__)

ENCLOSURE_MOST = 15 * 1024 * 1024  # octets; base64 makes 20 MiB of it, the most that many servers take


class Options(AccountOptions):
    """Settings of one mailbox. Without `listen_port` and `imap_host` nothing comes in."""

    address: str  # we write from it, and it reaches us
    aliases: tuple[str, ...] = ()  # they reach us as well
    sender_name: str = ""
    subject: str = "政务服务便民热线"  # where a message has none
    smtp_host: str
    smtp_port: int = Field(587, gt=0, lt=65_536)
    smtp_security: Security = Security.STARTTLS
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    ca_file: Path | None = None  # of a city's own authority
    links: int = Field(4, ge=1, le=20)
    per_second: float = Field(0, ge=0)  # 0 = as fast as the server takes them
    answer_limit_s: float = Field(20, gt=0)
    listen_host: str = "127.0.0.1"
    listen_port: int | None = Field(None, ge=0, lt=65_536)
    connections: int = Field(20, ge=1)
    imap_host: str = ""
    imap_port: int = Field(993, gt=0, lt=65_536)
    imap_security: Security = Security.TLS
    imap_user: str = ""
    imap_password: SecretStr = SecretStr("")
    imap_folder: str = Field("INBOX", pattern=r'^[^"\\\r\n]+$')
    poll_s: float = Field(30, gt=0)

    @field_validator("address", "aliases")
    @classmethod
    def _addresses(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for address in (value,) if isinstance(value, str) else value:
            if not well_formed(address):
                raise ValueError("not an e-mail address")
        return value

    @model_validator(mode="after")
    def _passwords(self) -> Self:
        if bool(self.smtp_user) != bool(self.smtp_password.get_secret_value()):
            raise ValueError("smtp_user and smtp_password belong together")
        if self.imap_host and not self.imap_user:
            raise ValueError("imap_host needs imap_user and imap_password")
        return self


class EmailChannel(AccountBase):
    """Implements `callcenter.ports.Channel`."""

    medium = MEDIUM

    def __init__(self, name: str, options: Options, around: Surroundings) -> None:
        super().__init__(name, Rate(per_second=options.per_second))
        self._clock = around.clock
        self._zone = around.zone
        self._store = around.media
        self._identity = Identity((options.address, *options.aliases))
        self._sender = Sender(self._identity, options.sender_name, options.subject)
        self._links = Links(_server(options, self._identity), options.links, _seconds)
        self._intake = Intake(name, self._identity, around.inbox, around.clock)
        self._listener = self._listening(options)
        self._poll = self._polling(options)

    def _listening(self, options: Options) -> Listener | None:
        if options.listen_port is None:
            return None
        place = Place(options.listen_host, options.listen_port, options.connections)
        return Listener(self.name, place, self._identity.receives, self._intake.take)

    def _polling(self, options: Options) -> ImapPoll | None:
        if not options.imap_host:
            return None
        mailbox = Mailbox(
            host=options.imap_host,
            port=options.imap_port,
            security=options.imap_security,
            user=options.imap_user,
            password=options.imap_password.get_secret_value(),
            folder=options.imap_folder,
            limit_s=options.answer_limit_s,
            tls=_tls(options.imap_security, options.ca_file),
        )
        return ImapPoll(self.name, mailbox, options.poll_s, self._intake.take)

    @property
    def trouble(self) -> str:
        """Links are made when there is something to send, so only the ways in can be known to fail."""
        if self._listener is not None and self._listener.trouble:
            return self._listener.trouble
        return f"mailbox: {self._poll.trouble}" if self._poll is not None and self._poll.trouble else ""

    @property
    def listen_port(self) -> int:
        """Where mails are taken, 0 for nowhere."""
        return self._listener.port if self._listener is not None else 0

    async def open(self) -> None:
        if self._listener is not None:
            await self._listener.start()
        if self._poll is not None:
            self._poll.start()

    async def close(self) -> None:
        if self._listener is not None:
            await self._listener.stop()
        if self._poll is not None:
            await self._poll.stop()
        await self._links.close()

    def plan(self, message: Outbound) -> Sequence[Part]:
        if not well_formed(message.to):
            raise PlanError("bad_address", Fault.RECIPIENT)
        if self._identity.receives(message.to):
            raise PlanError("own_address", Fault.RECIPIENT)
        if not message.text.strip() and message.attachment is None:
            raise PlanError("empty")
        return [Part(0, None)]

    async def send(self, message: Outbound, part: Part) -> SendResult:  # noqa: ARG002  # there is but one
        try:
            data = await self._composed(message)
        except KeyError:
            return SendResult(Outcome.REJECTED, code="file_missing")
        if data is None:
            return SendResult(Outcome.REJECTED, code="too_large")
        result = await self._links.send(Letter(self._identity.address, message.to, data))
        if result.outcome in {Outcome.ACCEPTED, Outcome.UNKNOWN}:
            result = replace(result, ref=self._identity.message_id(message.id))
        return result

    async def _composed(self, message: Outbound) -> bytes | None:
        """None = the file is too large for a mail. Raises `KeyError` when it is gone."""
        now = self._clock.now().astimezone(self._zone)
        if message.attachment is None:
            return stuffed(compose(message, self._sender, now))
        content = await self._store.read(message.attachment.digest)
        if len(content) > ENCLOSURE_MOST:
            return None
        enclosure = Enclosure(message.attachment, content)
        return stuffed(await asyncio.to_thread(compose, message, self._sender, now, enclosure))


def _seconds() -> float:
    return asyncio.get_running_loop().time()


def _server(options: Options, identity: Identity) -> Server:
    return Server(
        host=options.smtp_host,
        port=options.smtp_port,
        security=options.smtp_security,
        user=options.smtp_user,
        password=options.smtp_password.get_secret_value(),
        hello=identity.domain,
        answer_limit_s=options.answer_limit_s,
        tls=_tls(options.smtp_security, options.ca_file),
    )


def _tls(security: Security, ca_file: Path | None) -> ssl.SSLContext | None:
    return None if security is Security.NONE else ssl.create_default_context(cafile=ca_file)


def build(name: str, options: Mapping[str, Any], around: Surroundings) -> Channel:
    return EmailChannel(name, Options.model_validate(options), around)
