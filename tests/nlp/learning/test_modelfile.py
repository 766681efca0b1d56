import hashlib
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.learning import modelfile
from nlp.learning.failures import ModelFileError
from nlp.learning.model import Calibration, Model
from nlp.learning.modelfile import DIGEST, LENGTH, MAGIC, packed, unpacked

SMALL = Model(
    labels=("甲", "乙"),
    keys=np.array([3, 5, 9], dtype=np.uint64),
    scale=np.ones(3, dtype=np.float32),
    weights=np.arange(6, dtype=np.float32).reshape(3, 2),
    bias=np.zeros(2, dtype=np.float32),
    calibration=Calibration(1.0, np.array([0, 1], dtype=np.float32), np.array([0, 1], dtype=np.float32)),
    samples=7,
    handed_over={"乙": 1},
)


def signed(body: bytes) -> bytes:
    return body + hashlib.sha256(body).digest()


def with_head(**changes) -> bytes:
    """A file whose digest is right and whose head says something else."""
    body = packed(SMALL)[:-DIGEST]
    start = len(MAGIC) + LENGTH
    end = start + int.from_bytes(body[len(MAGIC) : start], "little")
    head = json.dumps({**json.loads(body[start:end]), **changes}).encode()
    return signed(MAGIC + len(head).to_bytes(LENGTH, "little") + head + body[end:])


def test_a_model_comes_back_as_it_was(tmp_path, model):
    path = tmp_path / "a.model"
    modelfile.save(model, path)
    again = modelfile.load(path)
    assert again.labels == model.labels
    assert again.predict("夜里施工太吵") == model.predict("夜里施工太吵")
    assert [file.name for file in tmp_path.iterdir()] == ["a.model"]


def test_classes_that_were_handed_over_and_a_name_come_with_it():
    again = unpacked(packed(SMALL))
    assert again.handed_over == {"乙": 1}
    assert len(again.version) == 8


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"version": None},
        {"labels": ["甲"]},
        {"labels": ["甲", "甲"]},
        {"labels": ["甲", 1]},
        {"labels": "甲乙"},
        {"labels": ["甲", "乙" * 1000]},
        {"runs": -3},
        {"runs": 10**12},
        {"runs": True},
        {"runs": 4},
        {"knots": 0},
        {"knots": 10**6},
        {"slope": "1"},
        {"slope": float("nan")},
        {"slope": -1.5},
        {"slope": 1e300},
        {"labels": ["甲\n丙", "乙"]},
        {"labels": ["\ud800", "乙"]},
        {"samples": None},
        {"handed_over": ["丙"]},
        {"handed_over": [[]]},
        {"handed_over": None},
    ],
)
def test_a_head_that_lies_is_refused_with_a_sentence(changes):
    with pytest.raises(ModelFileError):
        unpacked(with_head(**changes))


@pytest.mark.parametrize("body", [b"", MAGIC, MAGIC + b"\xff\xff\xff\xff", MAGIC + b"\2\0\0\0[]", b"PK\3\4"])
def test_what_is_hardly_a_file_is_refused(body):
    with pytest.raises(ModelFileError):
        unpacked(signed(body))


def test_nested_brackets_do_not_exhaust_the_stack():
    nested = b"[" * 100_000
    with pytest.raises(ModelFileError):
        unpacked(signed(MAGIC + len(nested).to_bytes(LENGTH, "little") + nested))


@pytest.mark.parametrize(
    "change",
    [
        {"weights": np.full((3, 2), np.nan, dtype=np.float32)},
        {"bias": np.array([np.inf, 0], dtype=np.float32)},
        {"keys": np.array([5, 3, 9], dtype=np.uint64)},
        {"calibration": Calibration(1.0, np.array([1, 0], dtype=np.float32), SMALL.calibration.ys)},
        {"calibration": Calibration(1.0, SMALL.calibration.xs, np.array([0, 2], dtype=np.float32))},
    ],
)
def test_numbers_that_make_no_sense_are_refused(change):
    values = {field: getattr(SMALL, field) for field in SMALL.__dataclass_fields__} | change
    with pytest.raises(ModelFileError, match="数值"):
        unpacked(packed(Model(**values)))


@settings(max_examples=200)
@given(st.data())
def test_no_broken_byte_goes_unnoticed(data):
    good = packed(SMALL)
    at = data.draw(st.integers(0, len(good) - 1))
    value = data.draw(st.integers(1, 255))
    broken = good[:at] + bytes([good[at] ^ value]) + good[at + 1 :]
    with pytest.raises(ModelFileError):
        unpacked(broken)


@given(st.integers(0, len(packed(SMALL)) - 1))
def test_a_file_that_was_cut_is_refused(length):
    with pytest.raises(ModelFileError):
        unpacked(packed(SMALL)[:length])


@given(st.binary(max_size=200))
def test_any_bytes_with_a_right_digest_are_refused_without_a_crash(content):
    with pytest.raises(ModelFileError):
        unpacked(signed(MAGIC + content))


def test_a_missing_file_and_a_folder_that_is_not_there_are_told(tmp_path):
    with pytest.raises(ModelFileError, match="打不开"):
        modelfile.load(tmp_path / "none.model")
    with pytest.raises(ModelFileError, match="写不下来"):
        modelfile.save(SMALL, tmp_path / "nowhere" / "a.model")
