"""Messaging as one thing to start and stop: the configured channels, each with its relay."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

import structlog

from callcenter.ports import Channel, Clock, Outbox
from messaging import channels
from messaging.channels import Surroundings
from messaging.dispatch import Relay

log = structlog.get_logger(__name__)

DRAIN_S = 15.0


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """`name` is what outbox and inbox rows say; `kind` names a file in `messaging/channels`."""

    name: str
    kind: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ChannelHealth:
    """`trouble` '' and no `paused_until` = messages flow."""

    name: str
    trouble: str
    paused_until: datetime | None


class Messaging:
    """Build with `messaging(...)`. `zone` is the city's, for quiet hours."""

    def __init__(self, outgoing: Sequence[Channel], outbox: Outbox, clock: Clock, zone: tzinfo) -> None:
        self._channels = outgoing
        self._relays = [Relay(channel, outbox, clock, zone) for channel in outgoing]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Returns at once; channels connect in the background and keep trying."""
        for channel in self._channels:
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
        await asyncio.gather(*(channel.close() for channel in self._channels))

    def health(self) -> Sequence[ChannelHealth]:
        pairs = zip(self._channels, self._relays, strict=True)
        return [ChannelHealth(one.name, one.trouble, relay.paused_until) for one, relay in pairs]


def messaging(
    settings: Sequence[ChannelSettings], outbox: Outbox, around: Surroundings, zone: tzinfo
) -> Messaging:
    """Raises `channels.UnknownKindError` or pydantic's error where a setting is wrong."""
    built = [channels.build(one.kind, one.name, one.options, around) for one in settings]
    return Messaging(built, outbox, around.clock, zone)
