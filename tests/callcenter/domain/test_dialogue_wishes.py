"""Commands, what citizens do with what they have, and that the machine always comes to an end."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.domain.dialogue.commands import Command, Wish, is_question, phone_in, read_command
from callcenter.domain.dialogue.state import DRAFTING, State, Step, answer_once, dump, load
from callcenter.domain.dialogue.terms import (
    CHAT,
    MANNERS,
    Add,
    AskRating,
    Progress,
    Rated,
    Subscribe,
    Urge,
    Withdraw,
)
from callcenter.domain.messages import Kind
from tests.callcenter.domain.chatting import MAYBE, NOON, NOTHING, NUMBER, Citizen, own, place, reading

# ------------------------------------------------------------------------------------------- commands


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("查", Wish.PROGRESS),
        ("查 20261120-0012", Wish.PROGRESS),
        ("查询工单20261120-0012", Wish.PROGRESS),
        ("２０２６１１２０－００１２", Wish.PROGRESS),
        ("我要反映问题", Wish.REPORT),
        ("催一下吧", Wish.URGE),
        ("怎么还没处理！", Wish.URGE),
        ("撤销", Wish.WITHDRAW),
        ("0", Wish.PERSON),
        ("帮我转人工", Wish.PERSON),
        ("ＴＤ", Wish.OPT_OUT),
        ("r", Wish.OPT_OUT),
        ("恢复", Wish.OPT_IN),
        ("您好！", Wish.MENU),
        ("补充：还有一处", Wish.ADD),
        ("评价", Wish.RATE),
        ("/start", Wish.MENU),
        ("/progress", Wish.PROGRESS),
        ("查处违建的电话是多少", Wish.WORDS),
        ("催缴物业费的人天天上门", Wish.WORDS),
        ("路灯不亮", Wish.WORDS),
        ("", Wish.WORDS),
    ],
)
def test_only_whole_short_messages_are_commands(text: str, wish: Wish) -> None:
    assert read_command(text).wish is wish


def test_a_number_comes_with_its_code() -> None:
    assert read_command("查 20261120 0012 查询码 004711") == Command(
        Wish.PROGRESS, "查 20261120 0012 查询码 004711", NUMBER, "004711"
    )


def test_a_menu_key_means_its_command() -> None:
    assert read_command("", "menu:progress").wish is Wish.PROGRESS
    assert read_command("", "follow").wish is Wish.MENU
    assert read_command("", "menu:something-new").wish is Wish.MENU


def test_digits_of_other_scripts_are_no_numbers() -> None:
    assert read_command("查 ٢٠٢٦١١٢٠-٠٠١٢ ١٢٣٤٥٦").wish is Wish.WORDS


def test_questions_and_numbers_are_recognised_in_sentences() -> None:
    assert is_question("居住证怎么办理")
    assert not is_question("路面塌了怎么还没人管")
    assert phone_in("我电话 138 0000 5526") == ""
    assert phone_in("打13800005526找我") == "13800005526"


# ------------------------------------------------------------------------------- what one already has


def test_what_comes_after_a_report_is_added_to_it() -> None:
    citizen = Citizen(waiting=True, own=(own(pending=True),))
    citizen.say("补充一下，坑里有水")
    citizen.say(kind=Kind.IMAGE)
    citizen.say("就在学校门口")
    assert citizen.did == [Add(NUMBER, "坑里有水"), Add(NUMBER, "[图片]"), Add(NUMBER, "就在学校门口")]


def test_a_picture_soon_after_belongs_to_the_report_and_later_to_a_new_one() -> None:
    soon, late = Citizen(own=(own(),)), Citizen(own=(own(age_h=72),))
    assert soon.say(kind=Kind.IMAGE) == []
    assert soon.did == [Add(NUMBER, "[图片]")]
    assert late.say(kind=Kind.IMAGE) == ["ask_what"]


def test_progress_urging_and_rating_are_asked_for_by_a_word() -> None:
    citizen = Citizen(own=(own(),))
    citizen.say("查")
    citizen.say("查 20261101-0007 123456")
    citizen.say("催")
    citizen.say("评价")
    citizen.say("退订")
    assert citizen.did == [
        Progress(""),
        Progress("20261101-0007", "123456"),
        Urge(NUMBER),
        AskRating(""),
        Subscribe(wanted=False),
    ]


def test_the_message_that_is_answered_says_which_matter_is_meant() -> None:
    citizen = Citizen(own=(own(), own("20261119-0001")))
    citizen.say("催", named="20261119-0001")
    assert citizen.did == [Urge("20261119-0001")]


def test_with_several_open_matters_it_is_asked_which() -> None:
    citizen = Citizen(own=(own(), own("20261119-0001")))
    assert citizen.say("催") == ["which"]
    assert citizen.say("撤销") == ["which"]
    assert Citizen().say("催") == ["nothing_open"]


def test_who_has_something_with_us_is_told_what_can_be_done_with_it() -> None:
    citizen = Citizen(own=(own(),))
    assert citizen.say("还没弄好呢") == ["menu_open"]
    assert citizen.told[0].params == {"number": NUMBER}


def test_withdrawing_wants_a_yes() -> None:
    citizen = Citizen(own=(own(),))
    assert citizen.say("撤销") == ["really_withdraw"]
    assert citizen.say("不用了") == ["kept"]
    citizen.say("撤销")
    assert citizen.say("是") == []
    assert citizen.did == [Withdraw(NUMBER)]


def test_withdrawing_is_forgotten_when_something_else_is_said() -> None:
    citizen = Citizen(own=(own(),))
    citizen.say("撤销")
    assert citizen.say("路面有个坑", reading(MAYBE)) == ["ask_where"]
    assert citizen.did == []


def test_a_score_answers_the_question_and_other_words_do_not() -> None:
    citizen = Citizen(state=State(step=Step.RATE, about=NUMBER))
    citizen.say("2")
    assert citizen.did == [Rated(NUMBER, "2")]
    other = Citizen(state=State(step=Step.RATE, about=NUMBER))
    assert other.say("路面有个坑", reading(MAYBE)) == ["ask_where"]


# ------------------------------------------------------------------------------------------- no loops


def test_no_answer_is_repeated_for_ever() -> None:
    state, went = State(), []
    for minute in range(10):
        state, goes = answer_once(state, "没有看懂", NOON + timedelta(minutes=minute))
        went.append(goes)
    assert went == [True, True, *[False] * 8]


def test_a_machine_at_the_other_end_is_not_kept_talking() -> None:
    state, went = State(), 0
    for number in range(200):
        state, goes = answer_once(state, f"answer {number}", NOON + timedelta(seconds=number))
        went += goes
    assert went == 30


WORDS = st.sampled_from(
    [
        "是",
        "否",
        "跳过",
        "没有",
        "路面有个坑",
        "文昌路",
        "13800005526",
        "查",
        "催",
        "撤销",
        "补充 水",
        "人工",
        "你好",
        "1",
        "谢谢",
        "",
    ]
)


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(WORDS, st.sampled_from([Kind.TEXT, Kind.IMAGE, Kind.LOCATION, Kind.VOICE]), st.booleans())
    ),
    st.sampled_from(["sms", "email", "wechat"]),
)
def test_whatever_is_said_the_machine_has_one_turn_and_a_state_that_can_be_kept(
    said: list[tuple[str, Kind, bool]], medium: str
) -> None:
    citizen = Citizen(manner=MANNERS.get(medium, CHAT), own=(own(),))
    for text, kind, knows in said:
        found = reading(MAYBE) if knows else NOTHING
        spot = {"lat": 28.5, "lon": 118.5} if kind is Kind.LOCATION else {}
        citizen.say(text, found, *([place()] if knows else []), kind=kind, **spot)
        citizen.at += timedelta(hours=7)
        assert len(citizen.told) <= 1
        assert citizen.state.held == "" or citizen.state.step is Step.RESUME
        assert citizen.state.step in DRAFTING | {Step.OPEN, Step.WITHDRAW, Step.RATE}
    assert load(dump(citizen.state)) == citizen.state
