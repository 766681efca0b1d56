"""A text as counts of its runs of one to three characters. Numpy only; knows no label and no model.

A run is packed into 63 bits, 21 per character, so two different runs never share a number.
"""

import numpy as np
from numpy.typing import NDArray

LONGEST_READ = 10_000  # characters; what comes after says nothing about the class that is not said before
LONGEST_RUN = 3
BITS = 21  # of one code point

Keys = NDArray[np.uint64]
Floats = NDArray[np.float32]


def runs(text: str) -> Keys:
    """All runs of the text as it stands, packed; one for each place where one stands."""
    codes = np.frombuffer(text[:LONGEST_READ].encode("utf-32-le", "surrogatepass"), dtype="<u4")
    ones = np.maximum(codes, 1).astype(np.uint64)
    twos = ones[:-1] << np.uint64(BITS) | ones[1:]
    threes = twos[:-1] << np.uint64(BITS) | ones[2:]
    return np.concatenate((ones, twos, threes))


def counted(text: str) -> tuple[Keys, NDArray[np.int64]]:
    """The different runs of a normalised text in ascending order, and how often each stands there."""
    return np.unique(runs(text), return_counts=True)


def spelt(key: int) -> str:
    """The characters of a packed run."""
    letters = []
    while key:
        letters.append(chr(key & ((1 << BITS) - 1)))
        key >>= BITS
    return "".join(reversed(letters))


def strength(counts: NDArray[np.int64], scale: Floats) -> Floats:
    """Weights of the runs of one text, of length 1: a second mention says less than the first."""
    weights = ((1 + np.log(counts)) * scale).astype(np.float32)
    length = float(np.sqrt(np.dot(weights, weights)))
    return weights / np.float32(length) if length else weights
