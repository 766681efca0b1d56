"""The door for citizens' pages: no session, so each request is looked at for what it costs us.

Only our own pages may send; nobody may send fast; what is written or looked up with a code brings the answer
to a small sum (`callcenter.domain.challenge`), which grows with what the address and everybody asked lately.
All of it is in the memory of this process and bounded.
"""

import asyncio
import ipaddress
import math
import secrets
from collections import Counter, OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from agent_console.auth import SAFE_METHODS
from callcenter.domain import challenge
from callcenter.domain.challenge import Challenge, ProofError, Spent
from callcenter.domain.errors import HotlineError, NotAllowedError
from callcenter.usecases.citizen import WrongCodeError

PROOF_HEADER, DEVICE_HEADER, LINK_HEADER = "x-proof", "x-device", "x-link"
KNOWN_ADDRESSES = 50_000
JSON = "application/json"
PROOF_PARTS = 5
IPV6_NET = 64  # one household
FREE_TRIES = 5
LONGEST_WAIT_S = 300.0  # for a number: its owner may not be kept out for long
FORGET_TRIES_S = 3_600.0
READERS = 2  # texts that are classified at a time


class TooFastError(HotlineError):
    code = "too_fast"

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"操作太频繁了，请等 {math.ceil(wait_s)} 秒再试；有急事请拨打 12345。")


class ProofNeededError(NotAllowedError):
    """The page takes a new challenge and tries again by itself."""

    code = "proof"

    def __init__(self) -> None:
        super().__init__("安全校验已过期，请再点一次。")


