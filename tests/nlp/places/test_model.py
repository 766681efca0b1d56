import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.learning.failures import ModelFileError
from nlp.places import modelfile
from nlp.places.finder import PlaceFinder
from nlp.places.layer import spans_of
from nlp.places.samples import read
from nlp.places.training import train

OWN, BROKEN = read((Path(__file__).parent / "own_sample.jsonl").read_text("utf-8").splitlines())
WORDS = {"业主": 5, "反映": 6, "电梯": 5, "停运": 3}


def silent(what, done, of):
    pass


@pytest.fixture(scope="module")
def model():
    return train(OWN, [], WORDS, silent)


@pytest.fixture
def file(model, tmp_path):
    modelfile.save(model, tmp_path / "places.model")
    return tmp_path / "places.model"


def test_the_sample_of_our_own_is_whole():
    assert (len(OWN), BROKEN) == (42, [])


def test_a_trained_model_finds_what_it_was_shown(model):
    finder = PlaceFinder((), model)
    right = sum(finder.find(sample.text) == list(sample.spans) for sample in OWN)
    assert right >= 0.9 * len(OWN)


def test_a_model_generalises_to_names_that_it_never_saw(model):
    finder = PlaceFinder((), model)
    text = "青岭区海棠晓月业主反映电梯停运"
    assert [text[start:end] for start, end in finder.find(text)] == ["青岭区海棠晓月"]


def test_a_general_layer_helps_without_deciding():
    model = train(OWN, [OWN[:10]], WORDS, silent)
    assert model.general is not None
    assert PlaceFinder((), model).find(OWN[0].text)


def test_a_model_that_was_saved_and_loaded_says_the_same(model, file):
    again = modelfile.load(file)
    for sample in OWN:
        bare = PlaceFinder().bare(sample.text)
        assert again.spans(sample.text, bare) == model.spans(sample.text, bare)


@given(st.text(max_size=200))
def test_no_text_makes_a_model_fall_over(model, text):
    spans = model.spans(text, PlaceFinder().bare(text))
    assert all(0 <= start < end <= len(text) for start, end in spans)


def test_a_long_text_is_read_in_pieces(model):
    text = "青岭区海棠晓月业主反映电梯停运。" * 500
    assert len(PlaceFinder((), model).find(text)) == 500


def test_progress_is_told_for_both_layers():
    told = []
    train(OWN[:12], [OWN[:12]], WORDS, lambda what, done, of: told.append((what, done, of)))
    assert {what.split()[-1] for what, _, _ in told} == {"general", "own"}
    assert all(done <= of for _, done, of in told)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ModelFileError, match=r"none\.model"):
        modelfile.load(tmp_path / "none.model")


@pytest.mark.parametrize("content", [b"", b"no model", b"PK\x03\x04" + b"\0" * 100, b"\x80\x04cos\nsystem\n"])
def test_what_is_no_model_is_refused(tmp_path, content):
    path = tmp_path / "bad.model"
    path.write_bytes(content)
    with pytest.raises(ModelFileError):
        modelfile.load(path)


def test_a_cut_or_changed_file_is_refused_or_harmless(file):
    whole = file.read_bytes()
    for size in range(0, len(whole), max(1, len(whole) // 40)):
        file.write_bytes(whole[:size])
        with pytest.raises(ModelFileError):
            modelfile.load(file)


def changed(file, **arrays):
    with np.load(file, allow_pickle=False) as before:
        kept = {name: before[name] for name in before.files}
    with file.open("wb") as stream:
        np.savez(stream, allow_pickle=True, **(kept | arrays))


@pytest.mark.parametrize(
    "arrays",
    [
        {"format": np.frombuffer(b"another", dtype=np.uint8)},
        {"own.weights": np.zeros((3, 5), dtype=np.float32)},
        {"own.weights": np.array([{"a": 1}], dtype=object)},
        {"own.transitions": np.full((5, 5), np.nan, dtype=np.float32)},
        {"own.sizes": np.array([1, 2, 3])},
        {"own.characters": np.array([3, 2, 1])},
    ],
)
def test_arrays_that_do_not_fit_are_refused(file, arrays):
    changed(file, **arrays)
    with pytest.raises(ModelFileError):
        modelfile.load(file)


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(modelfile, "LARGEST_ARRAY", 1000)
    path = tmp_path / "bomb.model"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("own.weights.npy", b"\0" * 100_000)
    path.write_bytes(content.getvalue())
    with pytest.raises(ModelFileError):
        modelfile.load(path)


@pytest.mark.parametrize("shape", [(10**15,), (5, 10**10), ()])
def test_a_head_that_declares_more_than_is_there_costs_no_memory(tmp_path, shape):
    head = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    path = tmp_path / "huge.model"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("format.npy", b"\x93NUMPY\1\0" + (118).to_bytes(2, "little") + head.encode())
    with pytest.raises(ModelFileError):
        modelfile.load(path)


@pytest.mark.parametrize("head", ["{'descr': '|u1', (", "(" * 5000, "{'descr': '|u1'}", "\0"])
def test_a_head_that_is_no_head_is_refused(tmp_path, head):
    path = tmp_path / "broken.model"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("format.npy", b"\x93NUMPY\1\0" + len(head).to_bytes(2, "little") + head.encode())
    with pytest.raises(ModelFileError):
        modelfile.load(path)


def test_a_path_of_tags_becomes_spans():
    outside, first, inner, last, alone = range(5)
    assert spans_of([outside, first, inner, last, alone, first, last]) == [(1, 4), (4, 5), (5, 7)]
