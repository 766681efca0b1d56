"""The carriers that relay and channel are run against, with one face: npm's SMSC and the test gateway."""

from typing import Any, Protocol

from tests.peers.cmpp.gateway import Gateway
from tests.peers.smsc.peer import PASSWORD, SYSTEM_ID, SmscPeer

OUR_NUMBER = "10690012345"


class Carrier(Protocol):
    kind: str
    options: dict[str, Any]

    async def recipients(self) -> list[str]:
        """Of every short message taken, in order."""

    async def throttle(self, count: int) -> None:
        """Refuse so many as too fast."""

    async def slow(self, seconds: float) -> None:
        """Answer after so long."""

    async def goodbyes(self) -> int: ...


class Smsc:
    kind = "sms_smpp"

    def __init__(self, peer: SmscPeer) -> None:
        self._peer = peer
        account = {"host": "127.0.0.1", "port": peer.port, "system_id": SYSTEM_ID, "password": PASSWORD}
        self.options = {**account, "source": OUR_NUMBER, "answer_limit_s": 1}

    async def recipients(self) -> list[str]:
        return [message["to"] for message in await self._peer.messages()]

    async def throttle(self, count: int) -> None:
        await self._peer.set(status=0x58, statusCount=count)

    async def slow(self, seconds: float) -> None:
        await self._peer.set(answerDelayMs=seconds * 1000)

    async def goodbyes(self) -> int:
        return (await self._peer.state())["unbinds"]


class Ismg:
    kind = "sms_cmpp"

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        account = {"host": "127.0.0.1", "port": gateway.port, "sp_id": "900001", "secret": "secret"}
        self.options = {**account, "source": OUR_NUMBER, "answer_limit_s": 1}

    async def recipients(self) -> list[str]:
        return [one.to for one in self._gateway.submits]

    async def throttle(self, count: int) -> None:
        self._gateway.settings.result, self._gateway.settings.result_count = 8, count

    async def slow(self, seconds: float) -> None:
        self._gateway.settings.answer_delay = seconds

    async def goodbyes(self) -> int:
        return self._gateway.counts.terminates
