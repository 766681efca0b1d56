"""A gateway that costs next to nothing, as a process of its own: takes every SUBMIT of CMPP 2.0, answers it
and reports it delivered in the same breath, and can send citizens' texts as fast as they are answered.

    python -m tests.bench.cmpp_sink [TEXTS]

Prints {"port": N}; with TEXTS also a summary when all of them are answered.
"""

import asyncio
import hashlib
import json
import struct
import sys
import time
from collections import deque

CONNECT, SUBMIT, DELIVER, ACTIVE_TEST, TERMINATE, RESP = 1, 4, 5, 8, 2, 0x80000000
HEAD = struct.Struct(">III")
SECRET = b"secret"
WINDOW = 64
TO = slice(117, 138)  # first recipient in the body of a SUBMIT
OURS = b"10690012345".ljust(21, b"\0")


def frame(command: int, sequence: int, body: bytes = b"") -> bytes:
    return HEAD.pack(12 + len(body), command, sequence) + body


def deliver(message_id: bytes, sender: bytes, content: bytes, *, report: bool, coding: int) -> bytes:
    head = message_id + OURS + bytes(10) + bytes((0, 0, coding)) + sender.ljust(21, b"\0")
    return head + bytes((report, len(content))) + content + bytes(8)


class Sink(asyncio.Protocol):
    def __init__(self, texts: int) -> None:
        self.texts, self.answered, self.sent, self.count = texts, 0, 0, 0
        self.buffer = b""
        self.began = 0.0
        self.reports: deque[bytes] = deque()
        self.open = 0

    def connection_made(self, transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        out, at = [], 0
        while len(self.buffer) - at >= 12:
            length, command, sequence = HEAD.unpack_from(self.buffer, at)
            if len(self.buffer) - at < length:
                break
            self.took(command, sequence, self.buffer[at + 12 : at + length], out)
            at += length
        self.buffer = self.buffer[at:]
        self.transport.write(b"".join(out))

    def took(self, command: int, sequence: int, body: bytes, out: list[bytes]) -> None:
        if command == SUBMIT:
            self.count += 1
            message_id = struct.pack(">Q", (11 << 60) | self.count)
            out.append(frame(SUBMIT | RESP, sequence, message_id + b"\0"))
            report = message_id + b"DELIVRD" + b"2611200400" * 2 + body[TO] + bytes(4)
            body = deliver(message_id, body[TO], report, report=True, coding=0)
            self.reports.append(frame(DELIVER, self.count, body))
            self.report(out)
        elif command == CONNECT:
            proof = hashlib.md5(b"\0" + body[6:22] + SECRET).digest()
            out.append(frame(CONNECT | RESP, sequence, b"\0" + proof + b"\x20"))
            self.began = time.perf_counter()
            self.more(out)
        elif command == DELIVER | RESP and not self.texts:
            self.open -= 1
            self.report(out)
        elif command == DELIVER | RESP:
            self.answered += 1
            self.more(out)
            if self.answered == self.texts:
                seconds = time.perf_counter() - self.began
                tell(texts=self.texts, seconds=seconds)
        elif command in {ACTIVE_TEST, TERMINATE}:
            out.append(frame(command | RESP, sequence, b"\0" if command == ACTIVE_TEST else b""))

    def report(self, out: list[bytes]) -> None:
        while self.reports and self.open < WINDOW:
            self.open += 1
            out.append(self.reports.popleft())

    def more(self, out: list[bytes]) -> None:
        while self.sent < self.texts and self.sent - self.answered < WINDOW:
            self.sent += 1
            message_id = struct.pack(">Q", (12 << 60) | self.sent)
            sender = b"138%08d" % self.sent
            text = "文昌路与学府街路口路面塌陷".encode("utf-16-be")
            out.append(frame(DELIVER, self.sent, deliver(message_id, sender, text, report=False, coding=8)))


def tell(**words: float) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


async def main() -> None:
    texts = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    server = await asyncio.get_running_loop().create_server(lambda: Sink(texts), "127.0.0.1", 0)
    tell(port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
