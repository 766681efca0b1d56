"""Where the platform calls: proof of the address, pushes into the inbox, answers in the same request.

The platform waits 5 s, then cuts the line and pushes again, three times in all. An answer that is not 200 it
repeats at once, three times within a second; so while the database is away a request is kept waiting instead,
which spreads the three over a quarter of a minute, and we go on trying after the line was cut.
"""

import asyncio
from dataclasses import dataclass

import structlog

from callcenter.ports import Clock, Inbox, WebRequest, WebResponse
from messaging.wechat import body, pushes, replies
from messaging.wechat.body import UnreadableError
from messaging.wechat.envelope import Envelope, NotGenuineError, Opened
from messaging.wechat.hooks import Hook, Hooks
from messaging.wechat.pushes import Push

log = structlog.get_logger(__name__)

TAKEN = WebResponse(body=replies.NOTHING.encode())
NOT_GENUINE, UNREADABLE, TOO_LARGE, AWAY = 403, 400, 413, 503


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. `budget`: from the request to the answer, whatever the database takes of it."""

    passive_wait: float = 3.5
    budget: float = 4.4
    hold: float = 20.0
    again: float = 0.5


class Receiving:
    def __init__(
        self,
        account: str,
        envelope: Envelope,
        inbox: Inbox,
        clock: Clock,
        hooks: Hooks,
        timing: Timing,
        *,
        positions: bool,
    ) -> None:
        self._account = account
        self._envelope = envelope
        self._inbox = inbox
        self._clock = clock
        self._hooks = hooks
        self._timing = timing
        self._positions = positions

    async def prove(self, request: WebRequest) -> WebResponse:
        """GET: the platform asks whether this address is ours; the answer is its own word."""
        try:
            self._envelope.check(request.query, self._clock.now())
        except NotGenuineError as error:
            return self._refused(NOT_GENUINE, error)
        return WebResponse(body=request.query.get("echostr", "").encode())

    async def push(self, request: WebRequest) -> WebResponse:
        """POST: commit, then answer."""
        began = asyncio.get_running_loop().time()
        if len(request.body) > body.MOST:
            return WebResponse(TOO_LARGE)
        try:
            opened = self._envelope.open(request.query, request.body, self._clock.now())
            push = pushes.read(body.fields(opened.text), self._account, positions=self._positions)
        except NotGenuineError as error:
            return self._refused(NOT_GENUINE, error)
        except UnreadableError as error:
            return self._refused(UNREADABLE, error)
        new = await self._committed(push)
        if new is None:
            return WebResponse(AWAY)
        if not new or not push.answered:
            return TAKEN
        spent = asyncio.get_running_loop().time() - began
        return await self._answer(push, opened, request.query.get("nonce", ""), spent)

    def _refused(self, status: int, error: Exception) -> WebResponse:
        log.warning("wechat_push_refused", account=self._account, status=status, reason=str(error))
        return WebResponse(status)

    async def _committed(self, push: Push) -> bool | None:
        """True = it is new, False = a repeat or nothing to keep, None = the database is away."""
        try:
            async with asyncio.timeout(self._timing.hold):
                return await self._insist(push)
        except TimeoutError:
            log.warning("wechat_push_given_up", account=self._account)
            return None

    async def _insist(self, push: Push) -> bool:
        while True:
            try:
                return await self._keep(push)
            except Exception:
                log.exception("wechat_push_not_kept_yet", account=self._account)
                await asyncio.sleep(self._timing.again)

    async def _keep(self, push: Push) -> bool:
        for receipt in push.receipts:
            await self._inbox.receipt(receipt)
        return push.inbound is not None and await self._inbox.accept(push.inbound)

    async def _answer(self, push: Push, opened: Opened, nonce: str, spent: float) -> WebResponse:
        assert push.inbound is not None  # it was committed
        seconds = min(self._timing.passive_wait, self._timing.budget - spent)
        hook = await self._hooks.wait(push.inbound.sender, push.inbound.event_key, seconds)
        return TAKEN if hook is None else self._written(hook, push.ours, opened, nonce)

    def _written(self, hook: Hook, ours: str, opened: Opened, nonce: str) -> WebResponse:
        now = self._clock.now()
        words = replies.words(hook.text, hook.openid, ours, now, as_json=opened.json)
        sealed = self._envelope.seal(opened, words, nonce, now)
        kind = "application/json" if opened.json else "application/xml"
        return WebResponse(body=sealed.encode(), content_type=f"{kind}; charset=utf-8", written=hook.written)
