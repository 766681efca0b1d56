"""What most accounts have in common: no addresses of their own, no files to fetch, no limit of rate."""

from collections.abc import AsyncIterator, Sequence

from pydantic import BaseModel, ConfigDict

from callcenter.domain.messages import Media
from callcenter.ports import MediaGoneError, Rate, WebRoute


class AccountOptions(BaseModel):
    """Base of the options of every kind: nothing unknown is overlooked. A value of digits that comes by the
    environment is read as a number there; where text is wanted it becomes text again. Errors do not show
    what was entered: there are secrets among it.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, coerce_numbers_to_str=True, hide_input_in_errors=True
    )


class AccountBase:
    """Base of the classes in `messaging/channels`; see `callcenter.ports.Channel`."""

    medium = ""

    def __init__(self, name: str, rate: Rate = Rate()) -> None:  # noqa: B008  # frozen
        self.name = name
        self.rate = rate

    @property
    def ready(self) -> bool:
        return True

    def routes(self) -> Sequence[WebRoute]:
        return ()

    async def fetch(self, media: Media) -> AsyncIterator[bytes]:
        raise MediaGoneError(f"{self.medium} has no files to fetch")
        yield media.ref.encode()  # unreachable: makes this an iterator like the others
