"""Fills a database with code tables and the demo city; cases are driven by the real workflow.

Composition level: knows the demo's data, the database and the use cases.
"""

import asyncio
import json
import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from callcenter.data import Standard, categories, conditions
from callcenter.db import message_tables
from callcenter.db.engine import session_factory
from callcenter.demo import inbox
from callcenter.demo.city import DemoCity, demo_city
from callcenter.demo.confirmed import past_reports
from callcenter.demo.geojson import geojson
from callcenter.demo.offices import AREA, Department, DispatchRule
from callcenter.demo.stories import Citizen, DemoCase, PastContact
from callcenter.domain import codes
from callcenter.domain.cases import StepInput
from callcenter.domain.contacts import PHONE, Address, Contact
from callcenter.domain.followups import DISSATISFIED
from callcenter.domain.messages import DeliveryState
from callcenter.domain.reports import Decision, Report
from callcenter.domain.staff import Role, User
from callcenter.domain.suggestions import Appeal, Urgency
from callcenter.geo import stored
from callcenter.usecases import handling, intake, rules, suggestion_log
from callcenter.usecases.context import Context
from callcenter.usecases.suggestion_log import Beside, Suggested

GAZETTEER = "gazetteer"
PACE = timedelta(minutes=9)  # between the steps of a story, so that most of them are in time
ACCOUNTS = "demo-accounts.json"
OWNER_ONLY = 0o600
SHOWN = MappingProxyType(  # accounts that the welcome table names, in its order
    {
        "1027": "座席",
        "1001": "座席（涉企）",
        "1101": "班长",
        "1201": "值班长",
        "2001": "受理员",
        "2101": "派遣员",
        "3001": "部门（市政设施管理处）",
        "2301": "回访员",
        "9001": "管理员",
    }
)

# the way of a case to each state, step by step
_FILED = ("register_case",)
_SENT = (*_FILED, "dispatch")
_TAKEN = (*_SENT, "assign")
_FED_BACK = (*_TAKEN, "feedback", "unit_confirm")
PATHS = MappingProxyType(
    {
        "reported": (),
        "pending_register": (),
        "pending_dispatch": _FILED,
        "pending_handle": _SENT,
        "returned": (*_SENT, "dept_return"),
        "handling": _TAKEN,
        "suspended": (*_TAKEN, "suspend"),
        "pending_check": _FED_BACK,
        "pending_close": (*_FED_BACK, "forward_check"),
        "closed": (*_FED_BACK, "forward_check", "close"),
    }
)
_ROLES = MappingProxyType(
    {
        "register_case": Role.ACCEPTOR,
        "dispatch": Role.DISPATCHER,
        "suspend": Role.DISPATCHER,
        "forward_check": Role.DISPATCHER,
        "close": Role.ACCEPTOR,
    }
)


class StoryClock:
    """Tells the time of the story: seeding drives it from the past to now."""

    def __init__(self, now: datetime) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at


async def seed(
    engine: AsyncEngine, make_context: Callable[[StoryClock], Context], state: Path, now: datetime
) -> bool:
    """Seed an empty database; False = somebody is in there already and nothing was touched."""
    clock = StoryClock(now)
    context, city = make_context(clock), demo_city()
    async with context.uow() as uow:
        if await uow.staff.everybody():
            return False
    await _codes(context)
    await _city(context, city)
    users = await _staff(context, city, state)
    await _citizens(context, city, now)
    await rules.begin(context)
    await _confirmed(context, city, now)
    await _Stories(context, clock, users, now).tell(city)
    await _old_texts_are_delivered(engine)
    await inbox.fill(context)
    return True


async def _codes(context: Context) -> None:
    async with context.uow() as uow:
        for standard in Standard:
            await uow.codes.add_all(
                [
                    codes.Category(
                        code=c.code,
                        standard=standard.value,
                        kind=c.kind,
                        major=c.major,
                        minor=c.minor,
                        name=c.name,
                        major_name=c.major_name,
                        sure=c.sure,
                    )
                    for c in categories(standard)
                ]
            )
        await uow.codes.add_all(
            [
                codes.Condition(code, c.no, c.text, c.value, c.unit)
                for code, several in conditions().items()
                for c in several
            ]
        )
        await uow.commit()


