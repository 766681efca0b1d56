"""Mails fetched from a mailbox by IMAP (RFC 3501): whatever is unseen, seen only after the commit.

The standard library's client blocks, so each step runs in a thread; one step at a time on one connection. A
connection lasts for one look into the mailbox: nothing has to be kept alive.
"""

import asyncio
import contextlib
import imaplib
import random
import re
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import structlog

from messaging.mail.listener import SIZE_LIMIT
from messaging.mail.outgoing import Security
from messaging.policy import Ladder

log = structlog.get_logger(__name__)

BATCH = 100  # mails in one look
MOST_FAILURES = 3  # of one mail while others are kept
FIRST_OF_LARGE = 256 * 1024  # octets that are fetched of a mail over the limit: its words, not its files
PAUSES = Ladder(timedelta(seconds=5), timedelta(minutes=5))
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_RETURN_PATH = re.compile(rb"^return-path:\s*(<[^<>\r\n]*>)", re.IGNORECASE | re.MULTILINE)

Take = Callable[[bytes, str | None], Awaitable[None]]
"""Mail and envelope sender ('<>' for none, None = not known); returns after the commit."""

Answer = Sequence[bytes | tuple[bytes, bytes] | None]


@dataclass(frozen=True, slots=True)
class Mailbox:
    host: str
    port: int
    security: Security
    user: str
    password: str
    folder: str
    limit_s: float
    tls: ssl.SSLContext | None


class Line:
    """In which order mails are tried. One that failed stands behind those that did not, so that a hundred of
    them block nothing. One that failed in three looks in which another could be kept is at fault itself: it
    stays unseen, for a person to look at. While nothing can be kept, nothing is counted.
    """

    def __init__(self) -> None:
        self._failed: set[str] = set()
        self._failures: Counter[str] = Counter()

    def order(self, unseen: Sequence[str]) -> Sequence[str]:
        """Those that are tried in this look."""
        self._failed.intersection_update(unseen)
        self._failures = Counter({uid: self._failures[uid] for uid in unseen if uid in self._failures})
        left = [uid for uid in unseen if self._failures[uid] < MOST_FAILURES]
        return sorted(left, key=self._failed.__contains__)[:BATCH]

    def looked(self, failed: Sequence[str], *, kept: bool) -> Sequence[str]:
        """What failed in a look in which another was kept or not; returns those that are given up by it."""
        self._failed.update(failed)
        if not kept:
            return []
        self._failures.update(failed)
        return [uid for uid in failed if self._failures[uid] == MOST_FAILURES]


class ImapPoll:
    """`trouble` is '' while the last look went well."""

    def __init__(self, account: str, mailbox: Mailbox, every_s: float, take: Take) -> None:
        self._account = account
        self._mailbox = mailbox
        self._every_s = every_s
        self._take = take
        self._line = Line()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.trouble = "not_connected"

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """After the mail that is being taken: a thread cannot be called off."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            self._note(await self._looked())
            failures = failures + 1 if self.trouble else 0
            rest = PAUSES.pause(failures, random.random()) if failures else timedelta(0)  # noqa: S311
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(self._every_s, rest.total_seconds())):
                    await self._stopping.wait()

    async def _looked(self) -> str:
        """What went wrong, or ''."""
        try:
            await self.look()
        except (imaplib.IMAP4.error, OSError) as error:
            return type(error).__name__
        except Exception:
            log.exception("mailbox_not_read", account=self._account)
            return "inbox_away"
        return ""

    async def look(self) -> None:
        """Take what is unseen. One that cannot be kept stays unseen and holds up no other; an error of theirs
        is raised at the end.
        """
        failed: dict[str, Exception] = {}
        kept = 0
        box = await asyncio.to_thread(_open, self._mailbox)
        try:
            for uid in self._line.order(await asyncio.to_thread(_unseen, box)):
                if self._stopping.is_set():
                    break
                error = await self._taken(box, uid)
                kept += error is None
                if error is not None:
                    failed[uid] = error
        finally:
            await asyncio.to_thread(_close, box)
        for uid in self._line.looked(list(failed), kept=kept > 0):
            log.error("mail_skipped", account=self._account, uid=uid, error=type(failed[uid]).__name__)
        if failed:
            raise next(iter(failed.values()))

    async def _taken(self, box: imaplib.IMAP4, uid: str) -> Exception | None:
        """Why it could not be kept, None when it was."""
        raw = await asyncio.to_thread(_fetch, box, uid)
        try:
            await self._take(raw, _return_path(raw))
        except Exception as error:  # noqa: BLE001  # raised when the look is over
            return error
        await asyncio.to_thread(_mark_seen, box, uid)
        return None

    def _note(self, trouble: str) -> None:
        if trouble != self.trouble:
            log.info("mailbox_state", account=self._account, trouble=trouble)
        self.trouble = trouble


# ----------------------------------------------------------------------------- steps, each in a thread


def _open(mailbox: Mailbox) -> imaplib.IMAP4:
    box = _connected(mailbox)
    with _closed_on_failure(box):
        if mailbox.security is Security.STARTTLS:
            box.starttls(ssl_context=mailbox.tls)
        box.login(mailbox.user, mailbox.password)
        _good(box.select(f'"{mailbox.folder}"'))
    return box


def _connected(mailbox: Mailbox) -> imaplib.IMAP4:
    if mailbox.security is Security.TLS:
        return imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=mailbox.tls, timeout=mailbox.limit_s)
    return imaplib.IMAP4(mailbox.host, mailbox.port, timeout=mailbox.limit_s)


@contextmanager
def _closed_on_failure(box: imaplib.IMAP4) -> Iterator[None]:
    try:
        yield
    except BaseException:
        box.shutdown()
        raise


def _unseen(box: imaplib.IMAP4) -> list[str]:
    found = _good(box.uid("SEARCH", "UNSEEN", "UNDELETED"))
    return found[0].decode().split() if found and isinstance(found[0], bytes) else []


def _fetch(box: imaplib.IMAP4, uid: str) -> bytes:
    """PEEK leaves it unseen."""
    described = _good(box.uid("FETCH", uid, "(RFC822.SIZE)"))
    size = _SIZE.search(b" ".join(one for one in described if isinstance(one, bytes)))
    large = size is not None and int(size[1]) > SIZE_LIMIT
    section = f"(BODY.PEEK[]<0.{FIRST_OF_LARGE}>)" if large else "(BODY.PEEK[])"
    answer = _good(box.uid("FETCH", uid, section))
    raw = next((one[1] for one in answer if isinstance(one, tuple)), b"")
    return raw[: raw.rfind(b"\n") + 1] if large else raw  # half a line of base64 cannot be read


def _mark_seen(box: imaplib.IMAP4, uid: str) -> None:
    _good(box.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"))


def _close(box: imaplib.IMAP4) -> None:
    with contextlib.suppress(imaplib.IMAP4.error, OSError):
        box.logout()


def _good(answer: tuple[str, Answer]) -> Answer:
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error("refused")
    return data


def _return_path(raw: bytes) -> str | None:
    """What the last server knew of the envelope; none at all is not the same as an empty one."""
    found = _RETURN_PATH.search(raw[: raw.find(b"\n\r\n") + 1] or raw)
    return found[1].decode("ascii", "replace") if found else None
