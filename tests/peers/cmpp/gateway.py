"""A carrier's gateway (ISMG) for the tests, CMPP 2.0 and 3.0, written from the tables of the specification.
It shares no code with `messaging`, so that a misreading there is not repeated here.

In the test's own loop, steered through `settings`:

    async with running_gateway(reports="before") as gateway:
        gateway.settings.silent = True
        gateway.text_from("13800000001", "10690012345", "查")

As a process, which a test can kill: `python -m tests.peers.cmpp.gateway SETTINGS`. The first line on stdout
is {"port": N}, then one line per SUBMIT.
"""

import asyncio
import hashlib
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime

from tests.peers.cmpp.tables import (
    ACTIVE_TEST,
    CMPP2,
    CMPP3,
    CONNECT,
    DELIVER,
    DELIVER_TABLE,
    RESP,
    SHORT_STATUS,
    SUBMIT,
    SUBMIT_TABLE,
    TERMINATE,
    Submitted,
    pack,
    received,
    unpack,
    words,
)

UNITS_PER_PART = 67


@dataclass
class Settings:
    sp_id: str = "900001"
    secret: str = "secret"
    highest: int = CMPP3
    login_status: int = 0  # other than 0: refuse every login with it
    proof: str = "right"  # right | empty | wrong
    result: int = 0  # of SUBMIT_RESP ...
    result_count: int = 0  # ... for so many submits
    silent: bool = False  # take submits and never answer
    silent_count: int = 0  # leave so many submits without answer
    answers: int = -1  # answer so many submits, then none; -1 = all
    answer_delay: float = 0.0
    reports: str = "after"  # off | after | before (the answer) | twice
    report_terminal: int = 0  # width of the number in reports; 0 = as the version says
    stat: str = "DELIVRD"
    resend_s: float = 0.2
    answers_tests: bool = True
    nameless: bool = False  # Msg_Id of citizens' messages is 0
    clock: str = ""  # MMDDhhmmss of message ids; '' = now


@dataclass
class Texted:
    """A citizen's message on its way in; sent again until it is answered, as the protocol orders."""

    fields: dict
    sent: int = 0
    answered: bool = False
    result: int | None = None


@dataclass
class Counts:
    links: int = 0
    logins: int = 0
    terminates: int = 0
    tests: int = 0
    most_open: int = 0


class Gateway:
    def __init__(self, **settings) -> None:
        self.settings = Settings(**settings)
        self.counts = Counts()
        self.submits: list[Submitted] = []
        self.inbound: list[Texted] = []
        self.asked_versions: list[int] = []
        self.on_submit = lambda submitted: None
        self.port = 0
        self._links: list[Link] = []
        self._count = 0
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.drop()
        await asyncio.gather(*(link.task for link in self._links if link.task), return_exceptions=True)

    def drop(self) -> None:
        """Cut every link without goodbye."""
        for link in self._links:
            link.writer.transport.abort()

    def new_id(self) -> int:
        """Month 4 bits, day 5, hour 5, minute 6, second 6, gateway 22, count 16."""
        self._count += 1
        stamp = self.settings.clock or datetime.now().strftime("%m%d%H%M%S")  # noqa: DTZ005
        month, day, hour, minute, second = (int(stamp[at : at + 2]) for at in range(0, 10, 2))
        when = (((month << 5 | day) << 5 | hour) << 6 | minute) << 6 | second
        return when << 38 | 10001 << 16 | self._count

    def texts(self, number: str) -> list[str]:
        """What that handset shows, whole texts in the order in which they were completed."""
        whole, open_parts = [], {}
        for one in (one for one in self.submits if one.to == number):
            if one.part is None:
                whole.append(one.text)
                continue
            reference, total, place = one.part
            parts = open_parts.setdefault((one.source, reference, total), {})
            parts[place] = one.text
            if len(parts) == total:
                whole.append("".join(parts[place] for place in sorted(parts)))
                del open_parts[one.source, reference, total]
        return whole

    def text_from(self, number, to, text, parts=(), reference=7, coding=8, wide=False) -> None:
        """A citizen texts. `parts` = order in which the parts of a long text are sent, from 1."""
        units = text.encode({8: "utf-16-be", 15: "gb18030", 0: "gb18030"}.get(coding, "latin-1"))
        room = UNITS_PER_PART * 2
        pieces = [units[at : at + room] for at in range(0, len(units), room)]
        numbers = parts or (range(1, len(pieces) + 1) if len(units) > 140 else [0])
        for place in numbers:
            header = bytes((5, 0, 3, reference, len(pieces), place))
            if wide:
                header = bytes((6, 8, 4, 1, reference, len(pieces), place))
            content = header + pieces[place - 1] if place else units
            self.delivers(number, to, content, Msg_Fmt=coding, TP_udhi=1 if place else 0)

    def delivers(self, number: str, to: str, content: bytes, **fields) -> Texted:
        one = Texted(
            {
                "Msg_Id": 0 if self.settings.nameless else self.new_id(),
                "Dest_Id": to.encode(),
                "Src_terminal_Id": number.encode(),
                "Msg_Length": len(content),
                "Msg_Content": content,
                **fields,
            }
        )
        self.inbound.append(one)
        if self._links and self._links[-1].logged_in:
            self._links[-1].deliver(one)
        return one

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(self, reader, writer)
        link.task = asyncio.current_task()
        self._links.append(link)
        self.counts.links += 1
        try:
            await link.run()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            link.end()
            self._links.remove(link)


