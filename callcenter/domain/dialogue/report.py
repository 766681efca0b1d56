"""The guided report: asks for what is missing, in the place finder's own words, no more than needed.

What, where, a picture, a number to call, and a yes. Whoever says all of it at once is asked nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf

from callcenter.domain.dialogue.commands import is_foreign, is_no, is_question, is_skip, is_yes, phone_in
from callcenter.domain.dialogue.state import Draft, Step
from callcenter.domain.dialogue.terms import HandOver, Lodge, Now, Say, Turn
from callcenter.domain.places import PlaceCandidate
from callcenter.domain.suggestions import Appeal, Urgency

SURE_CLASS, SURE_PLACE, LIKELY_PLACE = 0.75, 0.6, 0.3
LEAST_WORDS = 5  # characters that tell of something
ASKED_ENOUGH = 2
OFFER_AT, HAND_OVER_AT = 2, 3  # messages in a row that meant nothing
LONGEST_PLACE = 100


def next_question(now: Now, draft: Draft) -> Turn:
    """Ask for the first thing that is missing; nothing is: the report gets its number."""
    for step, missing, say in _QUESTIONS:
        if missing(now, draft) and draft.times(step) < _enough(now, step):
            return now.to(step, say(draft), draft=draft.ask(step))
    return lodge(now, draft)


def lodge(now: Now, draft: Draft) -> Turn:
    if len(draft.what) < LEAST_WORDS and not draft.photos:
        return now.to(Step.OPEN, actions=(HandOver(),), draft=draft)  # asked enough: a person finds out
    return now.to(Step.OPEN, actions=(Lodge(draft),), draft=Draft())


def _enough(now: Now, step: Step) -> float:
    """How often a question is put; only a yes confirms, however often it is asked."""
    if step is Step.CONFIRM:
        return inf
    return 1 if now.manner.letters or step is Step.PHOTO else ASKED_ENOUGH


def _lacks_words(_now: Now, draft: Draft) -> bool:
    return len(draft.what) < LEAST_WORDS


def _lacks_place(_now: Now, draft: Draft) -> bool:
    return not draft.located or bool(draft.doubt)


def _lacks_photo(now: Now, draft: Draft) -> bool:
    return now.manner.photos and not now.manner.letters and not draft.photos


def _lacks_phone(now: Now, draft: Draft) -> bool:
    return not (now.manner.letters or now.found.phone or draft.phone) and draft.may_call


def _unconfirmed(now: Now, _draft: Draft) -> bool:
    return not now.manner.letters


def _ask_where(draft: Draft) -> Say:
    if draft.doubt:
        return Say("ask_place", {"question": draft.doubt})
    return Say("ask_where_else" if draft.times(Step.WHERE) else "ask_where")


def _ask_confirm(draft: Draft) -> Say:
    return Say("confirm", {"what": draft.what or "[图片]", "place": draft.place or "未说明"})


def _plain(name: str) -> Callable[[Draft], Say]:
    return lambda _draft: Say(name)


_Missing = Callable[[Now, Draft], bool]
_Ask = Callable[[Draft], Say]
_QUESTIONS: tuple[tuple[Step, _Missing, _Ask], ...] = (
    (Step.WHAT, _lacks_words, _plain("ask_what")),
    (Step.WHERE, _lacks_place, _ask_where),
    (Step.PHOTO, _lacks_photo, _plain("ask_photo")),
    (Step.PHONE, _lacks_phone, _plain("ask_phone")),
    (Step.CONFIRM, _unconfirmed, _ask_confirm),
)


# ---------------------------------------------------------------------------------- words, step by step


def begin(now: Now, words: str) -> Turn:
    """A matter in the citizen's words: filed at once when it says what and where, and we are sure."""
    draft = placed(replace(now.state.draft, category=_category(now)).with_words(words), _best(now))
    if tells_all(now) and draft.located:
        return lodge(now, draft)
    return next_question(now, draft)


def _category(now: Now) -> str:
    found = now.found.reading.categories
    return found[0].code if found and found[0].confidence >= SURE_CLASS else ""


def tells_all(now: Now) -> bool:
    """What and where, and we are sure of both."""
    best = _best(now)
    return bool(_category(now)) and best is not None and best.confidence >= SURE_PLACE


def _best(now: Now) -> PlaceCandidate | None:
    return now.found.places[0] if now.found.places else None


def placed(draft: Draft, best: PlaceCandidate | None) -> Draft:
    """The draft with the place and what is in doubt about it; an unsure place keeps its name only."""
    if best is None or (draft.located and not draft.doubt):
        return draft
    if best.confidence >= SURE_PLACE:
        return replace(draft, place=best.label, lat=best.lat, lon=best.lon, doubt=best.question)
    name = best.label if best.confidence >= LIKELY_PLACE else ""
    return replace(draft, place=draft.place or name, doubt=best.question)


