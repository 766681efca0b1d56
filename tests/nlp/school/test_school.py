import asyncio

import pytest

from nlp.classify import Keyword, KeywordTable
from nlp.learning.failures import LearningError
from nlp.live import LiveClassifier
from nlp.school.choose import f1_per_class, handed_over
from nlp.school.keeper import ModelKeeper

TABLE = KeywordTable("1", (Keyword("灯", "路灯", "路灯", 3.0),))
PLACES = [f"{a}{b}" for a in "东南西北中上下左右前" for b in "街路巷村桥"]
CHOICES = [
    *(("灯", f"{place}的路灯不亮") for place in PLACES),
    *(("水", f"{place}边的水管爆了，自来水流了一地") for place in PLACES),
    *(("", f"{place}办事处几点下班，请问电话是多少") for place in PLACES),
]


def test_a_class_is_handed_over_where_the_model_is_better_on_enough_texts():
    right = ["甲"] * 30 + ["乙"] * 30 + ["丙"] * 5
    table = ["甲"] * 30 + ["甲"] * 30 + [""] * 5
    model = ["甲"] * 29 + ["乙"] * 31 + ["丙"] * 5
    assert handed_over(right, table, model) == {"甲", "乙"}  # 丙: too few texts to know
    assert f1_per_class(right, table)["乙"] == 0


def test_a_class_that_the_table_does_as_well_stays_with_the_table():
    right = ["甲"] * 40
    assert handed_over(right, right, right) == frozenset()


@pytest.fixture
def live():
    return LiveClassifier(table=TABLE)


async def test_what_is_better_is_learned_beside_the_service_taken_up_and_not_learned_twice(live, tmp_path):
    keeper = ModelKeeper(live, tmp_path / "models")
    beats = asyncio.create_task(_heart())
    lesson = await keeper.learn("GB/T", CHOICES)
    beats.cancel()
    assert lesson.kept
    assert lesson.texts == len(CHOICES)
    assert lesson.before < lesson.after
    assert live.version == "1"  # nothing changes before it is taken up
    await keeper.resume("GB/T", {"水": "供水管"})
    assert live.suggest("楼下的水管爆了，自来水流了一地").categories[0].name == "供水管"
    assert [file.suffix for file in (tmp_path / "models").iterdir()] == [".model"]
    await keeper.resume("CJ/T", {})
    assert live.version == "1"  # another scheme never uses the model of this one

    written = keeper.file_of("GB/T").read_bytes()
    again = await keeper.learn("GB/T", CHOICES)
    assert not again.kept
    assert again.before == again.after
    assert keeper.file_of("GB/T").read_bytes() == written


async def test_too_little_to_learn_is_told_in_a_sentence(live, tmp_path):
    with pytest.raises(LearningError):
        await ModelKeeper(live, tmp_path).learn("GB/T", [("灯", "路灯不亮")])


async def test_a_model_that_cannot_be_read_leaves_the_table_in_force(live, tmp_path):
    keeper = ModelKeeper(live, tmp_path)
    keeper.file_of("GB/T").write_bytes(b"HOTLINE-MODEL\nrubbish")
    await keeper.resume("GB/T", {})
    assert live.version == "1"


async def test_a_lesson_that_is_called_off_leaves_no_process_behind(live, tmp_path):
    lesson = asyncio.create_task(ModelKeeper(live, tmp_path).learn("GB/T", CHOICES))
    await asyncio.sleep(0)
    lesson.cancel()
    with pytest.raises(asyncio.CancelledError):
        await lesson


async def _heart() -> None:
    """Fails nothing by itself; a loop that stands still would let the test run into its time limit."""
    while True:
        await asyncio.sleep(0.01)
