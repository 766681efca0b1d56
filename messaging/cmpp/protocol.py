"""One CMPP connection: link tests and the end of the link are answered here, messages are worked on.

Knows nothing of logins, windows or texts (`session`), nor of what a message means.
"""

import random
from collections.abc import Awaitable, Callable
from typing import Any

from messaging.cmpp import wire
from messaging.cmpp.wire import Command, Pdu, Version
from messaging.link import protocol as link

ALIVE = b"\0"  # the reserved octet of ACTIVE_TEST_RESP

Serve = Callable[[Pdu, Version], Awaitable[Pdu | None]]


class CmppProtocol(link.Link[Pdu]):
    """`serve` works on DELIVER; without an answer the gateway sends it again, as the protocol orders.

    `version` is what the login agreed on. `clock` is a reactor or a test's clock; times in seconds.
    """

    last_sequence = wire.LAST_SEQUENCE

    def __init__(self, serve: Serve, clock: Any, answer_limit: float, sequence: int = 0) -> None:
        super().__init__(wire.Framer(), lambda pdu: serve(pdu, self.version), clock, answer_limit, sequence)
        self.version = Version.V20

    async def request(self, command: Command, body: bytes = b"", tries: int = 1) -> Pdu:
        """The peer's answer, whatever it says; sent `tries` times under one Sequence_Id while there is none.

        Raises `LinkLostError` or `NoAnswerError`.
        """
        return await self.ask(command.name, lambda sequence: Pdu(command, sequence, body), tries)

    def requested(self, pdu: Pdu) -> None:
        if pdu.command == Command.ACTIVE_TEST:
            self.write(pdu.answer(ALIVE))
        elif pdu.command == Command.TERMINATE:
            self.write(pdu.answer())
            self.transport.loseConnection()
        elif pdu.command == Command.DELIVER:
            self.start_serving(pdu)
        else:  # CMPP has no word for "I do not know that": silence
            self.log.warning("cmpp_unknown_command", command=hex(pdu.command))

    def fits(self, asked: int, answer: Pdu) -> bool:
        return answer.command == asked | wire.RESPONSE

    def too_many(self, pdu: Pdu) -> None:
        """The protocol allows a gateway 16; what is beyond our limit stays its own until it asks again."""
        self.log.warning("cmpp_too_many_open", command=hex(pdu.command))

    def failed(self, pdu: Pdu) -> None:
        """Not stored, so not acknowledged. A result other than 0 would be taken as final by some gateways."""


async def dial(reactor: Any, host: str, port: int, limit: float, serve: Serve) -> CmppProtocol:
    """Connect within `limit` seconds, which is also how long answers are waited for.

    Every link begins at another Sequence_Id: a gateway that remembers those of the last link would take new
    messages for repeats. Raises `LinkLostError` when nobody is there.
    """
    first = random.randrange(wire.LAST_SEQUENCE)  # noqa: S311  # no secret
    return await link.dial(reactor, host, port, limit, lambda: CmppProtocol(serve, reactor, limit, first))