async def _city(context: Context, city: DemoCity) -> None:
    async with context.uow() as uow:
        layers = [
            codes.MapLayer(name, json.dumps(layer, ensure_ascii=False)) for name, layer in geojson().items()
        ]
        await uow.codes.add_all([*layers, codes.MapLayer(GAZETTEER, stored.dump(city.map))])
        await uow.codes.add_all(
            [codes.Department(d.id, d.name, d.district, d.duty_line) for d in city.departments]
        )
        await uow.codes.add_all([rule for line in city.rules for rule in _expanded(line, city.departments)])
        await uow.codes.add_all(
            [
                codes.Knowledge(k.key, k.title, f"{k.source}·{k.valid}", k.body, " ".join(k.words))
                for k in city.knowledge
            ]
        )
        await uow.codes.add_all([codes.Bulletin(b.key, b.title, b.body, b.level) for b in city.bulletins])
        await uow.commit()


def _expanded(line: DispatchRule, departments: Sequence[Department]) -> list[codes.DispatchRule]:
    """'area' means the department of the district concerned: one rule per district."""
    clause = f"派单目录 {line.clause} {line.text}"
    if line.lead != AREA:
        return [codes.DispatchRule(line.pattern, "", line.lead, clause)]
    return [codes.DispatchRule(line.pattern, d.district, d.id, clause) for d in departments if d.kind == AREA]


async def _staff(context: Context, city: DemoCity, state: Path) -> dict[str, User]:
    """One random password for all demo accounts: hashing is slow on purpose, and so is typing."""
    password = f"lanjiang-{secrets.randbelow(9000) + 1000}"
    hashed = context.passwords.hash(password)
    users = {
        person.staff_no: User(
            id=f"user-{person.staff_no}",
            username=person.staff_no,
            name=person.name,
            staff_no=person.staff_no,
            password_hash=hashed,
            roles=[person.role],
            group=person.group,
            department_id=person.department,
            queues=dict(person.queues),
        )
        for person in city.staff
    }
    async with context.uow() as uow:
        for user in users.values():
            uow.staff.add(user)
        await uow.commit()
    _write_accounts(state, users, password)
    return users


def _write_accounts(state: Path, users: dict[str, User], password: str) -> None:
    rows = [
        {"role": role, "name": users[no].name, "username": no, "password": password}
        for no, role in SHOWN.items()
    ]
    state.mkdir(parents=True, exist_ok=True)
    path = state / ACCOUNTS
    path.unlink(missing_ok=True)
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w", encoding="utf-8"
    ) as file:
        json.dump(rows, file, ensure_ascii=False, indent=1)


async def _citizens(context: Context, city: DemoCity, now: datetime) -> None:
    async with context.uow() as uow:
        for person in city.citizens:
            contact = Contact(
                id=f"contact-{person.key}",
                number=person.number,
                created_at=now - timedelta(days=120),
                name=person.name,
                language=person.language,
                flags=list(person.tags),
            )
            await uow.contacts.ensure(Address(PHONE, "", contact.number), contact)
            for past in person.history:
                if not past.case:
                    at = now - timedelta(days=past.days_ago)
                    day = f"{at.astimezone(context.calendar.zone):%Y%m%d}"
                    number = await uow.reports.next_number(day)
                    uow.reports.add(_past_report(context, person, past, number, at))
        await uow.commit()


def _past_report(context: Context, person: Citizen, past: PastContact, number: str, at: datetime) -> Report:
    return Report(
        id=context.ids.new(),
        number=number,
        client_key=context.ids.new(),
        filed_at=at,
        filed_by="user-1027",
        decision=Decision.ANSWER,
        channel=past.channel,
        appeal=Appeal.CONSULT,
        urgency=Urgency.NORMAL,
        content=past.title,
        title=past.title,
        contact_id=f"contact-{person.key}",
        answer=past.result,
    )


