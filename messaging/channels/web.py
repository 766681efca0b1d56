"""The citizen's own page: what is sent stays in the books, and the page reads it there.

Nothing goes over a wire, so nothing can be lost on it: every message is taken. It is delivered when the page
has fetched it, see `callcenter.usecases.citizen_talk`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from callcenter.domain.messages import Outbound, Outcome, Part, SendResult
from callcenter.ports import Channel
from messaging.account import AccountBase, AccountOptions
from messaging.channels import Surroundings


class Options(AccountOptions):
    """There is nothing to set."""


class WebChannel(AccountBase):
    """Implements `callcenter.ports.Channel`."""

    medium = "web"
    trouble = ""

    def plan(self, message: Outbound) -> Sequence[Part]:
        return [Part(0, message.attachment or message.text)]

    async def open(self) -> None:
        """Nothing to connect to."""

    async def send(self, message: Outbound, part: Part) -> SendResult:  # noqa: ARG002  # there is but one
        return SendResult(Outcome.ACCEPTED, message.id)

    async def close(self) -> None:
        """Nothing to leave."""


def build(name: str, options: Mapping[str, Any], around: Surroundings) -> Channel:
    del around
    Options.model_validate(options)
    return WebChannel(name)
