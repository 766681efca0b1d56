"""Who we are in the mail: our addresses, the ids of our mails, and telling ours from others'. Pure.

An id is made from the outbox row, so it is the same on a resend: the peer and the citizen's program can tell
a repeat, and answers and bounces lead back to the row. The word in front keeps it apart from ids that the
city's other mail programs make under the same domain.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3
MARK = "hotline"
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)")
_IN_ID = re.compile(r"[^A-Za-z0-9._-]")
_ANY_ID = re.compile(r"<[^<>\s]{1,250}>")


def well_formed(address: str) -> bool:
    """A plain ASCII address (RFC 5321 Mailbox without quoted forms)."""
    return len(address) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(address) is not None


def normal(address: str) -> str:
    """Domains are the same in any case; what stands before the @ is its owner's affair."""
    local, _, domain = address.strip().rpartition("@")
    return f"{local}@{domain.lower()}" if local else address.strip()


def ids_in(header: str) -> tuple[str, ...]:
    """Message ids in the order in which they stand (RFC 5322, 3.6.4)."""
    return tuple(_ANY_ID.findall(header))


@dataclass(frozen=True)
class Identity:
    """`addresses`: the one we write from, then others that reach us."""

    addresses: tuple[str, ...]

    @property
    def address(self) -> str:
        return self.addresses[0]

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()

    @cached_property
    def _ours(self) -> re.Pattern[str]:
        return re.compile(rf"<{MARK}\.[A-Za-z0-9._-]+@{re.escape(self.domain)}>", re.IGNORECASE)

    @cached_property
    def _mailboxes(self) -> frozenset[str]:
        return frozenset(address.lower() for address in self.addresses)

    def message_id(self, outbox_id: str) -> str:
        return f"<{MARK}.{_IN_ID.sub('-', outbox_id)}@{self.domain}>"

    def is_ours(self, message_id: str) -> bool:
        return self._ours.fullmatch(message_id) is not None

    def ours_in(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Those of ours, each once."""
        return tuple(dict.fromkeys(one for one in ids if self.is_ours(one)))

    def ours_quoted(self, text: str) -> str:
        """The first id of ours that stands anywhere in a text, or ''."""
        found = self._ours.search(text)
        return found[0] if found else ""

    def receives(self, address: str) -> bool:
        """Also with a tag behind a plus sign (12345+anything@…)."""
        local, _, domain = address.strip().lower().rpartition("@")
        return f"{local.partition('+')[0]}@{domain}" in self._mailboxes
