"""One call as a flow sees it: say this, ask for a key, record. Knows AGI's commands, not its transport.

`Hangup` may come out of every method: the citizen may be gone at any line. Before a step that takes
long, the session tells Asterisk how long it may take (`TIMEOUT(absolute)`): the sound, the wait for a
key, and at most 3 s for us. When we fall silent in the middle, Asterisk takes the call back after that
time and goes on without us.
"""

from collections.abc import Callable
from typing import Protocol

from ivr.agi.wire import Environment, Reply, format_command

ANSWER_S = 2.0
"""Longest time for a command that does nothing audible. The dialplan gives up after 3 s."""

MARGIN_S = 3

DONE = "AGI_DONE"
OK = 200


class Hangup(Exception):  # noqa: N818 - not an error: every call ends so
    """The citizen is gone. Every flow must expect it at every line."""


class Gone(Hangup):
    """The connection to Asterisk is gone, which may also mean that Asterisk took the call back."""


class CommandError(Exception):
    """Asterisk does not take this command (510, 520): a fault of ours."""


class Link(Protocol):
    """What the session needs of the connection."""

    async def ask(self, command: bytes, within: float) -> Reply: ...


class Session:
    """Commands of one call. Times are in seconds. `length` knows how long a prompt lasts."""

    def __init__(self, link: Link, environment: Environment, length: Callable[[str], float]) -> None:
        self._link = link
        self._length = length
        self.script = environment.script
        self.call_id = environment.call_id
        self.number = environment.number
        self.arguments = environment.arguments

    def argument(self, place: int) -> str:
        """The dialplan's argument at this place, '' when it gave fewer."""
        return self.arguments[place] if place < len(self.arguments) else ""

    async def answer(self) -> None:
        await self._audible(ANSWER_S, "ANSWER")

    async def stream_file(self, prompt: str, stop_keys: str = "") -> str:
        """Play a prompt; returns the key of `stop_keys` that cut it short, else ''."""
        reply = await self._audible(self._length(prompt), "STREAM FILE", prompt, stop_keys)
        return _key(reply.result)

    async def get_data(self, prompt: str, wait: float, digits: int) -> str:
        """Play a prompt and collect up to `digits` keys, `wait` seconds after its end; '' for none."""
        longest = self._length(prompt) + wait
        reply = await self._audible(longest, "GET DATA", prompt, int(wait * 1000), digits)
        return "".join(key for key in reply.result if key in "0123456789*#")

    async def wait_for_key(self, wait: float) -> str:
        reply = await self._audible(wait, "WAIT FOR DIGIT", int(wait * 1000))
        return _key(reply.result)

    async def set_variable(self, name: str, value: str | int) -> None:
        await self._ask(ANSWER_S, "SET VARIABLE", name, value)

    async def get_variable(self, name: str) -> str:
        """'' when it is not set."""
        return (await self._ask(ANSWER_S, "GET VARIABLE", name)).data

    async def verbose(self, text: str) -> None:
        await self._ask(ANSWER_S, "VERBOSE", text, 1)

    async def hang_up(self) -> None:
        await self._ask(ANSWER_S, "HANGUP")

    async def done(self) -> None:
        """The last word: the dialplan goes on as the flow decided, not as without us."""
        await self.set_variable(DONE, 1)

    async def _audible(self, seconds: float, name: str, *arguments: str | int) -> Reply:
        await self.set_variable("TIMEOUT(absolute)", int(seconds) + MARGIN_S)
        reply = await self._ask(seconds + MARGIN_S, name, *arguments)
        if reply.result == "-1":
            raise Hangup
        return reply

    async def _ask(self, within: float, name: str, *arguments: str | int) -> Reply:
        reply = await self._link.ask(format_command(name, *arguments), within)
        if reply.hung_up:
            raise Hangup
        if reply.code != OK:
            raise CommandError(f"Asterisk answered {reply.code} to {name}")
        return reply


def _key(result: str) -> str:
    """AGI gives a key as its ASCII code, 0 for none."""
    return chr(int(result)) if result.isdigit() and int(result) else ""
