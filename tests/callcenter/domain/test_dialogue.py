"""The dialogue as a pure machine: what it asks, days of silence, dangers, the way to a person."""

from datetime import timedelta

import pytest

from callcenter.domain.dialogue.machine import to_read
from callcenter.domain.dialogue.state import State, Step, dump, load
from callcenter.domain.dialogue.terms import (
    MANNERS,
    HandOver,
    Heard,
    Lodge,
    Say,
    Texts,
)
from callcenter.domain.messages import Kind
from callcenter.domain.suggestions import Appeal
from tests.callcenter.domain.chatting import COLLAPSE, MAYBE, NOON, NOTHING, Citizen, place, reading

# ---------------------------------------------------------------------------------- the guided report


def test_a_report_is_asked_for_step_by_step_and_filed_after_a_yes() -> None:
    citizen = Citizen()
    assert citizen.say("我要反映问题") == ["ask_what"]
    assert citizen.say("路面有个坑", reading(MAYBE)) == ["ask_where"]
    assert citizen.say("文昌路和澜东大道路口", NOTHING, place()) == ["ask_photo"]
    assert citizen.say(kind=Kind.IMAGE) == ["ask_phone"]
    assert citizen.say("13800005526") == ["confirm"]
    assert citizen.told[0].params["what"] == "路面有个坑"
    assert citizen.say("是") == []
    (lodged,) = citizen.did
    assert isinstance(lodged, Lodge)
    assert (lodged.draft.place, lodged.draft.phone, lodged.draft.photos) == (place().label, "13800005526", 1)
    assert citizen.state.step is Step.OPEN


def test_who_says_it_all_at_once_is_asked_nothing() -> None:
    citizen = Citizen()
    assert citizen.say("文昌路澜东大道路口路面塌了个大坑", reading(COLLAPSE), place()) == []
    assert [type(one) for one in citizen.did] == [Lodge]
    assert citizen.did[0].draft.category == COLLAPSE.code


def test_on_short_messages_there_is_no_picture_and_the_number_is_known() -> None:
    citizen = Citizen(manner=MANNERS["sms"], phone="13800005526")
    assert citizen.say("路面有个坑", reading(MAYBE)) == ["ask_where"]
    assert citizen.say("文昌路澜东大道路口", NOTHING, place()) == ["confirm"]
    assert citizen.say("是") == []
    assert len(citizen.did) == 1


def test_a_letter_is_asked_back_once_and_filed_without_a_yes() -> None:
    citizen = Citizen(manner=MANNERS["email"])
    assert citizen.say("建议给公交站台装遮雨棚", reading(appeal=Appeal.SUGGESTION)) == ["ask_where"]
    assert citizen.say("就是我们那一站") == []
    assert isinstance(citizen.did[0], Lodge)
    assert citizen.did[0].draft.place == "就是我们那一站"


def test_a_letter_that_is_no_report_goes_to_a_person() -> None:
    citizen = Citizen(manner=MANNERS["email"])
    assert citizen.say("想约局长谈谈合作的事情") == []
    assert citizen.did == [HandOver()]


def test_the_place_finders_own_question_is_asked_and_its_answer_read_with_the_place() -> None:
    citizen = Citizen()
    vague = place("文昌路", 0.4, "在文昌路哪一段，靠近哪个路口或门牌？")
    assert citizen.say("路灯不亮了好几盏", reading(MAYBE), vague) == ["ask_place"]
    assert citizen.told[0].params["question"] == vague.question
    heard = Heard(NOON, "靠近澜东大道")
    assert to_read(citizen.state, heard) == Texts(
        "靠近澜东大道", "文昌路靠近澜东大道", "路灯不亮了好几盏，靠近澜东大道"
    )
    assert citizen.say("靠近澜东大道", NOTHING, place()) == ["ask_photo"]
    assert citizen.state.draft.place == place().label


def test_a_sure_place_with_a_doubt_is_asked_once_and_then_left_to_people() -> None:
    citizen = Citizen()
    park = place("文昌公园", 0.75, "在文昌公园哪个门附近？")
    assert citizen.say("有人乱扔垃圾", reading(MAYBE), park) == ["ask_place"]
    assert citizen.say("小卖部那边", NOTHING, park) == ["ask_photo"]
    assert citizen.state.draft.place == "文昌公园，小卖部那边"
    assert citizen.state.draft.lat == park.lat


