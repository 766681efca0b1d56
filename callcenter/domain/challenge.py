"""Proof of work: a small sum that a citizen's browser does before it sends something.

A person notices nothing of it; whoever sends thousands pays for each. The sum: find a counter such that
SHA-256 of 'nonce:counter' begins with so many zero bits. Knows nothing of HTTP and keeps no challenge: what
is asked is signed, so that only the answers have to be remembered (`Spent`).
"""

import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

LIFE = timedelta(minutes=10)
BASE_BITS = 14  # 16 thousand hashes on average: 0.1 s in a phone's browser
MAX_BITS = 20  # a million: 4 to 8 s
FREE_OF_ADDRESS = 20  # requests in `LIFE` before it gets harder; one address is a whole street at times
FREE_OF_ALL = 600
MAX_COUNTER = 2**40
DIGEST_BITS = 256


class ProofError(ValueError):
    """`code`: forged, expired, wrong, used."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Challenge:
    nonce: str
    bits: int
    expires: int  # seconds since 1970
    signature: str


def difficulty(of_address: int, of_all: int) -> int:
    """Bits for the next challenge: one more with each doubling of what was asked for within `LIFE`."""
    harder = max(_doublings(of_address, FREE_OF_ADDRESS), _doublings(of_all, FREE_OF_ALL))
    return min(BASE_BITS + harder, MAX_BITS)


def _doublings(asked: int, free: int) -> int:
    return (asked // free).bit_length()


def issue(key: bytes, nonce: str, bits: int, now: datetime) -> Challenge:
    expires = int((now + LIFE).timestamp())
    return Challenge(nonce, bits, expires, _sign(key, nonce, bits, expires))


def _sign(key: bytes, nonce: str, bits: int, expires: int) -> str:
    return hmac.new(key, f"{nonce}:{bits}:{expires}".encode(), hashlib.sha256).hexdigest()


def check(key: bytes, asked: Challenge, counter: int, now: datetime) -> None:
    """Raises `ProofError`. That it was not used before is for `Spent` to say."""
    signature = _sign(key, asked.nonce, asked.bits, asked.expires)
    if not hmac.compare_digest(signature.encode(), asked.signature.encode()):
        raise ProofError("forged")
    if now.timestamp() >= asked.expires:
        raise ProofError("expired")
    if not 0 <= counter < MAX_COUNTER or zero_bits(asked.nonce, counter) < asked.bits:
        raise ProofError("wrong")


def zero_bits(nonce: str, counter: int) -> int:
    digest = hashlib.sha256(f"{nonce}:{counter}".encode()).digest()
    return DIGEST_BITS - int.from_bytes(digest).bit_length()


class Spent:
    """Solutions that were used, until their challenge expires; none is taken twice."""

    def __init__(self) -> None:
        self._until: OrderedDict[str, int] = OrderedDict()

    def use(self, asked: Challenge, now: datetime) -> None:
        """Raises `ProofError` when it was used before."""
        self._forget(int(now.timestamp()))
        if asked.nonce in self._until:
            raise ProofError("used")
        self._until[asked.nonce] = asked.expires

    def _forget(self, now: int) -> None:
        """All live equally long, so that the oldest expire first, but for those that were solved slowly."""
        while self._until and next(iter(self._until.values())) <= now:
            self._until.popitem(last=False)

    def __len__(self) -> int:
        return len(self._until)
