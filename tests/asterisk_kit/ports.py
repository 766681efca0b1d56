"""Ports for test runs that may stand side by side on one machine."""

import os
import socket
from functools import cache

LOCAL = "127.0.0.1"
CLAIM_PORT = 9  # from the base on: bound for as long as the process lives, used for nothing
_CLAIMS: list[socket.socket] = []


@cache
def free_base(user: str) -> int:
    """First of a thousand ports for this process and `user`; two test runs may share a machine.

    A run binds its ports only after seconds of preparation, so the thousand is held, until the process
    ends, by one port that nobody uses: whoever finds it taken goes on to the next thousand.
    """
    first = 20_000 + os.getpid() % 12 * 1_000
    for base in (*range(first, 32_000, 1_000), *range(20_000, first, 1_000)):
        claim = socket.socket()
        try:
            claim.bind((LOCAL, base + CLAIM_PORT))
        except OSError:
            claim.close()
            continue
        _CLAIMS.append(claim)
        if all(_is_free(base + offset) for offset in range(CLAIM_PORT)):
            return base
    raise AssertionError("no thousand free ports between 20000 and 32000")


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((LOCAL, port))
            except OSError:
                return False
    return True
