"""Name of an AGI script -> call flow, and what happens when a flow cannot go on.

A flow that fails, for whatever reason, leaves without the last word `AGI_DONE`; then the dialplan goes
on by itself. So one broken call is one line in the log and no lost citizen.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import structlog

from callcenter.ports import CallDesk
from ivr.agi.session import Hangup, Link, Session
from ivr.agi.wire import Environment
from ivr.flows.main import main
from ivr.flows.night import night
from ivr.flows.survey import survey
from ivr.prompts import LONGEST_S

log = structlog.get_logger(__name__)

Flow = Callable[[Session, CallDesk], Awaitable[None]]
FLOWS: Mapping[str, Flow] = {"main": main, "night": night, "survey": survey}


class Connection(Link, Protocol):
    def close(self) -> None: ...


class Switchboard:
    """Runs the right flow for each connection. `length` knows how many seconds a prompt lasts."""

    def __init__(
        self,
        desk: CallDesk,
        flows: Mapping[str, Flow] = FLOWS,
        length: Callable[[str], float] = lambda _prompt: LONGEST_S,
    ) -> None:
        self._desk = desk
        self._flows = flows
        self._length = length

    async def serve(self, connection: Connection, environment: Environment) -> None:
        """To the end of our part of the call; never raises but for cancellation."""
        try:
            await self._run(Session(connection, environment, self._length))
        except Hangup:
            log.info("caller_gone", call=environment.call_id, script=environment.script)
        except Exception:
            log.exception("flow_failed", call=environment.call_id, script=environment.script)
        finally:
            connection.close()

    async def _run(self, session: Session) -> None:
        flow = self._flows.get(session.script)
        if flow is None:
            log.error("unknown_script", call=session.call_id)
            return
        await flow(session, self._desk)
        await session.done()
