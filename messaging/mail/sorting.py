"""What kind of mail it is: a citizen's, a machine's, news of one of ours, or our own come back. Pure.

A mail that a machine wrote is never answered (RFC 3834); a bounce is a receipt; our own mail goes no further,
so no loop can arise however others' servers are set.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser

from callcenter.domain.messages import DeliveryState
from messaging.mail.charsets import header
from messaging.mail.identity import Identity, ids_in
from messaging.mail.reading import Letter, Part

NULL_SENDERS = frozenset({"", "<>"})
LONGEST_SEARCH = 64 * 1024  # characters of a bounce that are searched for our id, or octets of its report
MOST_BLOCKS = 10  # of a report; ours are about one mail to one recipient

# RFC 3464, 2.3.3; what is delayed, relayed or expanded is still on its way
_STATES: Mapping[str, DeliveryState] = {
    "failed": DeliveryState.FAILED,
    "delivered": DeliveryState.DELIVERED,
}
_REPORTERS = re.compile(r"(mailer-daemon|postmaster)@", re.IGNORECASE)
_MACHINE_HEADERS = ("x-autoreply", "x-autorespond", "x-auto-reply", "x-vacation", "list-id", "feedback-id")
_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
_SUBJECT = re.compile(
    r"\s*(自动回复|自动答复|auto(matic)?[ -]?reply|out of (the )?office|vacation)", re.IGNORECASE
)
_HEADERS = BytesHeaderParser()
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


@dataclass(frozen=True, slots=True)
class Bounce:
    """What became of one of ours: `code` is the enhanced status (RFC 3463), e.g. 5.1.1.

    Whom it reached is not told: our id alone says which mail is meant, and what a report says of recipients
    anybody can have written.
    """

    message_id: str
    state: DeliveryState
    code: str


def is_own(letter: Letter, identity: Identity) -> bool:
    return identity.receives(letter.sender) or identity.is_ours(letter.message_id)


def is_report(letter: Letter, return_path: str | None) -> bool:
    """News from a mail server about a mail that was sent."""
    if letter.kind == "multipart/report":
        return any(part.mime == "message/delivery-status" for part in letter.parts)
    return return_path in NULL_SENDERS and _REPORTERS.match(letter.sender) is not None


def by_machine(letter: Letter, return_path: str | None) -> bool:
    """Nobody waits for an answer to it."""
    headers = letter.headers
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip().lower()
    return (
        return_path in NULL_SENDERS
        or submitted != "no"
        or any(name in headers for name in _MACHINE_HEADERS)
        or headers.get("precedence", "").strip().lower() in _PRECEDENCE
        or _REPORTERS.match(letter.sender) is not None
        or _SUBJECT.match(letter.subject) is not None
    )


def bounces(letter: Letter, identity: Identity) -> tuple[Bounce, ...]:
    """() when it is about none of ours, or says nothing final."""
    ours = _about(letter, identity)
    if not ours:
        return ()
    reported = [part for part in letter.parts if part.mime == "message/delivery-status"]
    if reported:
        return tuple(_read_report(reported[0], ours))
    status = _STATUS.search(letter.text)
    return (Bounce(ours, DeliveryState.FAILED, status[0] if status else "bounced"),)


def _about(letter: Letter, identity: Identity) -> str:
    """Our mail that the report is about: it comes back with the report, or its id is quoted."""
    for part in reversed(letter.parts):
        if part.mime in {"message/rfc822", "text/rfc822-headers", "message/global"}:
            ids = ids_in(header(_field(_HEADERS.parsebytes(part.octets), "Message-ID")))
            if ours := identity.ours_in(ids):
                return ours[0]
    if ours := identity.ours_in(letter.answers):
        return ours[0]
    return next((found for part in letter.parts if (found := _quoted(part, identity))), "")


def _quoted(part: Part, identity: Identity) -> str:
    if not part.mime.startswith(("text/", "message/")):
        return ""
    return identity.ours_quoted(part.text[:LONGEST_SEARCH].replace("&lt;", "<").replace("&gt;", ">"))


def _read_report(part: Part, ours: str) -> Iterator[Bounce]:
    """Fields of each recipient (RFC 3464, 2.3); the library parts them like small mails."""
    for fields in _blocks(part):
        state = _STATES.get(_field(fields, "Action").strip().lower())
        if state is not None:
            status = _STATUS.search(_field(fields, "Status"))
            yield Bounce(ours, state, status[0] if status else "bounced")


def _blocks(part: Part) -> Iterator["Message[str, str]"]:
    report = part.octets[:LONGEST_SEARCH].strip()
    for block in re.split(rb"(?:\r?\n){2,}", report, maxsplit=MOST_BLOCKS)[:MOST_BLOCKS]:
        yield _HEADERS.parsebytes(block)


def _field(fields: "Message[str, str]", name: str) -> str:
    """Of octets beyond ASCII the library makes an object that is no string."""
    return str(fields.get(name, ""))
