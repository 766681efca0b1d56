"""The file of a place model: named arrays of numbers and text, nothing that runs when it is read.

A file is untrusted: sizes are looked at before anything is unpacked, shapes before anything is used.
"""

import zipfile
import zlib
from collections.abc import Mapping
from math import prod
from pathlib import Path
from tokenize import TokenError

import numpy as np
from numpy.typing import NDArray

from nlp.learning.failures import ModelFileError
from nlp.learning.files import replacing
from nlp.places.columns import TAGS, WORD_LEVELS, state_sizes, with_beginnings
from nlp.places.layer import SHIFTS, Layer
from nlp.places.model import PlaceModel

FORMAT = "hotline-places-1"
LARGEST_FILE = 200 * 1024 * 1024
LARGEST_ARRAY = 400 * 1024 * 1024
LAYERS = ("general", "own")


def save(model: PlaceModel, path: Path) -> None:
    """Whole or not at all. Raises `ModelFileError`."""
    with replacing(path) as file:
        np.savez_compressed(file, allow_pickle=False, **_arrays(model))


def load(path: Path) -> PlaceModel:
    """Raises `ModelFileError` for anything that `save` did not write."""
    try:
        return _read(path)
    except (OSError, EOFError, zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error) as error:
        why = getattr(error, "strerror", None) or "它不是地点模型，或已损坏"
        raise ModelFileError(f"模型文件 {path} 打不开：{why}。") from error
    except (
        ValueError,
        KeyError,
        TypeError,
        NotImplementedError,
        RuntimeError,
        TokenError,
        MemoryError,
    ) as error:
        raise ModelFileError(f"模型文件 {path} 不能用：它不是本版本训练的地点模型。") from error


def _arrays(model: PlaceModel) -> dict[str, NDArray[np.generic]]:
    arrays: dict[str, NDArray[np.generic]] = {"format": _bytes(FORMAT)}
    for level in range(1, WORD_LEVELS):
        words = sorted(word for word, own in model.words.items() if own == level)
        arrays[f"words.{level}"] = _bytes("\n".join(words))
    for name in LAYERS:
        layer: Layer | None = getattr(model, name)
        if layer:
            arrays |= {f"{name}.{key}": keys for key, keys in layer.keys.items()}
            arrays[f"{name}.sizes"] = layer.sizes
            arrays[f"{name}.weights"] = layer.weights
            arrays[f"{name}.transitions"] = layer.transitions
    return arrays


def _read(path: Path) -> PlaceModel:
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError("too large")
    with zipfile.ZipFile(path) as archive:
        if not all(_honest(archive, entry) for entry in archive.infolist()):
            raise ValueError("too large")
    with np.load(path, allow_pickle=False) as arrays:
        if _text(arrays["format"]) != FORMAT:
            raise ValueError("another format")
        words = {
            word: level for level in range(1, WORD_LEVELS) for word in _text(arrays[f"words.{level}"]).split()
        }
        general, own = (_layer(arrays, name) for name in LAYERS)
    if own is None or not np.array_equal(own.sizes, state_sizes(with_general=general is not None)):
        raise ValueError("made for other columns")
    return PlaceModel(with_beginnings(words), general, own)


def _honest(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Not too large, and as large as its head (NPY 1.0) says: numpy takes memory for what the head says."""
    if entry.file_size > LARGEST_ARRAY:
        return False
    with archive.open(entry) as file:
        if np.lib.format.read_magic(file) != (1, 0):
            return False
        shape, _, kind = np.lib.format.read_array_header_1_0(file)
        return prod(shape) * kind.itemsize == entry.file_size - file.tell()


def _layer(arrays: Mapping[str, NDArray[np.generic]], name: str) -> Layer | None:
    if f"{name}.weights" not in arrays:
        return None
    keys = {key: np.asarray(arrays[f"{name}.{key}"], dtype=np.int64) for key in SHIFTS}
    sizes = np.asarray(arrays[f"{name}.sizes"], dtype=np.int64)
    weights = np.asarray(arrays[f"{name}.weights"], dtype=np.float32)
    transitions = np.asarray(arrays[f"{name}.transitions"], dtype=np.float32)
    rows = 1 + sum(len(keys[key]) * len(shifts) for key, shifts in SHIFTS.items()) + int(sizes.sum())
    if (
        weights.shape != (rows, len(TAGS))
        or transitions.shape != (len(TAGS), len(TAGS))
        or any(one.ndim != 1 or np.any(np.diff(one) <= 0) for one in keys.values())
        or not np.isfinite(weights).all()
        or not np.isfinite(transitions).all()
    ):
        raise ValueError("arrays do not fit each other")
    return Layer(keys, sizes, weights, transitions)


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


def _text(array: NDArray[np.generic]) -> str:
    return np.asarray(array, dtype=np.uint8).tobytes().decode()
