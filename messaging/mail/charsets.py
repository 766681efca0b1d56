"""Octets to characters, whatever the sender said they are. Pure; nothing here raises.

Chinese mail programs say gb2312 and mean more than that, send headers in GBK without saying anything, and cut
a character between two encoded words.
"""

import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header

LONGEST_HEADER = 4_000
GB = "gb18030"  # holds all of GB2312 and GBK
CHINESE = frozenset({"gb2312", "gbk", "gb_2312_80", "x_gbk", "cp936", "ms936", "chinese", "euc_cn"})
# codecs that are no charset of a mail, and of which some take time that grows with the square of the length
NOT_CHARSETS = frozenset({"punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape"})
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def decoded(octets: bytes, charset: str = "") -> str:
    """By the charset that was said if it fits, else by one that does, else with marks for what is lost."""
    said = _known(charset)
    for name in dict.fromkeys((said or "utf-8", "utf-8", GB)):
        try:
            return clean(octets.decode(name))
        except (UnicodeError, LookupError, ValueError):
            continue
    return clean(octets.decode(said or "utf-8", "replace"))


def header(raw: str) -> str:
    """A header as a person reads it, on one line; `raw` may hold surrogate escapes."""
    text = decoded(raw[:LONGEST_HEADER].encode("utf-8", "surrogateescape"))
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return _one_line(text)
    return _one_line("".join(_piece(*piece) for piece in pieces))


def clean(text: str) -> str:
    """Line ends as one kind, no control characters."""
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _piece(content: bytes | str, charset: str | None) -> str:
    """Words without an encoding come as octets in Latin-1 escapes when others have one."""
    if isinstance(content, str):
        return content
    if charset is None:
        return content.decode("raw-unicode-escape", "replace")
    return decoded(content, charset)


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", clean(text)).strip()


def _known(charset: str) -> str:
    """The name that Python knows, '' for none and for what is no charset."""
    plain = charset.strip().lower().replace("-", "_")[:40]
    if plain in CHINESE:
        return GB
    try:
        found = codecs.lookup(plain).name
    except (LookupError, ValueError):
        return ""
    return "" if found.replace("-", "_") in NOT_CHARSETS else found
