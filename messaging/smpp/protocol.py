"""One SMPP connection: enquiries and the end of the link are answered here, the rest is worked on.

Knows nothing of binds, windows or texts (`session`), nor of what a message means.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from messaging.link import protocol as link
from messaging.smpp import wire
from messaging.smpp.wire import Command, Pdu, Status

Serve = Callable[[Pdu], Awaitable[Pdu]]


class SmppProtocol(link.Link[Pdu]):
    """`serve` answers the peer's requests; `clock` is a reactor or a test's clock; times in seconds."""

    last_sequence = wire.LAST_SEQUENCE

    def __init__(self, serve: Serve, clock: Any, answer_limit: float) -> None:
        super().__init__(wire.Framer(), serve, clock, answer_limit)

    async def request(self, command: Command, body: bytes = b"") -> Pdu:
        """The peer's answer, whatever its status. Raises `LinkLostError` or `NoAnswerError`."""
        return await self.ask(command.name, lambda sequence: Pdu(command, sequence, Status.OK, body))

    def requested(self, pdu: Pdu) -> None:
        if pdu.command == Command.ENQUIRE_LINK:
            self.write(pdu.answer())
        elif pdu.command == Command.UNBIND:
            self.write(pdu.answer())
            self.transport.loseConnection()
        else:
            self.start_serving(pdu)

    def fits(self, asked: int, answer: Pdu) -> bool:
        return answer.command in {asked | wire.RESPONSE, Command.GENERIC_NACK}

    def too_many(self, pdu: Pdu) -> Pdu:
        """A storm costs no memory, and the SMSC keeps what we could not take."""
        return pdu.answer(Status.QUEUE_FULL)

    def failed(self, pdu: Pdu) -> Pdu:
        return pdu.answer(Status.TEMPORARY_FAILURE)


async def dial(reactor: Any, host: str, port: int, limit: float, serve: Serve) -> SmppProtocol:
    """Connect within `limit` seconds, which is also how long answers are waited for.

    Raises `LinkLostError` when nobody is there.
    """
    return await link.dial(reactor, host, port, limit, lambda: SmppProtocol(serve, reactor, limit))
