import json

import pytest

from nlp.places.samples import read


def line(text, *spans):
    return json.dumps({"text": text, "spans": list(spans)}, ensure_ascii=False)


def test_spans_move_with_the_normalised_text():
    [sample], broken = read([line("您好！！！云溪区　翠湖花园Ａ区停电", [5, 15, "LOC"])])
    assert broken == []
    assert [sample.text[start:end] for start, end in sample.spans] == ["云溪区翠湖花园a区"]


@pytest.mark.parametrize(
    "bad",
    [
        "no json",
        "[1]",
        '{"text": 1, "spans": []}',
        '{"text": "abc"}',
        '{"text": "abc", "spans": [[0, 9, "x"]]}',
        '{"text": "abc", "spans": [[2, 1, "x"]]}',
        '{"text": "abc", "spans": [["0", 1, "x"]]}',
        '{"text": "abc", "spans": [[0, 2, "x"], [1, 3, "x"]]}',
        '{"text": "abc", "spans": [[true, 2, "x"]]}',
        "[" * 100_000,
    ],
)
def test_a_broken_line_is_told_with_its_number_and_skipped(bad):
    samples, broken = read([line("好"), bad, "", line("云溪区", [0, 3, "LOC"])])
    assert len(samples) == 2
    assert [one.line for one in broken] == [2]
    assert broken[0].why
