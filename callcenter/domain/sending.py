"""What supervisors decide about outgoing messages: filed templates, words that must not go out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FilingState(StrEnum):
    """Where the filing of a text with a carrier stands (实名报备)."""

    DRAFT = "draft"
    FILED = "filed"
    APPROVED = "approved"
    STOPPED = "stopped"


@dataclass
class TemplateFiling:
    """One text at one account. `code` is what the provider calls it."""

    account: str
    template: str
    state: FilingState
    changed_at: datetime
    code: str = ""
    note: str = ""


@dataclass
class ModeratedWord:
    """A word that carriers block; a message with it is held back for a person."""

    word: str
    added_at: datetime
    added_by: str = ""


@dataclass
class CannedText:
    """常用语: words that seats send often. Fields in braces are filled when it is picked: {name}, {seat},
    {number}.
    """

    id: str
    position: int
    title: str
    text: str