def test_where_is_asked_twice_at_most() -> None:
    citizen = Citizen()
    citizen.say("有人乱扔垃圾", reading(MAYBE))
    assert citizen.say("就在那里") == ["ask_where_else"]
    assert citizen.say("你们知道的") == ["ask_photo"]
    assert "就在那里" in citizen.state.draft.place


def test_who_cannot_say_where_may_skip_it() -> None:
    citizen = Citizen()
    citizen.say("有人乱扔垃圾", reading(MAYBE))
    assert citizen.say("跳过") == ["ask_photo"]


def test_a_position_at_any_step_is_the_place() -> None:
    citizen = Citizen()
    citizen.say("有人乱扔垃圾", reading(MAYBE))
    assert citizen.say(kind=Kind.LOCATION, lat=28.51, lon=118.49, label="文昌公园东门") == ["ask_photo"]
    assert (citizen.state.draft.place, citizen.state.draft.lat) == ("文昌公园东门", 28.51)


def test_a_position_or_a_picture_may_come_first() -> None:
    citizen = Citizen()
    assert citizen.say(kind=Kind.LOCATION, lat=28.51, lon=118.49) == ["ask_what"]
    other = Citizen()
    assert other.say(kind=Kind.IMAGE) == ["ask_what"]
    assert other.say("井盖没了", reading(MAYBE)) != []


def test_an_album_gets_one_answer() -> None:
    citizen = Citizen()
    citizen.say("有人乱扔垃圾", reading(MAYBE), place())
    assert citizen.say(kind=Kind.IMAGE) == ["ask_phone"]
    assert citizen.say(kind=Kind.IMAGE) == []
    assert citizen.say(kind=Kind.IMAGE) == []
    assert citizen.state.draft.photos == 3


def test_who_leaves_no_number_is_not_called() -> None:
    citizen = Citizen()
    citizen.say("有人乱扔垃圾", reading(MAYBE), place())
    citizen.say("没有")
    assert citizen.say("不方便") == ["confirm"]
    citizen.say("是")
    assert not citizen.did[0].draft.may_call


def test_words_at_the_end_are_added_and_read_back_and_a_no_begins_anew() -> None:
    citizen = Citizen(manner=MANNERS["sms"], phone="13800005526")
    citizen.say("有人乱扔垃圾", reading(MAYBE), place())
    assert citizen.say("每天晚上都这样") == ["confirm"]
    assert citizen.told[0].params["what"] == "有人乱扔垃圾，每天晚上都这样"
    assert citizen.say("不对") == ["tell_anew"]
    assert citizen.state.draft.what == ""
    assert citizen.did == []


def test_nothing_but_a_yes_files_however_often_it_is_asked() -> None:
    citizen = Citizen(manner=MANNERS["sms"], phone="13800005526")
    citizen.say("有人乱扔垃圾", reading(MAYBE), place())
    for _ in range(6):
        citizen.say("你好")
    assert citizen.did == []


def test_a_draft_can_be_dropped() -> None:
    citizen = Citizen()
    citizen.say("有人乱扔垃圾", reading(MAYBE))
    assert citizen.say("取消") == ["draft_dropped"]
    assert citizen.state.draft.what == ""


# -------------------------------------------------------------------------------------- days of silence


def test_after_a_day_a_new_matter_is_asked_about_and_yes_goes_on() -> None:
    citizen = Citizen()
    citizen.say("有人乱扔垃圾", reading(MAYBE))
    citizen.at += timedelta(days=3)
    assert citizen.say("在文昌公园东门那里", NOTHING, place("文昌公园东门")) == ["resume"]
    assert citizen.state.step is Step.RESUME
    assert citizen.say("是的", NOTHING, place("文昌公园东门")) == ["ask_photo"]
    assert citizen.state.draft.what.startswith("有人乱扔垃圾")
    assert citizen.state.draft.place == "文昌公园东门"


def test_after_a_day_another_matter_begins_anew() -> None:
    citizen = Citizen()
    citizen.say("有人乱扔垃圾", reading(MAYBE))
    citizen.at += timedelta(days=3)
    citizen.say("石榴巷路面塌了个坑", reading(COLLAPSE), place())
    assert citizen.say("否", reading(COLLAPSE), place()) == []
    assert citizen.did[0].draft.what == "石榴巷路面塌了个坑"


def test_a_short_answer_after_days_is_still_the_answer() -> None:
    citizen = Citizen()
    citizen.say("有人乱扔垃圾", reading(MAYBE), place())
    citizen.at += timedelta(days=3)
    assert citizen.say("没有") == ["ask_phone"]