class ForeignPageError(NotAllowedError):
    code = "foreign_page"

    def __init__(self) -> None:
        super().__init__("请从热线自己的网页上提交；浏览器太旧时请换一个，或拨打 12345。")


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Pace:
    """Token buckets by key; those that were used longest ago are forgotten first, and begin full again."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str, now: float) -> None:
        """Raises `TooFastError`."""
        bucket = self._buckets.setdefault(key, _Bucket(self._burst, now))
        self._buckets.move_to_end(key)
        if len(self._buckets) > KNOWN_ADDRESSES:
            self._buckets.popitem(last=False)
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._per_second)
        bucket.at = now
        if bucket.left < 1:
            raise TooFastError((1 - bucket.left) / self._per_second)
        bucket.left -= 1


@dataclass(slots=True)
class _Tries:
    wrong: int
    at: float


class WrongTries:
    """After five wrong codes each further one doubles the wait, for this number and for this address."""

    def __init__(self) -> None:
        self._tries: OrderedDict[str, _Tries] = OrderedDict()
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def trying(self, keys: Sequence[str], now: float) -> Iterator[None]:
        """Raises `TooFastError`, the same whether or not there is such a number.

        Until its end a try counts as wrong: who asks a hundred times at once guesses no more than others.
        """
        wait = max(self._wait(key, now) for key in keys)
        if wait > 0:
            raise TooFastError(wait)
        self._under_way.update(keys)
        try:
            yield
        finally:
            self._under_way -= Counter(keys)  # and forgets those at zero

    def _wait(self, key: str, now: float) -> float:
        open_tries, known = self._under_way[key], self._tries.get(key)
        wrong = known.wrong if known and now - known.at <= FORGET_TRIES_S else 0
        beyond = wrong + open_tries - FREE_TRIES
        if beyond < 0:
            return 0.0
        last = now if open_tries or known is None else known.at
        return min(LONGEST_WAIT_S, 10.0 * 2.0 ** min(beyond, FREE_TRIES)) - (now - last)

    def wrong(self, keys: Sequence[str], now: float) -> None:
        for key in keys:
            known = self._tries.pop(key, None)
            fresh = known is None or now - known.at > FORGET_TRIES_S
            self._tries[key] = _Tries(1 if fresh or known is None else known.wrong + 1, now)
            if len(self._tries) > KNOWN_ADDRESSES:
                self._tries.popitem(last=False)

    def right(self, number: str) -> None:
        """The address stays where it is: whoever guesses may know one code well."""
        self._tries.pop(number, None)


class Recent:
    """How often each address asked within the life of a challenge, roughly: this half and the one before."""

    def __init__(self) -> None:
        self._half = 0
        self._now: OrderedDict[str, int] = OrderedDict()
        self._before: OrderedDict[str, int] = OrderedDict()

    def count(self, key: str, now: float) -> int:
        half = int(now / (challenge.LIFE.total_seconds() / 2))
        if half != self._half:
            self._before = self._now if half == self._half + 1 else OrderedDict()
            self._half, self._now = half, OrderedDict()
        self._now[key] = self._now.get(key, 0) + 1
        if len(self._now) > KNOWN_ADDRESSES:
            self._now.popitem(last=False)
        return self._now.get(key, 0) + self._before.get(key, 0)


class Door:
    """`proxies`: networks whose X-Forwarded-For is believed. `public_url`: where citizens reach us."""

    def __init__(self, key: bytes, proxies: Sequence[str], public_url: str) -> None:
        self._key = key
        self._proxies = [ipaddress.ip_network(one) for one in proxies]
        self._host = urlsplit(public_url).netloc
        self._spent = Spent()
        self._asked = Recent()
        self._all = Pace(per_second=20, burst=600)
        self._writes = Pace(per_second=0.5, burst=60)
        self._tries = WrongTries()
        self.readers = asyncio.Semaphore(READERS)

    def address(self, request: Request) -> str:
        """Who asks: the nearest address that is none of our proxies'. A household of IPv6 counts as one."""
        peer = request.client.host if request.client else ""
        forwarded = request.headers.get("x-forwarded-for", "").split(",") if self._proxies else []
        for hop in [peer, *(hop.strip() for hop in reversed(forwarded))]:
            peer = hop if _is_address(hop) else peer
            if not self._is_proxy(hop):
                break
        return _household(peer)

    def _is_proxy(self, host: str) -> bool:
        return _is_address(host) and any(_plain(host) in net for net in self._proxies)

    def check_page(self, request: Request) -> None:
        """Raises `ForeignPageError` for what no page of ours sent. Browsers cannot be made to lie here."""
        if request.method in SAFE_METHODS:
            return
        site = request.headers.get("sec-fetch-site", "")
        origin = urlsplit(request.headers.get("origin", "")).netloc
        ours = {request.headers.get("host", ""), self._host} - {""}
        json = request.method != "POST" or request.headers.get("content-type", "").startswith(JSON)
        if origin not in ours or site not in {"", "same-origin"} or not json:
            raise ForeignPageError

    def check_pace(self, request: Request, now: datetime) -> None:
        address = self.address(request)
        self._all.take(address, now.timestamp())
        if request.method not in SAFE_METHODS:
            self._writes.take(address, now.timestamp())

    def challenge(self, request: Request, now: datetime) -> Challenge:
        asked = self._asked.count(self.address(request), now.timestamp())
        bits = challenge.difficulty(asked, len(self._spent))
        return challenge.issue(self._key, secrets.token_hex(16), bits, now)

    @contextmanager
    def guessing(self, request: Request, number: str, now: datetime) -> Iterator[None]:
        """Around the use of a number with its code. Raises `TooFastError`."""
        at, keys = now.timestamp(), (f"number {number.strip()}", f"address {self.address(request)}")
        with self._tries.trying(keys, at):
            try:
                yield
            except WrongCodeError:
                self._tries.wrong(keys, at)
                raise
            self._tries.right(keys[0])

    def check_proof(self, request: Request, now: datetime) -> None:
        """Raises `ProofNeededError`."""
        try:
            asked, counter = _read_proof(request.headers.get(PROOF_HEADER, ""))
            challenge.check(self._key, asked, counter, now)
            self._spent.use(asked, now)
        except (ProofError, ValueError):
            raise ProofNeededError from None


def _read_proof(sent: str) -> tuple[Challenge, int]:
    """nonce.bits.expires.signature.counter; raises ValueError."""
    nonce, bits, expires, signature, counter = sent[:400].split(".", PROOF_PARTS - 1)
    return Challenge(nonce, int(bits), int(expires), signature), int(counter)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _household(host: str) -> str:
    if not _is_address(host):
        return host
    address = _plain(host)
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network((address.packed, IPV6_NET), strict=False))


def _plain(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """A listener for both kinds says ::ffff:192.0.2.1 for 192.0.2.1; all of those are no household."""
    address = ipaddress.ip_address(host)
    return getattr(address, "ipv4_mapped", None) or address


# ------------------------------------------------------------------------------- FastAPI dependencies


def the_door(request: Request) -> Door:
    door: Door = request.app.state.door
    return door


DoorDep = Annotated[Door, Depends(the_door)]


async def at_the_door(request: Request, door: DoorDep) -> None:
    """Every request of a citizen's page."""
    door.check_page(request)
    door.check_pace(request, request.app.state.context.now())


async def worked(request: Request, door: DoorDep) -> None:
    """A request that brings a solved challenge."""
    door.check_proof(request, request.app.state.context.now())
