"""What delivery reports say in words: SMPP's receipts (Appendix B) and CMPP's status reports use the same.

Pure. Knows nothing of PDUs or of the outbox.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo

from callcenter.domain.messages import DeliveryState

# None = not final, nothing to record.
WORDS: Mapping[str, DeliveryState | None] = {
    "ENROUTE": None,
    "ACCEPTD": None,
    "DELIVRD": DeliveryState.DELIVERED,
    "EXPIRED": DeliveryState.EXPIRED,
    "DELETED": DeliveryState.FAILED,
    "UNDELIV": DeliveryState.FAILED,
    "REJECTD": DeliveryState.FAILED,
    "UNKNOWN": DeliveryState.UNKNOWN,
}
# Carriers put their own codes where a stat word stands (MK:0001, CB:0010 ...): not delivered.
VENDOR_CODE = DeliveryState.FAILED


def state(word: str) -> DeliveryState | None:
    """Of a stat word in capitals. A report without one says nothing certain."""
    return WORDS.get(word, VENDOR_CODE if word else DeliveryState.UNKNOWN)


def moment(digits: str, zone: tzinfo) -> datetime | None:
    """YYMMDDhhmm, perhaps with seconds. Nonsense is left out, the state counts."""
    padded = digits.ljust(12, "0")
    try:
        year, month, day, hour, minute, second = (int(padded[at : at + 2]) for at in range(0, 12, 2))
        return datetime(2000 + year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
