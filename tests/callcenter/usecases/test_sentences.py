"""What the machine says fits its medium."""

import pytest

from callcenter.domain.dialogue.terms import Say
from callcenter.usecases import sentences
from callcenter.usecases.context import Context
from tests.callcenter.usecases.talking import (
    Writer,
)
from tests.fakes import FakeClassifier

# ------------------------------------------------------------------------------------------- sentences


@pytest.mark.parametrize("name", sorted(sentences.names()))
@pytest.mark.parametrize("medium", ["sms", "wechat", "email"])
def test_every_sentence_can_be_said_and_fits_two_short_messages(name: str, medium: str) -> None:
    params = {key: "😀测" * (longest[0] // 2 + 9) for key, longest in sentences.LENGTHS.items()}
    text = sentences.said([Say(name, params)], medium)
    assert "{" not in text
    if medium == "sms":
        assert len(text.encode("utf-16-le")) // 2 <= sentences.LONGEST_SHORT
        assert text.count("【") == 0


def test_answers_end_with_the_way_to_a_person_even_when_they_are_cut() -> None:
    long = Say("answer", {"answer": "很长的答复" * 100})
    for medium in ("sms", "wechat"):
        assert "人工" in sentences.said([long], medium)[-20:]


async def test_reading_a_message_breaks_nothing_when_the_classifier_knows_nothing(context: Context) -> None:
    citizen = Writer(context)
    context.classifier = FakeClassifier()
    assert await citizen.say("……")
