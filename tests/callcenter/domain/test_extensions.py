import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain.extensions import answered, extension

OURS = "10690012345"


@given(st.text(), st.integers(1, 9))
def test_an_extension_is_that_many_digits_and_always_the_same(message_id, digits):
    one = extension(message_id, digits)
    assert len(one) == digits
    assert one.isdecimal()
    assert one == extension(message_id, digits)


def test_without_free_digits_there_is_none():
    assert extension("m1", 0) == ""
    assert answered(OURS, 0, ["m1"]) is None


@given(st.lists(st.text(min_size=1), min_size=1, unique=True), st.data())
def test_an_answer_leads_back_to_what_it_answers(sent, data):
    meant = data.draw(st.sampled_from(sent))
    found = answered(OURS + extension(meant, 6), 6, sent)
    assert found is not None
    assert extension(found, 6) == extension(meant, 6)


def test_of_two_with_the_same_digits_the_newer_is_meant():
    same = next(
        (f"m{n}", f"m{other}")
        for n in range(30)
        for other in range(n)
        if extension(f"m{n}", 1) == extension(f"m{other}", 1)
    )
    assert answered(OURS + extension(same[0], 1), 1, same) == same[0]


@pytest.mark.parametrize("to", ["", OURS, OURS + "000000"])
def test_a_number_that_belongs_to_nothing_sent_leads_nowhere(to):
    assert answered(to, 6, ["m1", "m2", "m3"]) is None
