"""Splits a text that tells of several matters into parts with a class of their own.

A part is a run of sentences that speak for the same class; a sentence that speaks for none belongs to
the one before it. Which class a sentence speaks for is asked of the caller.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence

from nlp.classify import Found
from nlp.phrases import Span

SURE = 0.7  # confidence of all its classes together from which a sentence is a matter of its own
MOST_MATTERS = 5
SHORTEST = 4  # characters of a sentence that can be about something
# a sentence ends; or words that begin another matter, behind a comma or a blank
_BORDER = re.compile(
    r"[。!?;\n]+"
    r"|[,、 ]+(?=另外|此外|还有就是|还有一个|再就是|同时反映|同时还|并且还反映|其次|顺便"
    r"|第[二三四五]|[二三四五]是|[2-5][.、)])"
)

Ask = Callable[[Span], Sequence[Found]]
Part = tuple[Span, tuple[Found, ...]]


def sentences(text: str) -> list[Span]:
    """Spans that together leave out nothing but what stands between sentences."""
    spans: list[Span] = []
    start = 0
    for border in _BORDER.finditer(text):
        spans.append((start, border.start()))
        start = border.end()
    spans.append((start, len(text)))
    return [(first, last) for first, last in spans if last - first >= SHORTEST]


def matters(text: str, marks: Iterable[int], ask: Ask) -> list[Part]:
    """The parts, in their order; empty when the text tells of one matter or of none.

    `marks`: where something stands that speaks for a class; sentences without any are not asked about.
    """
    spans = sentences(text)
    starts = [first for first, _ in spans]
    numbers = sorted({bisect_right(starts, mark) - 1 for mark in marks})
    found: list[tuple[int, tuple[Found, ...]]] = []
    for number in numbers:
        classes = tuple(ask(spans[number])) if number >= 0 else ()
        sure = sum(one.confidence for one in classes) >= SURE
        if sure and not (found and found[-1][1][0].code == classes[0].code):
            found.append((number, classes))
    codes = {classes[0].code for _, classes in found}
    return _parts(spans, found)[:MOST_MATTERS] if len(codes) > 1 else []


def _parts(spans: Sequence[Span], found: Sequence[tuple[int, tuple[Found, ...]]]) -> list[Part]:
    """From each sentence that speaks up to the next that speaks for something else."""
    ends = [number - 1 for number, _ in found[1:]] + [len(spans) - 1]
    return [
        ((spans[number][0], spans[end][1]), classes)
        for (number, classes), end in zip(found, ends, strict=True)
    ]


def merged(whole: Sequence[Found], parts: Sequence[Part], limit: int = 3) -> list[Found]:
    """The classes of the whole text, best first, with the first class of every part among them.

    A class that only its part speaks for is as likely as the part is one of several.
    """
    firsts = {classes[0].code: classes[0] for _, classes in parts}
    known = {found.code: found for found in whole}
    for code, found in firsts.items():
        known.setdefault(code, _share(found, len(parts)))
    needed = [known[code] for code in firsts]
    rest = [found for code, found in known.items() if code not in firsts]
    kept = [*_ranked(needed), *_ranked(rest)][:limit]
    return _ranked(kept)


def _share(found: Found, parts: int) -> Found:
    return Found(found.code, found.name, found.confidence / parts, found.spans)


def _ranked(found: Sequence[Found]) -> list[Found]:
    return sorted(found, key=lambda one: -one.confidence)
