"""What a deliver_sm is a part of: concatenation header or sar TLVs. Pure."""

from messaging.smpp import wire
from messaging.smpp.wire import Tag
from messaging.sms import text

HEADER_INDICATOR = 0x40  # esm_class, UDHI (5.2.12)


def split(message: wire.Message) -> tuple[text.Place | None, bytes]:
    """Place in a long message (None = it stands alone) and the payload without header."""
    if message.esm_class & HEADER_INDICATOR:
        return text.split_header(message.content)
    return _sar(message), message.content


def _sar(message: wire.Message) -> text.Place | None:
    """sar_msg_ref_num, sar_total_segments, sar_segment_seqnum (5.3.2.22 to 24); all three or none."""
    values = [message.tlvs.get(tag) for tag in (Tag.SAR_REFERENCE, Tag.SAR_TOTAL, Tag.SAR_NUMBER)]
    reference, total, number = (int.from_bytes(value or b"") for value in values)
    return text.plausible(text.Place(reference, total, number))
