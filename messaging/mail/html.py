"""The words of an HTML mail. Pure.

One pass from left to right whose time grows with the length and nothing else: the standard library's parser
takes minutes for 200 KiB of '<a ' (measured on 3.11), and mails come from anybody. Scripts, styles and
pictures are left out; what stands in a blockquote gets '>' in front, so that quoted history looks like that
of a plain mail.
"""

import re
from html import unescape

LONGEST = 256 * 1024  # characters of HTML that are looked at
SILENT = frozenset({"script", "style", "title", "template"})
BLOCKS = frozenset(
    {"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "hr", "pre", "blockquote"}
)
DEEPEST = 8  # levels of quotation that are told apart
_SPACES = re.compile(r"[ \t\r\n\u00a0\u200b]+")
# of more than 4,300 digits Python makes no number; no character has one of eight
_NO_CHARACTER = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{8,});?")
_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]{0,15})")


def words(html: str) -> str:
    """Plain text with the lines that a reader sees."""
    reader = _Reader(html[:LONGEST])
    reader.read()
    return reader.text()


class _Reader:
    """`_at` only moves forward, and whatever is searched and not found ends the reading."""

    def __init__(self, html: str) -> None:
        self._html = html
        self._lower = _lower(html)
        self._at = 0
        self._lines: list[tuple[int, list[str]]] = [(0, [])]
        self._quoted = 0

    def read(self) -> None:
        while (start := self._html.find("<", self._at)) >= 0:
            self._words(start)
            self._tag(start)
        self._words(len(self._html))

    def _words(self, end: int) -> None:
        if end > self._at:
            self._lines[-1][1].append(_unescaped(self._html[self._at : end]))
            self._at = end

    def _tag(self, start: int) -> None:
        """A '<' that begins no tag is a word; a comment or a tag that never ends hides the rest."""
        if self._html.startswith("<!--", start):
            self._skip_behind("-->", start + 4)
            return
        name = _NAME.match(self._html, start + 1)
        if name is None and self._html[start + 1 : start + 2] not in {"!", "?", "/"}:
            self._lines[-1][1].append("<")
            self._at = start + 1
            return
        self._skip_behind(">", start)
        if name is not None:
            self._act(name[1].lower(), closing=name[0].startswith("/"))

    def _act(self, name: str, *, closing: bool) -> None:
        if name in SILENT and not closing:
            self._skip_behind(f"</{name}", self._at)
            self._skip_behind(">", self._at)
        if name == "blockquote":
            self._quoted = max(self._quoted + (-1 if closing else 1), 0)
        if name in BLOCKS:
            self._lines.append((min(self._quoted, DEEPEST), []))

    def _skip_behind(self, mark: str, start: int) -> None:
        found = self._lower.find(mark, start)
        self._at = len(self._html) if found < 0 else found + len(mark)

    def text(self) -> str:
        lines = [
            f"{'>' * depth} {line}" if depth else line
            for depth, pieces in self._lines
            if (line := _SPACES.sub(" ", "".join(pieces)).strip())
        ]
        return "\n".join(lines)


def _unescaped(text: str) -> str:
    return unescape(_NO_CHARACTER.sub("\ufffd", text))


def _lower(text: str) -> str:
    """Letters of ASCII only: others may change the length."""
    return text.translate({code: code + 32 for code in range(ord("A"), ord("Z") + 1)})
