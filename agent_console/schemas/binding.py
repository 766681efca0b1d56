"""Binding a telephone number to a citizen of WeChat. For the citizen's page `/c/bind?ticket=...`: it asks for
the number, then for the code, and shows what `Problem` says when something is refused.
"""

from pydantic import Field

from agent_console.schemas.base import Schema

MOST = 1_000  # characters of a ticket


class CodeWanted(Schema):
    """Text a code to this number. `ticket` is the one in the page's own address."""

    ticket: str = Field(max_length=MOST)
    number: str = Field(max_length=24, description="as typed: blanks and +86 are taken")


class CodeSent(Schema):
    """`masked`: where the code went. Another code can be asked for after `again_s` seconds."""

    masked: str
    expires_s: int
    again_s: int


class CodeEntered(Schema):
    """Three tries for each code."""

    ticket: str = Field(max_length=MOST)
    code: str = Field(pattern=r"^\d{6}$")


class NumberBound(Schema):
    """From now on this number and the citizen of WeChat are one contact."""

    masked: str
