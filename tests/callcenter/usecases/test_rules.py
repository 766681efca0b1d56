"""The rule laboratory: drafts, words, effects, publishing without a restart, shadow, rolling back."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from callcenter.domain.errors import ConflictError, InvalidInputError
from callcenter.domain.reports import Decision
from callcenter.domain.rules import Mislabel, Origin, Phase, RuleWord
from callcenter.usecases import rules
from callcenter.usecases.context import Context
from callcenter.usecases.rule_lab import Effect
from tests.builders import COLLAPSE, FRIDAY_10, STANDARD, a_report, a_user

LEAD = a_user("supervisor", "1201")
BROKEN = "事件|01|13"
SINK = RuleWord(COLLAPSE, "", "地方叫法", "塌了个坑", 2.8)


async def confirmed(context: Context, *said: tuple[str, str]) -> None:
    """Reports of the last days, text and class."""
    async with context.uow() as uow:
        for number, (content, code) in enumerate(said):
            report = a_report(
                id=f"report-{number}",
                number=f"20261101-{number:04d}",
                client_key=f"form-{number:08d}",
                content=content,
                category=code,
                standard=STANDARD,
                filed_by="user-1027",
                decision=Decision.CASE if code else Decision.ANSWER,
                filed_at=FRIDAY_10 - timedelta(minutes=number),
            )
            uow.reports.add(report)
        await uow.commit()


async def effect(context: Context, number: int) -> Effect:
    _, found = await rules.measure(context, number, wait_s=20)
    assert found is not None
    return found


async def running(context: Context) -> list[str]:
    return sorted(word.term for word in context.lab.engine.in_use if word.enabled)


async def test_the_shipped_table_is_the_first_version_and_runs(context: Context) -> None:
    await rules.begin(context)
    assert context.lab.running == (STANDARD, 1)
    assert (context.lab.engine.running, await running(context)) == ("1", ["路面塌陷"])
    await rules.begin(context)
    async with context.reading() as uow:
        assert [v.number for v in await uow.rules.versions(STANDARD, 10)] == [1]


async def test_a_newer_shipped_table_takes_over_until_the_city_has_words_of_its_own(context: Context) -> None:
    await rules.begin(context)
    engine = context.lab.engine
    engine.table = (*engine.table, replace(SINK, name="路面塌陷"))
    await rules.begin(context)
    assert context.lab.running == (STANDARD, 2)
    draft = await rules.open_draft(context, LEAD)
    await rules.move(context, LEAD, draft.number, "publish")
    engine.table = (*engine.table, replace(SINK, name="路面塌陷", term="窟窿"))
    await rules.begin(context)
    assert context.lab.running == (STANDARD, 3)
    async with context.reading() as uow:
        newest = (await uow.rules.versions(STANDARD, 1))[0]
    assert (newest.origin, newest.phase) == (Origin.SHIPPED, Phase.RETIRED)


async def test_a_word_is_put_in_published_and_rolled_back_without_a_restart(context: Context) -> None:
    await rules.begin(context)
    draft = await rules.open_draft(context, LEAD)
    assert (await rules.open_draft(context, LEAD)).number == draft.number
    await rules.put_word(context, LEAD, draft.number, SINK)
    assert await running(context) == ["路面塌陷"]
    await rules.move(context, LEAD, draft.number, "publish", "加两个地方叫法")
    assert (context.lab.engine.running, await running(context)) == ("2", ["塌了个坑", "路面塌陷"])
    assert context.live.told[-1] == ("office", "rules.changed", {"version": 2})
    await rules.move(context, LEAD, 1, "rollback")
    assert (context.lab.engine.running, await running(context)) == ("1", ["路面塌陷"])
    with pytest.raises(ConflictError):
        await rules.put_word(context, LEAD, 2, replace(SINK, term="窟窿"))


async def test_every_report_that_flips_is_named_with_its_verdict(context: Context) -> None:
    await confirmed(
        context,
        ("文昌路路面塌陷", COLLAPSE),
        ("俺家门口塌了个坑", COLLAPSE),
        ("修路后塌了个坑没填平", BROKEN),
        ("请问医保怎么交", ""),
    )
    await rules.begin(context)
    draft = await rules.open_draft(context, LEAD)
    nothing = await effect(context, draft.number)
    assert (nothing.flips, nothing.before) == ((), nothing.after)
    await rules.put_word(context, LEAD, draft.number, SINK)
    found = await effect(context, draft.number)
    assert [(f.report.number, f.before, f.after, f.verdict, f.words) for f in found.flips] == [
        ("20261101-0001", "", COLLAPSE, "better", ("塌了个坑",)),
        ("20261101-0002", "", COLLAPSE, "wrong", ("塌了个坑",)),
    ]
    assert (found.before.first.right, found.after.first.right, found.reports) == (2, 3, 4)
    collapse = found.after.classes[COLLAPSE]
    assert (collapse.precision.right, collapse.precision.of) == (2, 3)
    assert (collapse.recall.right, collapse.recall.of) == (2, 2)


async def test_only_texts_with_a_changed_word_are_ranked_again(context: Context) -> None:
    await confirmed(context, *[("文昌路路面塌陷", COLLAPSE)] * 300, ("门口塌了个坑", COLLAPSE))
    await rules.begin(context)
    draft = await rules.open_draft(context, LEAD)
    await effect(context, draft.number)
    await rules.put_word(context, LEAD, draft.number, SINK)
    measuring, found = await rules.measure(context, draft.number, wait_s=20)
    assert found is not None
    assert (measuring.total, measuring.done, len(found.flips)) == (1, 1, 1)


async def test_what_is_confirmed_meanwhile_is_measured_too_and_a_mislabelled_one_is_not(
    context: Context,
) -> None:
    await rules.begin(context)
    draft = await rules.open_draft(context, LEAD)
    assert (await effect(context, draft.number)).reports == 0
    await confirmed(context, ("文昌路路面塌陷", COLLAPSE), ("路面塌陷了吗", BROKEN))
    context.lab.measuring = None
    assert (await effect(context, draft.number)).reports == 2
    async with context.uow() as uow:
        await uow.rules.mislabel(Mislabel("report-1", context.now(), LEAD.id, LEAD.name))
        await uow.commit()
    context.lab.forget("report-1")
    assert (await effect(context, draft.number)).reports == 1


async def test_who_changed_what_is_kept_with_before_and_after(context: Context) -> None:
    await rules.begin(context)
    draft = await rules.open_draft(context, LEAD)
    word = await rules.put_word(context, LEAD, draft.number, SINK)
    heavier = await rules.put_word(context, LEAD, draft.number, replace(word, weight=3.0))
    off = await rules.put_word(context, LEAD, draft.number, replace(heavier, enabled=False))
    await rules.drop_word(context, LEAD, draft.number, off.id, off.revision)
    async with context.reading() as uow:
        edits = await uow.rules.edits(draft.number, 10)
    assert {edit.user_name for edit in edits} == {LEAD.name}
    weights = [(e.action, (e.before or {}).get("weight"), (e.after or {}).get("weight")) for e in edits]
    assert weights == [
        ("remove", 3.0, None),
        ("disable", 3.0, 3.0),
        ("change", 2.8, 3.0),
        ("add", None, 2.8),
        ("open", None, None),
    ]


async def test_two_people_at_one_word_do_not_overwrite_each_other(context: Context) -> None:
    await rules.begin(context)
    draft = await rules.open_draft(context, LEAD)
    word = await rules.put_word(context, LEAD, draft.number, SINK)
    await rules.put_word(context, LEAD, draft.number, replace(word, weight=3.0))
    with pytest.raises(ConflictError):
        await rules.put_word(context, LEAD, draft.number, replace(word, weight=1.0))
    with pytest.raises(ConflictError):
        await rules.drop_word(context, LEAD, draft.number, word.id, word.revision)


async def test_two_people_who_begin_at_once_share_one_draft_and_one_word(context: Context) -> None:
    await rules.begin(context)
    drafts = await asyncio.gather(
        *(rules.open_draft(context, LEAD) for _ in range(4)), return_exceptions=True
    )
    opened = {draft.number for draft in drafts if not isinstance(draft, BaseException)}
    words = await asyncio.gather(
        *(rules.put_word(context, LEAD, 2, SINK) for _ in range(4)), return_exceptions=True
    )
    refused = [one for one in [*drafts, *words] if isinstance(one, BaseException)]
    assert opened == {2}
    assert all(isinstance(one, ConflictError | InvalidInputError) for one in refused), refused
    async with context.reading() as uow:
        assert [v.number for v in await uow.rules.versions(STANDARD, 10)] == [2, 1]
        assert [w.term for w in await uow.rules.words(2)] == ["路面塌陷", "塌了个坑"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"term": "  "}, "term"),
        ({"term": "长" * 200}, "term"),
        ({"term": "井盖…"}, "term"),
        ({"kind": "别的"}, "kind"),
        ({"weight": 0.0}, "weight"),
        ({"weight": float("nan")}, "weight"),
        ({"weight": 99.0}, "weight"),
        ({"kind": "排除项", "weight": 2.0}, "weight"),
        ({"kind": "无关词", "weight": 1.0}, "weight"),
        ({"code": "事件|99|99"}, "code"),
        ({"term": "路面塌陷"}, "term"),
    ],
)
async def test_a_word_that_cannot_be_is_refused_with_its_field(context: Context, wrong, field) -> None:
    await rules.begin(context)
    draft = await rules.open_draft(context, LEAD)
    with pytest.raises(InvalidInputError) as refused:
        await rules.put_word(context, LEAD, draft.number, replace(SINK, **wrong))
    assert refused.value.field == field


async def test_one_draft_one_shadow_one_in_force(context: Context) -> None:
    await rules.begin(context)
    first = await rules.open_draft(context, LEAD)
    await rules.move(context, LEAD, first.number, "shadow")
    assert context.lab.shadow is not None
    second = await rules.open_draft(context, LEAD)
    with pytest.raises(ConflictError):
        await rules.move(context, LEAD, second.number, "shadow")
    with pytest.raises(ConflictError):
        await rules.move(context, LEAD, first.number, "stop")
    await rules.move(context, LEAD, second.number, "discard")
    with pytest.raises(ConflictError):
        await rules.move(context, LEAD, second.number, "rollback")
    await rules.move(context, LEAD, first.number, "stop")
    assert context.lab.shadow is None
    await rules.move(context, LEAD, first.number, "publish")
    async with context.reading() as uow:
        phases = {v.number: v.phase for v in await uow.rules.versions(STANDARD, 10)}
    assert phases == {1: Phase.RETIRED, 2: Phase.IN_FORCE, 3: Phase.RETIRED}


async def test_a_table_is_taken_over_whole_or_not_at_all(context: Context) -> None:
    await rules.begin(context)
    draft = await rules.open_draft(context, LEAD)
    words = [replace(SINK, name="路面塌陷")]
    found = await rules.take_over(context, LEAD, draft.number, words, apply=False)
    assert sorted(change.action for change in found) == ["add", "remove"]
    async with context.reading() as uow:
        assert [w.term for w in await uow.rules.words(draft.number)] == ["路面塌陷"]
    await rules.take_over(context, LEAD, draft.number, words, apply=True)
    async with context.reading() as uow:
        kept = await uow.rules.words(draft.number)
        assert [(w.term, w.author) for w in kept] == [("塌了个坑", LEAD.name)]
        assert {e.action for e in await uow.rules.edits(draft.number, 10)} == {"open", "add", "remove"}
