from collections import Counter
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.learning.failures import LearningError
from nlp.learning.samples import Sample, folds, read_file, two_labels_at_least


def test_rows_are_read_with_and_without_a_head_and_broken_ones_have_their_number():
    written = "\ufefflabel\ttext\n甲\t一\n\n乙\n\t二\n丙\t\n丁\t三\t四\n戊\tlabel\r\n"
    samples, broken = read_file(StringIO(written, newline="\n"))
    assert samples == [Sample("甲", "一"), Sample("戊", "label")]
    assert [row.line for row in broken] == [4, 5, 6, 7]
    assert read_file(StringIO("甲\t一\n"))[0] == [Sample("甲", "一")]


def test_why_a_line_is_broken_never_quotes_it():
    _, broken = read_file(StringIO("13800005526\n"))
    assert "138" not in broken[0].why


def test_one_label_is_too_few():
    with pytest.raises(LearningError):
        two_labels_at_least([Sample("甲", "一")])


@given(st.lists(st.tuples(st.sampled_from("甲乙丙"), st.text(max_size=3)), max_size=60))
def test_the_same_text_is_never_on_both_sides(rows):
    samples = [Sample(label, text) for label, text in rows]
    given_folds = folds(samples, 5)
    assert len(given_folds) == len(samples)
    for sample, fold in zip(samples, given_folds, strict=True):
        assert {f for s, f in zip(samples, given_folds, strict=True) if s.text == sample.text} == {fold}


def test_labels_are_spread_evenly_over_the_folds():
    samples = [Sample("甲乙"[number % 2], f"text {number}") for number in range(100)]
    counts = Counter(zip((s.label for s in samples), folds(samples, 5), strict=True))
    assert set(counts.values()) == {10}