def on_open(now: Now) -> Turn:
    """Nothing was asked: a simple question, a matter, or words that mean nothing to us."""
    text = now.heard.text
    if now.found.answer and is_question(text) and not tells_all(now):
        return now.to(Step.OPEN, Say("answer", {"answer": now.found.answer}))
    if _tells(now):
        return begin(now, text)
    if is_foreign(text):
        return now.to(Step.OPEN, Say("foreign"), actions=(HandOver(),))
    if now.manner.letters:
        return now.to(Step.OPEN, actions=(HandOver(),))
    return missed(now)


def _tells(now: Now) -> bool:
    reading = now.found.reading
    if len(now.heard.text) < LEAST_WORDS:
        return False
    complains = reading.appeal not in {Appeal.CONSULT, Appeal.PRAISE}
    return bool(reading.categories) or complains or reading.urgency is not Urgency.NORMAL


def missed(now: Now) -> Turn:
    """The first time what one can do here, then a person on request, then a person."""
    misses = now.state.misses + 1
    if misses >= HAND_OVER_AT:
        return now.to(Step.OPEN, actions=(HandOver(),))
    say = Say("offer_person") if misses >= OFFER_AT else _menu(now)
    return Turn(replace(now.state, step=Step.OPEN, misses=misses), (say,))


def _menu(now: Now) -> Say:
    """Who has something with us probably writes about it."""
    mine = next((one for one in now.found.own if one.open), None)
    return Say("menu_open", {"number": mine.number}) if mine is not None else Say("menu")


def on_what(now: Now) -> Turn:
    return begin(now, now.heard.text)


def on_where(now: Now) -> Turn:
    """No question about the place is put twice in the same words."""
    draft, best, text = now.state.draft, _best(now), now.heard.text.strip()
    if is_skip(text):
        enough = {**draft.asked, Step.WHERE.value: ASKED_ENOUGH}
        return next_question(now, replace(draft, doubt="", asked=enough))
    if best is not None and best.confidence >= SURE_PLACE and _is_news(best, draft):
        return next_question(now, placed(replace(draft, lat=None, doubt=""), best))
    return next_question(now, _as_said(draft, best, text))


def _is_news(best: PlaceCandidate, draft: Draft) -> bool:
    return not best.question or best.question != draft.doubt


def _as_said(draft: Draft, best: PlaceCandidate | None, text: str) -> Draft:
    """Words that the place finder cannot place stay with the place, for a person to read."""
    said = f"{draft.place}，{text}" if draft.place and draft.place not in text else text
    asks = best.question if best is not None and best.question != draft.doubt and not draft.located else ""
    return replace(draft, place=said[:LONGEST_PLACE], doubt=asks)


def on_photo(now: Now) -> Turn:
    """Without a picture it goes on; other words belong to the matter."""
    text = now.heard.text
    if is_yes(text):
        return Turn(now.state, (Say("send_photo"),))
    draft = now.state.draft if is_skip(text) or is_no(text) else now.state.draft.with_words(text)
    return next_question(now, draft)


def on_phone(now: Now) -> Turn:
    draft, text = now.state.draft, now.heard.text
    number = phone_in(text)
    if number:
        return next_question(now, replace(draft, phone=number))
    declined = is_skip(text) or is_no(text)
    if not declined and len(text) >= LEAST_WORDS:
        draft = draft.with_words(text)
    if declined or draft.times(Step.PHONE) >= ASKED_ENOUGH:
        return next_question(now, replace(draft, may_call=False))
    return next_question(now, draft)


def on_confirm(now: Now) -> Turn:
    draft, text = now.state.draft, now.heard.text
    if is_yes(text):
        return lodge(now, draft)
    if is_no(text):
        return now.to(
            Step.WHAT, Say("tell_anew"), draft=replace(Draft(photos=draft.photos), phone=draft.phone)
        )
    changed = replace(draft.with_words(text), asked={**draft.asked, Step.CONFIRM.value: 0})
    return next_question(now, changed)


def on_resume(now: Now) -> Turn:
    """接着上次说的吗: yes goes on, no begins anew, other words are more of the new matter."""
    held = now.state.held
    if is_yes(now.heard.text):
        goes_on = placed(now.state.draft.with_words(held), _best(now))
        return _without_held(next_question(now, replace(goes_on, asked={})))
    words = held if is_no(now.heard.text) else f"{held}，{now.heard.text}"
    anew = replace(now, state=replace(now.state, draft=Draft()))
    return _without_held(begin(anew, words))


def _without_held(turn: Turn) -> Turn:
    return replace(turn, state=replace(turn.state, held=""))


STEPS: Mapping[Step, Callable[[Now], Turn]] = {
    Step.OPEN: on_open,
    Step.WHAT: on_what,
    Step.WHERE: on_where,
    Step.PHOTO: on_photo,
    Step.PHONE: on_phone,
    Step.CONFIRM: on_confirm,
    Step.RESUME: on_resume,
}