async def _confirmed(context: Context, city: DemoCity, now: datetime) -> None:
    """What seats filed in the last weeks, with what was suggested to them."""
    roads, places = [road.name for road in city.map.roads], [place.name for place in city.map.places]
    names = {category.code: category.name for category in categories()}
    told = sorted(past_reports(roads, places), key=lambda report: -report.age)
    found = await asyncio.to_thread(lambda: [context.classifier.suggest(report.text) for report in told])
    async with context.uow() as uow:
        for past, suggestion in zip(told, found, strict=True):
            at = now - past.age
            day = f"{at.astimezone(context.calendar.zone):%Y%m%d}"
            report = Report(
                id=context.ids.new(),
                number=await uow.reports.next_number(day),
                client_key=context.ids.new(),
                filed_at=at,
                filed_by="user-1027",
                decision=Decision.ANSWER,
                channel="phone",
                appeal=Appeal(suggestion.appeal),
                urgency=Urgency(suggestion.urgency),
                content=past.text,
                title=past.text[:20],
                standard=context.city.standard,
                category=past.category,
                category_name=names.get(past.category, ""),
                place=past.place,
                answer="已当场答复",
            )
            uow.reports.add(report)
            shown = [(one.code, one.confidence) for one in suggestion.categories]
            suggestion_log.keep(context, uow, report, Suggested(suggestion.version, shown), Beside())
        await uow.commit()


@dataclass
class _Stories:
    """Drives each demo case to its state, at the times of its story."""

    context: Context
    clock: StoryClock
    users: dict[str, User]
    now: datetime

    async def tell(self, city: DemoCity) -> None:
        for story in sorted(city.cases, key=lambda case: -case.minutes_ago):
            await self._one(story)

    async def _one(self, story: DemoCase) -> None:
        age = timedelta(minutes=story.minutes_ago)
        actions = PATHS[story.state]
        self.clock.at = self.now - age
        _, case = await intake.file_report(self.context, self.users["1027"], self._report(story))
        assert case is not None  # every story opens a case
        for number, action in enumerate(actions, start=1):
            self.clock.at = self.now - age + min(age / (len(actions) + 1), PACE) * number
            await self._step(story, case.number, action)
        self.clock.at = self.now
        if story.satisfaction is not None:
            await self._rated(case.id, story.satisfaction)

    async def _rated(self, case_id: str, score: int) -> None:
        async with self.context.uow() as uow:
            case = await uow.cases.get(case_id)
            assert case is not None  # it was closed a moment ago
            case.score, case.solved = score, score < DISSATISFIED
            for asked in await uow.followups.of_case(case_id):
                asked.answer(score, case.solved, "sms", self.now)
            await uow.commit()

    def _report(self, story: DemoCase) -> Report:
        return Report(
            id=self.context.ids.new(),
            number="",
            client_key=f"demo-{story.key}",
            filed_at=self.clock.at,
            filed_by="",
            decision=Decision.CASE,
            channel=story.channel,
            appeal=Appeal(story.appeal),
            urgency=Urgency(story.urgency),
            content=story.text,
            title=story.title,
            contact_id=f"contact-{story.citizen}",
            dialled=story.dialled,
            category=story.category,
            condition_no=story.condition,
            place=story.place,
            lat=story.lat,
            lon=story.lon,
            radius_m=15.0,
            confidential=story.secret,
            # nobody of the story is called by a machine because somebody seeded a demo
            wants_followup=story.state != "closed" or story.satisfaction is not None,
        )

    async def _step(self, story: DemoCase, number: str, action: str) -> None:
        async with self.context.uow() as uow:
            case = await uow.cases.by_number(number)
        assert case is not None  # it was filed a moment ago
        words = story.opinions.get(action, "")
        given = StepInput(
            opinion=words or "同意",
            reason=words or "职责不符，请改派" if action == "dept_return" else words or "需列入年度计划",
            department_id=story.department,
            co_department_ids=(story.support,) if story.support else (),
            condition_no=story.condition,
            handler="现场班组",
            result=story.result or "已现场处置完毕",
            until=self.now + timedelta(days=14),
        )
        await handling.take_step(
            self.context, self._actor(story, action), number, action, case.version, given
        )

    def _actor(self, story: DemoCase, action: str) -> User:
        role = _ROLES.get(action)
        if role is None:
            return next(u for u in self.users.values() if u.department_id == story.department)
        return next(u for u in self.users.values() if role.value in u.roles)


async def _old_texts_are_delivered(engine: AsyncEngine) -> None:
    """The story's texts went out long ago; nobody is texted because somebody seeded a demo."""
    out = message_tables.outbox
    async with session_factory(engine)() as session, session.begin():
        await session.execute(
            update(out).values(state=DeliveryState.DELIVERED, settled_at=out.c.created_at, next_at=None)
        )
