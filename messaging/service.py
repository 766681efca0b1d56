"""Messaging as one thing to start and stop: the configured accounts, each with its relay."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import partial
from typing import Any

import structlog

from callcenter.domain.messages import Media
from callcenter.ports import Channel, Clock, MediaGoneError, Outbox, WebRoute
from messaging import channels
from messaging.channels import Surroundings
from messaging.dispatch import PACE, Pace, Relay

log = structlog.get_logger(__name__)

DRAIN_S = 15.0


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """`name` is what the rows of the books say; `kind` names a file in `messaging/channels`. Of the accounts
    of a medium those with the lowest `priority` carry its messages, the others when these are gone.
    """

    name: str
    kind: str
    priority: int = 1
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """`trouble` '' and no `paused_until` = messages flow."""

    name: str
    medium: str
    trouble: str
    paused_until: datetime | None


class Messaging:
    """Build with `messaging(...)`. `accounts`: a channel and its priority. `zone` is the city's, for quiet
    hours.
    """

    def __init__(
        self,
        accounts: Sequence[tuple[Channel, int]],
        outbox: Outbox,
        clock: Clock,
        zone: tzinfo,
        pace: Pace = PACE,
    ) -> None:
        self._channels = {channel.name: channel for channel, _ in accounts}
        self._relays = _relays(accounts, partial(Relay, outbox=outbox, clock=clock, zone=zone, pace=pace))
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Returns at once; channels connect in the background and keep trying."""
        for channel in self._channels.values():
            await channel.open()
        self._tasks = [asyncio.create_task(relay.run()) for relay in self._relays]

    def wake(self) -> None:
        """Call after every commit that put something into the outbox; without it a poll finds it."""
        for relay in self._relays:
            relay.wake()

    async def stop(self) -> None:
        """Claim no more, let what is in the air come down, leave each peer politely."""
        for relay in self._relays:
            relay.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=DRAIN_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(channel.close() for channel in self._channels.values()))

    def routes(self) -> Mapping[str, Sequence[WebRoute]]:
        """By account: what the platforms call."""
        return {name: routes for name, one in self._channels.items() if (routes := one.routes())}

    def fetch(self, account: str, media: Media) -> AsyncIterator[bytes]:
        """A file from the account it came by. Raises as `Channel.fetch`."""
        channel = self._channels.get(account)
        if channel is None:
            raise MediaGoneError("the account is not set up any more")
        return channel.fetch(media)

    def health(self) -> Sequence[AccountHealth]:
        return [
            AccountHealth(one.name, one.medium, one.trouble, relay.paused_until)
            for one, relay in ((self._channels[relay.name], relay) for relay in self._relays)
        ]


def _relays(accounts: Sequence[tuple[Channel, int]], make: Callable[..., Relay]) -> list[Relay]:
    """Each knows those of its medium that come before it."""
    made: defaultdict[str, list[tuple[int, Relay]]] = defaultdict(list)
    flying: defaultdict[str, dict[str, asyncio.Task[None]]] = defaultdict(dict)
    ordered = sorted(accounts, key=lambda one: one[1])
    for place, (channel, priority) in enumerate(ordered):
        siblings = made[channel.medium]
        better = [relay for rank, relay in siblings if rank < priority]
        after = (other.name for other, _ in ordered[place + 1 :] if other.medium == channel.medium)
        names = frozenset(other.name for other, _ in ordered if other.medium == channel.medium)
        relay = make(
            channel,
            better=better,
            flying=flying[channel.medium],
            next_account=next(after, ""),
            siblings=names,
        )
        siblings.append((priority, relay))
    return [relay for siblings in made.values() for _, relay in siblings]


def messaging(
    settings: Sequence[AccountSettings],
    outbox: Outbox,
    around: Surroundings,
    zone: tzinfo,
    pace: Pace = PACE,
) -> Messaging:
    """Raises `channels.UnknownKindError` or pydantic's error where a setting is wrong."""
    built = [(channels.build(one.kind, one.name, one.options, around), one.priority) for one in settings]
    return Messaging(built, outbox, around.clock, zone, pace)