@dataclass
class Link:
    gateway: Gateway
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    version: int = CMPP2
    logged_in: bool = False
    task: asyncio.Task | None = None
    _sequence: int = 0
    _open: int = 0
    _delivering: dict[int, Texted] = field(default_factory=dict)
    _timers: list[asyncio.TimerHandle] = field(default_factory=list)

    async def run(self) -> None:
        while True:
            length, command, sequence = await self._header()
            body = await self.reader.readexactly(length - 12)
            handle = {
                CONNECT: self._connect,
                SUBMIT: self._submit,
                ACTIVE_TEST: self._active_test,
                TERMINATE: self._terminate,
                DELIVER | RESP: self._delivered,
            }.get(command)
            if handle:
                handle(sequence, body)

    async def _header(self) -> tuple[int, int, int]:
        octets = await self.reader.readexactly(12)
        return tuple(int.from_bytes(octets[at : at + 4]) for at in (0, 4, 8))

    def end(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self.writer.close()

    def say(self, command: int, sequence: int, body: bytes = b"") -> None:
        head = b"".join(number.to_bytes(4) for number in (12 + len(body), command, sequence))
        self.writer.write(head + body)

    def later(self, seconds: float, what, *arguments) -> None:
        loop = asyncio.get_running_loop()
        if seconds:
            self._timers.append(loop.call_later(seconds, what, *arguments))
        else:
            what(*arguments)

    def _status(self, number: int) -> bytes:
        return number.to_bytes(SHORT_STATUS[self.version])

    # ------------------------------------------------------------------- login and link

    def _connect(self, sequence: int, body: bytes) -> None:
        settings = self.gateway.settings
        source, proof, version, stamp = body[:6], body[6:22], body[22], int.from_bytes(body[23:27])
        self.gateway.asked_versions.append(version)
        self.version = CMPP3 if version >= CMPP3 else CMPP2
        secret = settings.secret.encode()
        expected = hashlib.md5(source + bytes(9) + secret + f"{stamp:010}".encode()).digest()
        status = settings.login_status
        if not status and version & 0xF0 > settings.highest:
            status, self.version = 4, settings.highest
        if not status and (words(source) != settings.sp_id or proof != expected):
            status = 2 if words(source) != settings.sp_id else 3
        ours = hashlib.md5(self._status(status) + proof + secret).digest()
        ours = {"right": ours, "empty": bytes(16), "wrong": ours[::-1]}[settings.proof]
        self.say(CONNECT | RESP, sequence, self._status(status) + ours + bytes((settings.highest,)))
        if status:
            return
        self.gateway.counts.logins += 1
        self.logged_in = True
        for one in self.gateway.inbound:
            if not one.answered:
                self.deliver(one)

    def _active_test(self, sequence: int, _body: bytes) -> None:
        self.gateway.counts.tests += 1
        if self.gateway.settings.answers_tests:
            self.say(ACTIVE_TEST | RESP, sequence, b"\0")

    def _terminate(self, sequence: int, _body: bytes) -> None:
        self.gateway.counts.terminates += 1
        self.say(TERMINATE | RESP, sequence)
        self.writer.close()

    # ------------------------------------------------------------------- to citizens

    def _submit(self, sequence: int, body: bytes) -> None:
        gateway, settings = self.gateway, self.gateway.settings
        fields = unpack(SUBMIT_TABLE, self.version, body)
        if settings.result_count > 0:
            settings.result_count -= 1
            self.say(SUBMIT | RESP, sequence, bytes(8) + self._status(settings.result))
            return
        submitted = received(fields, gateway.new_id(), sequence)
        gateway.submits.append(submitted)
        gateway.on_submit(submitted)
        self._open += 1
        gateway.counts.most_open = max(gateway.counts.most_open, self._open)
        if settings.reports == "before":
            self._report(submitted)
        if self._wants_answer():
            self.later(settings.answer_delay, self.answer, submitted)
        times = {"after": 1, "twice": 2}.get(settings.reports, 0)
        for _ in range(times):
            self.later(settings.answer_delay + 0.001, self._report, submitted)

    def _wants_answer(self) -> bool:
        settings = self.gateway.settings
        if settings.silent_count > 0:
            settings.silent_count -= 1
            return False
        return not settings.silent and (settings.answers < 0 or len(self.gateway.submits) <= settings.answers)

    def answer(self, submitted: Submitted) -> None:
        self._open -= 1
        self.say(SUBMIT | RESP, submitted.sequence, submitted.message_id.to_bytes(8) + self._status(0))

    def _report(self, submitted: Submitted) -> None:
        width = self.gateway.settings.report_terminal or (21 if self.version == CMPP2 else 32)
        content = (
            submitted.message_id.to_bytes(8)
            + self.gateway.settings.stat.encode().ljust(7, b"\0")
            + b"2611201200"
            + b"2611201201"
            + submitted.to.encode().ljust(width, b"\0")
            + bytes(4)
        )
        self.gateway.delivers(submitted.to, submitted.source, content, Registered_Delivery=1)

    # ------------------------------------------------------------------- from citizens

    def deliver(self, one: Texted) -> None:
        if one.answered:
            return
        one.sent += 1
        self._sequence += 1
        self._delivering[self._sequence] = one
        self.say(DELIVER, self._sequence, pack(DELIVER_TABLE, self.version, **one.fields))
        self.later(self.gateway.settings.resend_s, self.deliver, one)

    def _delivered(self, sequence: int, body: bytes) -> None:
        one = self._delivering.pop(sequence, None)
        if one is not None:
            assert body[:8] == one.fields["Msg_Id"].to_bytes(8)
            assert len(body) == 8 + SHORT_STATUS[self.version]
            one.answered, one.result = True, int.from_bytes(body[8:])


@asynccontextmanager
async def running_gateway(**settings) -> AsyncIterator[Gateway]:
    gateway = Gateway(**settings)
    await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.stop()


async def main() -> None:
    def tell(what) -> None:
        print(json.dumps(what), flush=True)  # noqa: T201  # stdout is how the test listens

    gateway = Gateway(**json.loads(sys.argv[1]))
    await gateway.start(int(sys.argv[2]) if sys.argv[2:] else 0)
    gateway.on_submit = lambda submitted: tell(asdict(submitted))
    tell({"port": gateway.port})
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
