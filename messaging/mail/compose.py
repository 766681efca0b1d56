"""Our mails as octets, ready for DATA. Pure.

Nothing that a person typed can become a header: addresses are checked when the message is planned, subjects
lose their line ends and the library encodes the rest.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from callcenter.domain.messages import Attachment, Outbound, Purpose
from messaging.mail.identity import Identity, ids_in

LONGEST_SUBJECT = 150
_REPLY = re.compile(r"(re|回复|答复)\s*[:：]", re.IGNORECASE)
_BLANK = re.compile(r"[\s\x00-\x1f\x7f\u2028\u2029]+")

# a machine wrote these: whoever answers automatically must not answer them (RFC 3834, 5)
MACHINE = frozenset({Purpose.SERVICE, Purpose.SURVEY})


@dataclass(frozen=True, slots=True)
class Sender:
    """`subject` stands where a message has none."""

    identity: Identity
    name: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Enclosure:
    about: Attachment
    content: bytes


def compose(message: Outbound, sender: Sender, now: datetime, enclosure: Enclosure | None = None) -> bytes:
    """The whole mail with CRLF line ends, not yet dot-stuffed."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(sender.name, addr_spec=sender.identity.address)
    mail["To"] = Address(addr_spec=message.to)
    mail["Subject"] = subject(message, sender.subject)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = sender.identity.message_id(message.id)
    if answered := ids_in(message.thread)[:1]:
        mail["In-Reply-To"] = mail["References"] = answered[0]
    if by_machine(message):
        mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text.encode("utf-8", "replace").decode(), charset="utf-8", cte="base64")
    if enclosure is not None:
        _enclose(mail, enclosure)
    return mail.as_bytes()


def subject(message: Outbound, otherwise: str) -> str:
    """One line; marked as an answer where it is one."""
    words = _BLANK.sub(" ", message.subject.encode("utf-8", "replace").decode()).strip() or otherwise
    if message.thread and not _REPLY.match(words):
        words = f"Re: {words}"
    return words[:LONGEST_SUBJECT]


def by_machine(message: Outbound) -> bool:
    return message.purpose in MACHINE or bool(message.template)


def stuffed(mail: bytes) -> bytes:
    """For DATA, the final dot included (RFC 5321, 4.5.2)."""
    body = mail.replace(b"\r\n.", b"\r\n..")
    return body + (b".\r\n" if body.endswith(b"\r\n") else b"\r\n.\r\n")


def _enclose(mail: EmailMessage, enclosure: Enclosure) -> None:
    main, _, sub = enclosure.about.mime.partition("/")
    if (
        not sub
        or not re.fullmatch(r"[\w.+-]+/[\w.+-]+", enclosure.about.mime)
        or main in {"message", "multipart"}
    ):
        main, sub = "application", "octet-stream"
    name = _BLANK.sub(" ", enclosure.about.name).strip() or enclosure.about.digest[:12]
    mail.add_attachment(enclosure.content, maintype=main, subtype=sub, filename=name)
