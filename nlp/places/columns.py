"""What the sequence model sees of each character, as columns of small numbers.

Text columns (characters and pairs around a position) and state columns (what the patterns, the stop
words, the word list and a general model say there). Everything is computed for the whole text at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.phrases import Span
from nlp.places.anchored import anchored
from nlp.places.words import policies_in, stops_in

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
TAGS = "OBIES"
TAG = {tag: number for number, tag in enumerate(TAGS)}
BORDER = len(TAGS)
CHARACTER_SHIFTS = range(-3, 4)
PAIR_SHIFTS = range(-2, 2)
TRIPLE_SHIFTS = range(-2, 1)
NEAR, WIDE = range(-1, 2), range(-2, 3)
LONGEST_WORD = 6
WORD_LEVELS = 7  # how frequent a word is, 0 = none
LIKELY_LEVELS = 5
FIRST_POSITIONS = 5
MOST_POLICIES = 5
_CODE = 21  # bits of a code point


@dataclass(frozen=True, slots=True)
class TextKeys:
    """One key per position; a position whose key would reach over the border has -1."""

    characters: Ints
    pairs: Ints
    triples: Ints


def with_beginnings(words: Mapping[str, int]) -> dict[str, int]:
    """The first two characters of longer words with level 0, so that a look-up knows when to stop."""
    return {word[:2]: 0 for word in words} | dict(words)


def text_keys(text: str) -> TextKeys:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
    pairs = np.full(len(codes), -1, dtype=np.int64)
    triples = pairs.copy()
    pairs[:-1] = (codes[:-1] << _CODE) | codes[1:]
    triples[:-2] = (pairs[:-2] << _CODE) | codes[2:]
    return TextKeys(codes, pairs, triples)


def shifted(values: Ints, by: int, border: int) -> Ints:
    """`values[i + by]` at position i."""
    if not by:
        return values
    moved = np.full(len(values), border, dtype=np.int64)
    if by < 0:
        moved[-by:] = values[:by]
    else:
        moved[:-by] = values[by:]
    return moved


def tags(length: int, spans: Sequence[Span]) -> Ints:
    """B…IE, S for one character, O outside."""
    found = np.zeros(length, dtype=np.int64)
    for start, end in spans:
        found[start:end] = TAG["I"]
        found[start] = TAG["B"]
        found[end - 1] = TAG["E"] if end - start > 1 else TAG["S"]
    return found


def state_columns(
    text: str, bare: Sequence[Span], words: Mapping[str, int], likely: Floats | None
) -> list[tuple[int, Ints]]:
    """(how many values, values) per column; `bare` are the spans of the patterns."""
    stops = stops_in(text)
    pattern = tags(len(text), bare)
    area = tags(len(text), anchored(text, stops))
    stop = tags(len(text), list(zip(stops.starts, stops.ends, strict=True)))
    columns = _around(pattern, WIDE, BORDER) + _around(area, NEAR, BORDER) + _around(stop, WIDE, BORDER)
    size = BORDER + 1
    before, after = shifted(pattern, -1, BORDER), shifted(pattern, 1, BORDER)
    columns += [
        (size**3, (before * size + pattern) * size + after),
        (size**3, (pattern * size + stop) * size + shifted(stop, 1, BORDER)),
        (size**2, pattern * size + area),
        (
            MOST_POLICIES * size,
            np.full(len(text), min(policies_in(text), MOST_POLICIES - 1)) * size + pattern,
        ),
        *_kinds_of_character(text),
        *_word_columns(text, words),
    ]
    return columns + (_likely_columns(likely) if likely is not None else [])


def state_sizes(*, with_general: bool) -> list[int]:
    """How many values each state column has; what a model file has to agree with."""
    likely = np.zeros((1, len(TAGS)), dtype=np.float32) if with_general else None
    return [size for size, _ in state_columns(" ", [], {}, likely)]


def _around(values: Ints, shifts: range, border: int) -> list[tuple[int, Ints]]:
    return [(border + 1, shifted(values, by, border)) for by in shifts]


def _kinds_of_character(text: str) -> list[tuple[int, Ints]]:
    codes = text_keys(text).characters
    han = (codes >= ord("一")) & (codes <= ord("鿿"))
    digit = (codes >= ord("0")) & (codes <= ord("9"))
    letter = (codes >= ord("a")) & (codes <= ord("z"))
    kind = np.where(han, 1, np.where(digit, 2, np.where(letter, 3, 0))).astype(np.int64)
    size = 5
    triple = (shifted(kind, -1, size - 1) * size + kind) * size + shifted(kind, 1, size - 1)
    position = np.minimum(np.arange(len(text), dtype=np.int64), FIRST_POSITIONS - 1)
    return [(size**3, triple), (FIRST_POSITIONS, position)]


def _word_columns(text: str, words: Mapping[str, int]) -> list[tuple[int, Ints]]:
    """How frequent a common word begins, ends or goes on here: names of places are rarely made of them."""
    begins, ends, inside, begin_length, end_length = _words_at(text, words)
    border = WORD_LEVELS
    size = border + 1
    columns = [(size, shifted(begins, by, border)) for by in range(-1, 3)]
    columns += [(size, shifted(ends, by, border)) for by in range(-2, 2)]
    columns += [(size, shifted(inside, by, border)) for by in range(2)]
    next_begins, next_inside = shifted(begins, 1, border), shifted(inside, 1, border)
    lengths = LONGEST_WORD + 1
    return [
        *columns,
        (size * lengths, begins * lengths + begin_length),
        (size * lengths, ends * lengths + end_length),
        (size**3, (ends * size + next_begins) * size + next_inside),
    ]


def _words_at(text: str, words: Mapping[str, int]) -> tuple[Ints, ...]:
    """`words` as `with_beginnings` makes them."""
    length = len(text)
    begins, ends, inside = [0] * length, [0] * length, [0] * length
    begin_length, end_length = [0] * length, [0] * length
    for start in range(length):
        if text[start : start + 2] not in words:
            continue
        for size in range(2, min(LONGEST_WORD, length - start) + 1):
            level = words.get(text[start : start + size], 0)
            if not level:
                continue
            last = start + size - 1
            if level >= begins[start]:
                begins[start], begin_length[start] = level, size
            if level >= ends[last]:
                ends[last], end_length[last] = level, size
            for index in range(start + 1, last + 1):
                inside[index] = max(inside[index], level)
    return tuple(np.array(one, dtype=np.int64) for one in (begins, ends, inside, begin_length, end_length))


def _likely_columns(likely: Floats) -> list[tuple[int, Ints]]:
    """What the general model thinks: inside any place, first and last character, and its best tag."""
    columns: list[tuple[int, Ints]] = []
    for chance in (1 - likely[:, TAG["O"]], likely[:, TAG["B"]], likely[:, TAG["E"]]):
        level = np.minimum((chance * LIKELY_LEVELS).astype(np.int64), LIKELY_LEVELS - 1)
        columns += _around(level, NEAR, LIKELY_LEVELS)
    return columns + _around(likely.argmax(axis=1).astype(np.int64), NEAR, BORDER)
