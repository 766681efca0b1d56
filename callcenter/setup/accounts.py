"""The demo accounts that the seed left for the terminal: a file that only its owner can read."""

import json
from dataclasses import dataclass
from pathlib import Path

FILE = "demo-accounts.json"


@dataclass(frozen=True)
class Account:
    role: str
    name: str
    username: str
    password: str


def demo_accounts(state: Path) -> list[Account]:
    """Accounts to show, none where the demo city was not seeded."""
    try:
        listed = json.loads((state / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [Account(**account) for account in listed]