def test_what_was_kept_by_another_version_is_forgotten_but_not_the_words() -> None:
    state = load({"v": 99, "said": ["路灯不亮"], "step": "unknown"})
    assert (state.step, state.facts) == (Step.OPEN, "路灯不亮")
    assert load({}) == State()
    assert load({**dump(State(said=("路灯不亮",))), "step": "gone"}).facts == "路灯不亮"
    assert load({**dump(State()), "unknown": 1}) == State()


# ------------------------------------------------------------------------------------------------ danger


@pytest.mark.parametrize(
    ("kind", "say"),
    [
        ("gas", Say("danger_gas")),
        ("fire", Say("danger", {"number": "119"})),
        ("trapped", Say("danger", {"number": "119"})),
        ("violence", Say("danger", {"number": "110"})),
        ("injury", Say("danger", {"number": "120"})),
    ],
)
@pytest.mark.parametrize("step", list(Step))
def test_danger_at_any_step_names_the_number_and_goes_to_a_person_at_once(
    kind: str, say: Say, step: Step
) -> None:
    citizen = Citizen(state=State(step=step))
    citizen.say("楼道里全是煤气味", reading(danger=kind))
    assert citizen.told == (say,)
    assert citizen.did == [HandOver(danger=True)]
    assert citizen.state.danger
    assert "煤气" in citizen.state.facts


def test_danger_is_not_chatted_about_a_second_time() -> None:
    citizen = Citizen()
    citizen.say("楼道里全是煤气味", reading(danger="gas"))
    citizen.waiting = True
    assert citizen.say("味道越来越大", reading(danger="gas")) == []
    assert citizen.did == [HandOver(danger=True)]


# --------------------------------------------------------------------------- questions, persons, nonsense


def test_a_simple_question_is_answered_from_an_approved_entry() -> None:
    citizen = Citizen()
    assert citizen.say("居住证怎么办理", answer="居住证：到派出所办理") == ["answer"]


def test_a_question_in_a_report_is_no_question() -> None:
    citizen = Citizen()
    citizen.say("有人乱扔垃圾", reading(MAYBE))
    assert "answer" not in citizen.say("请问要什么材料", answer="居住证：…")


def test_what_is_not_understood_leads_to_a_person_and_never_on_for_ever() -> None:
    citizen = Citizen()
    assert citizen.say("啊啊啊") == ["menu"]
    assert citizen.say("哦哦哦哦") == ["offer_person"]
    assert citizen.say("呵呵呵呵") == []
    assert citizen.did == [HandOver()]


def test_another_language_goes_to_a_person_at_once() -> None:
    citizen = Citizen()
    assert citizen.say("Where can I report a broken light?") == ["foreign"]
    assert citizen.did == [HandOver()]
    assert Citizen().say("asdf") == ["menu"]


def test_polite_words_need_no_answer() -> None:
    assert Citizen().say("谢谢") == []


def test_a_voice_goes_to_a_person_and_one_with_words_is_a_text() -> None:
    citizen = Citizen()
    assert citizen.say(kind=Kind.VOICE) == ["voice"]
    assert citizen.did == [HandOver()]
    assert Citizen().say("路面有个坑", reading(MAYBE), kind=Kind.VOICE) == ["ask_where"]


def test_a_person_can_be_reached_at_any_step_with_everything_said_so_far() -> None:
    citizen = Citizen()
    citizen.say("有人乱扔垃圾", reading(MAYBE))
    citizen.say("在文昌公园", NOTHING, place("文昌公园"))
    citizen.say("转人工")
    assert citizen.did == [HandOver()]
    assert citizen.state.facts == "有人乱扔垃圾\n在文昌公园"


def test_while_a_person_is_awaited_the_machine_keeps_quiet() -> None:
    citizen = Citizen(waiting=True)
    assert citizen.say("有人吗") == ["waiting"]
    assert citizen.say("还有一件事，路灯也不亮", reading(MAYBE)) == ["noted"]
    assert citizen.say("好的谢谢") == []
    assert citizen.did == []
    assert "路灯" in citizen.state.facts


def test_a_whole_report_gets_its_number_even_while_a_person_is_awaited() -> None:
    citizen = Citizen(waiting=True)
    assert citizen.say("文昌路澜东大道路口路面塌了", reading(COLLAPSE), place()) == []
    assert [type(one) for one in citizen.did] == [Lodge]
