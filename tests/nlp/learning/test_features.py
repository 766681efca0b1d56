import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.learning.features import LONGEST_READ, counted, spelt, strength

TEXTS = st.text(st.characters(blacklist_characters="\0"), max_size=40)


@given(TEXTS)
def test_every_run_of_one_to_three_characters_is_counted_where_it_stands(text):
    keys, counts = counted(text)
    told = dict(zip((spelt(int(key)) for key in keys), counts.tolist(), strict=True))
    runs = [text[at : at + size] for size in (1, 2, 3) for at in range(len(text) - size + 1)]
    assert told == {run: runs.count(run) for run in runs}


@given(st.text(max_size=30))
def test_keys_ascend_and_no_two_runs_share_one(text):
    keys, _ = counted(text)
    assert (np.diff(keys.astype(object)) > 0).all() if len(keys) > 1 else True


def test_half_of_a_surrogate_pair_and_a_nul_are_characters_like_others():
    keys, _ = counted("\ud800路\0")
    assert len(keys) == 6


def test_a_text_without_end_is_read_to_a_limit():
    keys, counts = counted("路灯" * LONGEST_READ)
    assert counts.sum() <= 3 * LONGEST_READ
    assert len(keys) == 6


def test_weights_of_a_text_have_length_one_and_a_second_mention_says_less():
    weights = strength(np.array([1, 2]), np.ones(2, dtype=np.float32))
    assert np.isclose(np.dot(weights, weights), 1)
    assert weights[0] < weights[1] < 2 * weights[0]


def test_nothing_known_is_no_weight_at_all():
    assert len(strength(np.array([], dtype=np.int64), np.array([], dtype=np.float32))) == 0
