"""`turn`: one message of a citizen, and what follows from it.

A danger comes before everything, a command before the question that waits; the rest answers what was asked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from callcenter.domain.dialogue.commands import Command, Wish, is_no, is_polite, is_skip, is_yes, read_command
from callcenter.domain.dialogue.report import LEAST_WORDS, STEPS, begin, next_question, on_open, tells_all
from callcenter.domain.dialogue.state import COLLECTING, DRAFTING, Draft, State, Step
from callcenter.domain.dialogue.terms import (
    CHAT,
    Add,
    AskRating,
    Found,
    HandOver,
    Heard,
    Manner,
    Now,
    Own,
    Progress,
    Rated,
    Say,
    Subscribe,
    Texts,
    Turn,
    Urge,
    Withdraw,
)
from callcenter.domain.messages import Kind
from callcenter.domain.replies import ReplyKind, read_reply

STALE = timedelta(hours=24)  # after so much silence a new matter may be another one
RECENT = timedelta(hours=48)  # a picture so long after a report belongs to it
DANGER_NUMBERS = {"violence": "110", "crowd": "110", "injury": "120", "self_harm": "110、120"}
FIRE_BRIGADE = "119"


CONTEXT = 300  # characters of what was said before


def to_read(state: State, heard: Heard) -> Texts:
    """An answer is read with what it belongs to: "就在学校门口" alone means anything."""
    text = heard.text
    if state.step is Step.RESUME:
        return Texts(f"{state.held}，{text}", state.held, f"{state.draft.what}，{state.held}，{text}")
    before = state.draft.what if state.step in DRAFTING else ""
    if heard.waiting:
        before = state.facts[-CONTEXT:]
    whole = "，".join(part for part in (before, text) if part)
    if state.step is Step.WHAT:
        return Texts(whole, text, whole)
    return Texts(text, f"{state.draft.place}{text}" if state.step is Step.WHERE else text, whole)


def turn(state: State, heard: Heard, found: Found, manner: Manner = CHAT) -> Turn:
    command = read_command(heard.text, heard.event)
    now = Now(state.heard(_belongs(command, heard.text), heard.at), heard, found, manner, command)
    if found.whole.danger and not state.danger:
        return _danger(now)
    if command.wish is not Wish.WORDS:
        return _COMMANDS[command.wish](now)
    if heard.waiting:
        return _more_while_waiting(now)
    if heard.kind in _OTHERS:
        return _OTHERS[heard.kind](now)
    if _is_another_day(state, heard):
        return now.to(
            Step.RESUME, Say("resume", {"what": state.draft.what or state.draft.place}), held=heard.text
        )
    return _answered(now)


def _belongs(command: Command, text: str) -> str:
    """What of it a seat wants to read in the report."""
    merely = is_yes(text) or is_no(text) or is_skip(text) or is_polite(text)
    return text if command.wish in {Wish.WORDS, Wish.ADD} and not merely else ""


def _is_another_day(state: State, heard: Heard) -> bool:
    silent = state.heard_at is not None and heard.at - state.heard_at >= STALE
    return silent and state.step in COLLECTING and len(heard.text) >= LEAST_WORDS


def _answered(now: Now) -> Turn:
    if now.state.step is Step.OPEN and is_polite(now.heard.text):
        return Turn(now.state)  # 谢谢: nothing to answer
    return _STEPS[now.state.step](now)


def _danger(now: Now) -> Turn:
    """Do not chat: the number to call, and a person at once."""
    kind = now.found.whole.danger[0]
    say = (
        Say("danger_gas")
        if kind == "gas"
        else Say("danger", {"number": DANGER_NUMBERS.get(kind, FIRE_BRIGADE)})
    )
    draft = now.state.draft.with_words(now.heard.text)
    return now.to(Step.OPEN, say, actions=(HandOver(danger=True),), danger=True, draft=draft)


# ---------------------------------------------------------------------------------------- commands


def _wants_report(now: Now) -> Turn:
    if now.heard.waiting:
        return now.to(now.state.step, Say("tell_person"))
    if now.state.step in COLLECTING:
        return _again(now)
    return next_question(now, Draft())


def _wants_menu(now: Now) -> Turn:
    if now.heard.waiting:
        return now.to(now.state.step, Say("waiting"))
    if now.state.step in COLLECTING:
        return _again(now)
    return now.to(Step.OPEN, Say("welcome" if now.heard.event == "follow" else "menu"))


def _again(now: Now) -> Turn:
    """Where we were: the question that waits for its answer."""
    return next_question(now, now.state.draft)


def _wants_person(now: Now) -> Turn:
    return now.to(Step.OPEN, actions=(HandOver(),))


def _adds(now: Now) -> Turn:
    about = (
        now.command.number or now.found.named or next((one.number for one in now.found.own if one.open), "")
    )
    if now.state.step in COLLECTING:
        return next_question(now, now.state.draft.with_words(now.command.words))
    if not about:
        return now.to(Step.OPEN, Say("nothing_open"))
    if not now.command.words:
        return now.to(Step.OPEN, Say("add_what", {"number": about}))
    return now.to(Step.OPEN, actions=(Add(about, now.command.words),))


def _asks_progress(now: Now) -> Turn:
    wanted = Progress(now.command.number or now.found.named, now.command.code)
    return now.to(now.state.step, actions=(wanted,))


def _urges(now: Now) -> Turn:
    open_ones = [one for one in now.found.own if one.open]
    about = now.command.number or now.found.named or (open_ones[0].number if len(open_ones) == 1 else "")
    if about:
        return now.to(now.state.step, actions=(Urge(about, now.command.code),))
    return now.to(now.state.step, _which("催办", open_ones))


def _withdraws(now: Now) -> Turn:
    if now.state.step in DRAFTING:
        return now.to(Step.OPEN, Say("draft_dropped"), draft=Draft(), held="")
    open_ones = [one for one in now.found.own if one.open]
    about = now.command.number or now.found.named or (open_ones[0].number if len(open_ones) == 1 else "")
    if not about:
        return now.to(Step.OPEN, _which("撤销", open_ones))
    return now.to(
        Step.WITHDRAW, Say("really_withdraw", {"number": about}), about=about, code=now.command.code
    )


def _which(word: str, open_ones: Sequence[Own]) -> Say:
    if not open_ones:
        return Say("nothing_open")
    return Say(
        "which",
        {
            "word": word,
            "numbers": "、".join(one.number for one in open_ones[:3]),
            "number": open_ones[0].number,
        },
    )


def _wants_to_rate(now: Now) -> Turn:
    return now.to(
        now.state.step, actions=(AskRating(now.command.number or now.found.named, now.command.code),)
    )


def _subscribes(wanted: bool) -> "Callable[[Now], Turn]":
    return lambda now: now.to(now.state.step, actions=(Subscribe(wanted),))


_COMMANDS: Mapping[Wish, Callable[[Now], Turn]] = {
    Wish.REPORT: _wants_report,
    Wish.ADD: _adds,
    Wish.PROGRESS: _asks_progress,
    Wish.URGE: _urges,
    Wish.WITHDRAW: _withdraws,
    Wish.RATE: _wants_to_rate,
    Wish.PERSON: _wants_person,
    Wish.OPT_OUT: _subscribes(wanted=False),
    Wish.OPT_IN: _subscribes(wanted=True),
    Wish.MENU: _wants_menu,
}


# ---------------------------------------------------------------- what is no text: pictures, places, voices


def _more_while_waiting(now: Now) -> Turn:
    """What comes now is for the person who comes; what is a whole report gets its number all the same."""
    if now.state.step in {Step.WITHDRAW, Step.RATE} and now.heard.kind is Kind.TEXT:
        return _STEPS[now.state.step](now)
    if is_polite(now.heard.text):
        return Turn(now.state)
    pending = next((one.number for one in now.found.own if one.pending), "")
    if pending:
        return Turn(now.state, actions=(Add(pending, _worded(now)),))
    if tells_all(now):
        return begin(now, now.heard.text)
    told = now.heard.kind is Kind.TEXT and len(now.heard.text) >= LEAST_WORDS and not now.state.danger
    return Turn(now.state, (Say("noted"),) if told else ())


_WORDED = {Kind.IMAGE: "[图片]", Kind.VIDEO: "[视频]", Kind.VOICE: "[语音]", Kind.FILE: "[文件]"}


def _worded(now: Now) -> str:
    if now.heard.kind is Kind.LOCATION:
        return f"[位置]{now.heard.label}"
    return now.heard.text or _WORDED.get(now.heard.kind, "")


def _picture(now: Now) -> Turn:
    draft = replace(now.state.draft, photos=now.state.draft.photos + 1).with_words(now.heard.text)
    if now.state.step is Step.PHOTO:
        return next_question(now, draft)
    if now.state.step in COLLECTING:  # an album: the others of the first, and nothing to answer
        return Turn(replace(now.state, draft=draft))
    return _to_recent(now) or next_question(now, draft)


def _to_recent(now: Now) -> Turn | None:
    """A picture or a place after a report belongs to it."""
    newest = next((one for one in now.found.own if one.open and now.heard.at - one.filed_at < RECENT), None)
    if newest is None:
        return None
    return now.to(Step.OPEN, actions=(Add(newest.number, _worded(now)),))


def _position(now: Now) -> Turn:
    if now.state.step not in COLLECTING:
        added = _to_recent(now)
        if added is not None:
            return added
    place = now.heard.label or now.state.draft.place
    draft = replace(now.state.draft, place=place, lat=now.heard.lat, lon=now.heard.lon, doubt="")
    return next_question(now, draft)


def _voice(now: Now) -> Turn:
    """Only a person can listen; a voice whose words the platform recognised is a text."""
    if now.heard.text:
        return _answered(now)
    return now.to(Step.OPEN, Say("voice"), actions=(HandOver(),))


_OTHERS: Mapping[Kind, Callable[[Now], Turn]] = {
    Kind.IMAGE: _picture,
    Kind.VIDEO: _picture,
    Kind.FILE: _picture,
    Kind.LOCATION: _position,
    Kind.VOICE: _voice,
    Kind.EVENT: lambda now: Turn(now.state),
}


# ------------------------------------------------------------------------------- answers to other questions


def _really(now: Now) -> Turn:
    """Whether to withdraw: only a yes is one."""
    about, code = now.state.about, now.state.code
    if is_yes(now.heard.text):
        return now.to(Step.OPEN, actions=(Withdraw(about, code),), about="", code="")
    if is_no(now.heard.text) or is_skip(now.heard.text):
        return now.to(Step.OPEN, Say("kept", {"number": about}), about="", code="")
    return on_open(replace(now, state=replace(now.state, about="", code="")))


def _rates(now: Now) -> Turn:
    reply = read_reply(now.heard.text)
    if reply.kind in {ReplyKind.SCORE, ReplyKind.SOLVED, ReplyKind.UNSOLVED}:
        rated = Rated(now.state.about, now.heard.text, now.state.code)
        return now.to(Step.OPEN, actions=(rated,), about="", code="")
    return on_open(replace(now, state=replace(now.state, about="", code="")))


_STEPS: Mapping[Step, Callable[[Now], Turn]] = {**STEPS, Step.WITHDRAW: _really, Step.RATE: _rates}
