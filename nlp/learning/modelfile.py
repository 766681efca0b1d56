r"""The file of a model: a head in JSON and arrays of fixed kinds, nothing that runs when it is read.

    HOTLINE-MODEL\n | length of the head, 4 bytes | head | arrays one after another | SHA-256 of all before

Numbers are little-endian. A file is untrusted input: every length is checked against the file's before
anything is made of it, so that a broken one costs a sentence, never memory or a crash. See ADR 0011.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.learning.failures import ModelFileError
from nlp.learning.files import replacing
from nlp.learning.model import Calibration, Model
from nlp.learning.samples import MOST_LABELS, is_label

MAGIC = b"HOTLINE-MODEL\n"
VERSION = 1
LENGTH, DIGEST = 4, 32  # bytes
SHOWN = 8  # characters of the digest that name a model
LARGEST = 512 * 1024 * 1024
MOST_KNOTS = 1_000
STEEPEST = 1e6  # of a calibration; real ones are below a hundred
_KINDS = (
    ("keys", "<u8"),
    ("scale", "<f4"),
    ("weights", "<f4"),
    ("bias", "<f4"),
    ("xs", "<f4"),
    ("ys", "<f4"),
)


def save(model: Model, path: Path) -> None:
    """Whole or not at all. Raises `ModelFileError`."""
    with replacing(path) as file:
        file.write(packed(model))


def load(path: Path) -> Model:
    """Raises `ModelFileError` with what is wrong with the file."""
    try:
        if path.stat().st_size > LARGEST:
            raise ModelFileError(f"模型文件 {path} 太大，不是本系统训练的模型。")
        content = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"模型文件 {path} 打不开：{error.strerror}。") from error
    try:
        return unpacked(content)
    except ModelFileError as error:
        raise ModelFileError(f"模型文件 {path} 不能用：{error}") from error


def packed(model: Model) -> bytes:
    arrays: dict[str, NDArray[Any]] = {
        "keys": model.keys,
        "scale": model.scale,
        "weights": model.weights,
        "bias": model.bias,
        "xs": model.calibration.xs,
        "ys": model.calibration.ys,
    }
    head = {
        "version": VERSION,
        "labels": model.labels,
        "runs": len(model.keys),
        "knots": len(model.calibration.xs),
        "slope": model.calibration.slope,
        "samples": model.samples,
        "handed_over": sorted(model.handed_over),
    }
    written = json.dumps(head, ensure_ascii=False).encode()
    content = b"".join(
        (
            MAGIC,
            len(written).to_bytes(LENGTH, "little"),
            written,
            *(arrays[name].astype(kind).tobytes() for name, kind in _KINDS),
        )
    )
    return content + hashlib.sha256(content).digest()


def unpacked(content: bytes) -> Model:
    """Raises `ModelFileError`; the sentence stands alone, without the file's name."""
    if not content.startswith(MAGIC):
        raise ModelFileError("它不是模型文件。")
    body, digest = content[:-DIGEST], content[-DIGEST:]
    if hashlib.sha256(body).digest() != digest:
        raise ModelFileError("它已损坏或不完整，请重新训练或重新复制。")
    start = len(MAGIC) + LENGTH
    head_ends = start + int.from_bytes(body[len(MAGIC) : start], "little")
    head = _head(body[start:head_ends])
    return _model(head, _arrays(body, head_ends, _sizes(head)), digest.hex()[:SHOWN])


def _head(written: bytes) -> dict[str, Any]:
    try:
        head = json.loads(written)
    except (ValueError, RecursionError) as error:
        raise ModelFileError("文件头读不懂。") from error
    if not isinstance(head, dict) or head.get("version") != VERSION:
        raise ModelFileError(f"它的版本不是 {VERSION}，请用现在的程序重新训练。")
    labels, handed_over = head.get("labels"), head.get("handed_over")
    counts = [head.get("runs"), head.get("knots"), head.get("samples")]
    fits = (
        isinstance(labels, list)
        and 1 < len(labels) <= MOST_LABELS
        and len(set(map(str, labels))) == len(labels)
        # '' is "none of these", which seats' choices have and labels from a file have not
        and all(isinstance(label, str) and (not label or is_label(label)) for label in labels)
        and all(type(count) is int and 0 < count < LARGEST for count in counts)
        and head["knots"] <= MOST_KNOTS
        and isinstance(head.get("slope"), float)
        and 0 < head["slope"] < STEEPEST
        and isinstance(handed_over, list)
        and all(label in labels for label in handed_over)
    )
    if not fits:
        raise ModelFileError("文件头的内容不对。")
    return head


def _sizes(head: dict[str, Any]) -> dict[str, int]:
    runs, labels, knots = head["runs"], len(head["labels"]), head["knots"]
    return {
        "keys": runs,
        "scale": runs,
        "weights": runs * labels,
        "bias": labels,
        "xs": knots,
        "ys": knots,
    }


def _arrays(body: bytes, start: int, sizes: dict[str, int]) -> dict[str, NDArray[Any]]:
    wanted = sum(sizes[name] * np.dtype(kind).itemsize for name, kind in _KINDS)
    if len(body) - start != wanted:
        raise ModelFileError("它的长度与文件头不符。")
    arrays = {}
    for name, kind in _KINDS:
        arrays[name] = np.frombuffer(body, kind, sizes[name], start).copy()  # aligned, and free of the file
        start += arrays[name].nbytes
    return arrays


def _model(head: dict[str, Any], arrays: dict[str, NDArray[Any]], version: str) -> Model:
    numbers = [arrays[name] for name, kind in _KINDS if kind == "<f4"]
    keys, xs, ys = arrays["keys"], arrays["xs"], arrays["ys"]
    fits = (
        all(np.isfinite(array).all() for array in numbers)
        and (keys[1:] > keys[:-1]).all()
        and (np.diff(xs) > 0).all()
        and (np.diff(ys) >= 0).all()
        and ys.min() >= 0
        and ys.max() <= 1
    )
    if not fits:
        raise ModelFileError("它的数值不对。")
    labels = tuple(head["labels"])
    return Model(
        labels=labels,
        keys=arrays["keys"],
        scale=arrays["scale"],
        weights=arrays["weights"].reshape(-1, len(labels)),
        bias=arrays["bias"],
        calibration=Calibration(head["slope"], xs, ys),
        samples=head["samples"],
        handed_over={label: labels.index(label) for label in head["handed_over"]},
        version=version,
    )
