"""Plays Asterisk to a FastAGI server: many calls at once, every command answered at once.

Run as `python -m tests.bench.agi_load PORT CALLS AT_ONCE`; prints one JSON object. Plain sockets and one
`epoll`, so that the load costs less than what it measures. A command's time is from our last byte (the
reply before it, or the environment) to the command's last byte: what a call waits for its server.
"""

import json
import select
import socket
import sys
import time
from dataclasses import dataclass, field

from tests.bench.measure import percentile

LOCAL = "127.0.0.1"
REPLY = b"200 result=1 (queue 1)\n"
PATIENCE_S = 30.0

ENVIRONMENT = "".join(
    f"agi_{name}: {value}\n"
    for name, value in {
        "network": "yes",
        "network_script": "bench",
        "request": "agi://127.0.0.1:4573/bench",
        "channel": "PJSIP/trunk-00000001",
        "language": "zh",
        "type": "PJSIP",
        "uniqueid": "ast1-1700000000.1",
        "version": "22.10.1",
        "callerid": "13800138000",
        "calleridname": "unknown",
        "callingpres": "0",
        "callingani2": "0",
        "callington": "0",
        "callingtns": "0",
        "dnid": "12345",
        "rdnis": "unknown",
        "context": "ask",
        "extension": "s",
        "priority": "5",
        "enhanced": "0.0",
        "accountcode": "",
        "threadid": "140000000000000",
        "arg_1": "12345",
    }.items()
).encode()


@dataclass
class Load:
    port: int
    left: int
    waits: list[float] = field(default_factory=list)
    finished: int = 0

    def run(self, at_once: int) -> float:
        """Seconds for all calls."""
        self._poll = select.epoll()
        self._calls: dict[int, tuple[socket.socket, float]] = {}
        begun = time.perf_counter()
        for _ in range(min(at_once, self.left)):
            self._begin()
        while self._calls:
            ready = self._poll.poll(PATIENCE_S)
            if not ready:
                raise SystemExit(f"the server is silent, {len(self._calls)} calls open")
            for number, _ in ready:
                self._serve(number)
        return time.perf_counter() - begun

    def _begin(self) -> None:
        self.left -= 1
        call = socket.create_connection((LOCAL, self.port))
        call.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        call.sendall(ENVIRONMENT + b"\n")
        self._calls[call.fileno()] = (call, time.perf_counter())
        self._poll.register(call, select.EPOLLIN)

    def _serve(self, number: int) -> None:
        """One command is one packet: no server here sends a second one before its reply."""
        call, asked = self._calls[number]
        if not call.recv(4096):
            self._end(number, call)
            return
        self.waits.append(time.perf_counter() - asked)
        call.sendall(REPLY)
        self._calls[number] = (call, time.perf_counter())

    def _end(self, number: int, call: socket.socket) -> None:
        self._poll.unregister(number)
        del self._calls[number]
        call.close()
        self.finished += 1
        if self.left:
            self._begin()


if __name__ == "__main__":
    port, calls, at_once = map(int, sys.argv[1:])
    load = Load(port, calls)
    seconds = load.run(at_once)
    print(  # noqa: T201 - this is what the benchmark reads
        json.dumps(
            {
                "calls": load.finished,
                "commands": len(load.waits),
                "seconds": seconds,
                "p50_ms": percentile(load.waits, 50) * 1000,
                "p99_ms": percentile(load.waits, 99) * 1000,
            }
        )
    )
