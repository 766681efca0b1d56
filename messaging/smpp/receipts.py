"""Delivery receipts and message ids. Pure.

A receipt names the message by an id whose base, case and leading zeros may differ from those of the
submit_sm_resp: with the base wrong, a fifth of all receipts match nothing. Both sides go through
`normal_id`, and only the normal form is ever stored. Knows nothing of the outbox.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum

from callcenter.domain.messages import DeliveryState
from messaging.smpp import wire
from messaging.smpp.wire import Tag
from messaging.sms import reports

# esm_class of deliver_sm (5.2.12): bits 5-2 say what the message is
MESSAGE_TYPE = 0x3C
RECEIPT_TYPE = 0x04

# message_state (5.2.28). None = not final, nothing to record.
STATES: Mapping[int, DeliveryState | None] = {
    1: None,  # enroute
    2: DeliveryState.DELIVERED,
    3: DeliveryState.EXPIRED,
    4: DeliveryState.FAILED,  # deleted by the SMSC's operator
    5: DeliveryState.FAILED,  # undeliverable
    6: None,  # accepted: the SMSC has it, the handset has not
    7: DeliveryState.UNKNOWN,
    8: DeliveryState.FAILED,  # rejected
}
_ID = re.compile(r"\bid:\s*(\S+)", re.IGNORECASE)
_STAT = re.compile(r"\bstat:\s*(\S+)", re.IGNORECASE)
_ERR = re.compile(r"\berr:\s*(\S+)", re.IGNORECASE)
_DONE = re.compile(r"\bdone date:\s*(\d{10,12})\b", re.IGNORECASE)


class IdBase(StrEnum):
    """How a peer writes the number that a message id is."""

    HEX = "hex"
    DECIMAL = "decimal"


DIGITS = {IdBase.HEX: (re.compile(r"[0-9A-Fa-f]+"), 16), IdBase.DECIMAL: (re.compile(r"[0-9]+"), 10)}


def normal_id(raw: str, base: IdBase) -> str:
    """Lower-case hexadecimal without leading zeros; an id that is no number only loses its case."""
    pattern, radix = DIGITS[base]
    text = raw.strip()
    return format(int(text, radix), "x") if pattern.fullmatch(text) else text.lower()


@dataclass(frozen=True, slots=True)
class Report:
    """What a receipt says. `state` None = still on its way; `message_id` as the peer wrote it."""

    message_id: str
    state: DeliveryState | None
    code: str = ""
    done_at: datetime | None = None


def is_receipt(message: wire.Message) -> bool:
    return message.esm_class & MESSAGE_TYPE == RECEIPT_TYPE


def parse(message: wire.Message, zone: tzinfo) -> Report | None:
    """TLVs first, the text of Appendix B for what they leave open; None when there is no id at all.

    `zone` is the SMSC's: its dates carry none.
    """
    text = message.content.decode("latin-1")
    message_id = _tlv_id(message) or _found(_ID, text)
    if not message_id:
        return None
    word = _found(_STAT, text).upper()
    return Report(
        message_id, _state(message, word), _code(text, word), reports.moment(_found(_DONE, text), zone)
    )


def _tlv_id(message: wire.Message) -> str:
    return message.tlvs.get(Tag.RECEIPTED_MESSAGE_ID, b"").split(b"\0")[0].decode("latin-1")


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""


def _state(message: wire.Message, word: str) -> DeliveryState | None:
    number = int.from_bytes(message.tlvs.get(Tag.MESSAGE_STATE, b""))
    if number:
        return STATES.get(number, DeliveryState.UNKNOWN)
    return reports.state(word)


def _code(text: str, word: str) -> str:
    """The carrier's own code where there is one, to be looked up by people."""
    error = _found(_ERR, text)
    return word if not error.strip("0") else f"{word} {error}".strip()
