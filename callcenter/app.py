"""The composition root: settings -> adapters -> use cases -> services, in one task group.

The only place that knows every part. Signals are taken here and nowhere else.
"""

import asyncio
import gc
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from agent_console import web_app
from agent_console.health import Probes
from agent_console.hooks import Hooks
from agent_console.live import LiveHub
from agent_console.service import ConsoleService
from callcenter import loop
from callcenter.accounts import open_accounts
from callcenter.config import Settings
from callcenter.db import migrate
from callcenter.db.engine import open_engine, session_factory
from callcenter.db.fragments import SqlFragments
from callcenter.db.outbox import SqlOutbox
from callcenter.db.uow import SqlUnitOfWork
from callcenter.demo.city import demo_city
from callcenter.domain.citymap import CityMap
from callcenter.domain.errors import HotlineError
from callcenter.domain.rules import Phase
from callcenter.geo import stored
from callcenter.parts import (
    MODELS,
    SystemClock,
    ivr_service,
    make_context,
    names_of,
    place_tagger,
)
from callcenter.seed import GAZETTEER, seed
from callcenter.usecases import (
    followup,
    handling,
    media,
    rules,
    seat_inbox,
    seats,
    undelivered,
    understanding,
)
from callcenter.usecases.books import CallBooks
from callcenter.usecases.calls import HotlineDesk
from callcenter.usecases.floor import Floor
from callcenter.usecases.learning import NightSchool
from callcenter.usecases.mailbox import Mailbox
from callcenter.usecases.watching import AccountWatch
from messaging.channels import Surroundings
from messaging.service import Messaging
from nlp.live import LiveClassifier
from nlp.rule_engine import LiveRuleEngine
from nlp.school.keeper import ModelKeeper

log = structlog.get_logger(__name__)

FAST, SLOW = 1.0, 10.0  # seconds between ticks


class NotReadyError(HotlineError):
    code = "not_ready"


async def stored_names(settings: Settings) -> list[str]:
    """Of the places in the database, none when there is none yet."""
    if not settings.state_dir.exists():
        return []
    engine = open_engine(settings.database)
    try:
        migrated = await migrate.current(engine) == migrate.newest()
        return names_of(await stored_city(engine)) if migrated else []
    finally:
        await engine.dispose()


async def stored_classifier(settings: Settings) -> LiveClassifier:
    """For the command line: knows places and words of the database, the shipped ones when there is none."""
    if not settings.database_url and not settings.state_dir.exists():
        return LiveClassifier()
    engine = open_engine(settings.database)
    try:
        if await migrate.current(engine) != migrate.newest():
            return LiveClassifier()
        classifier = LiveClassifier(names_of(await stored_city(engine)), tagger=place_tagger(settings))
        async with SqlUnitOfWork(session_factory(engine, reading=True)) as uow:
            standard = await uow.rules.setting(rules.STANDARD) or settings.standard
            version = await uow.rules.in_phase(standard, Phase.IN_FORCE)
            words = await uow.rules.words(version.number) if version else []
            names = {one.code: one.name for one in await uow.codes.categories(standard)}
        if version is not None:
            LiveRuleEngine(classifier).use(words, str(version.number))
        ModelKeeper(classifier, settings.state_dir / MODELS).use(standard, names)
        return classifier
    finally:
        await engine.dispose()


async def stored_city(engine: AsyncEngine) -> CityMap:
    async with SqlUnitOfWork(session_factory(engine)) as uow:
        layer = await uow.codes.layer(GAZETTEER)
    return stored.load(layer.geojson) if layer else stored.EMPTY


async def seed_demo(settings: Settings) -> bool:
    """Fill an empty database with the demo city; False = it is not empty."""
    engine = open_engine(settings.database)
    try:
        telephony, live = ivr_service(settings).control, LiveHub("seed")
        return await seed(
            engine,
            lambda clock: make_context(settings, engine, telephony, live, demo_city().map, clock),
            settings.state_dir,
            SystemClock().now(),
        )
    finally:
        await engine.dispose()


class Hotline:
    """One process: telephony, messaging, console and the clocks, all on one loop."""

    def __init__(self, settings: Settings, engine: AsyncEngine, city: CityMap) -> None:
        self._settings = settings
        self._engine = engine
        self._ivr = ivr_service(settings)
        self._hub = LiveHub(secrets.token_hex(4))
        self._floor = Floor()
        self._school = NightSchool()
        self._watch = AccountWatch()
        self.context = make_context(settings, engine, self._ivr.control, self._hub, city, SystemClock())
        self._messaging = self._make_messaging()
        self.context.wake_relay = self._messaging.wake
        self.context.wake_inbox = self._something_arrived
        self._console = self._make_console()
        self._ended, self._arrived, self._arrived_file = asyncio.Event(), asyncio.Event(), asyncio.Event()

    def _make_messaging(self) -> Messaging:
        sessions = session_factory(self._engine)
        around = Surroundings(
            inbox=Mailbox(self.context),
            fragments=SqlFragments(sessions),
            media=self.context.media,
            clock=self.context.clock,
            reactor=sys.modules[loop.REACTOR],
            zone=self._settings.zone,
        )
        return open_accounts(self._settings, SqlOutbox(sessions), around)

    def _something_arrived(self) -> None:
        self._arrived.set()
        self._arrived_file.set()

    def _make_console(self) -> ConsoleService:
        settings = self._settings
        probes = Probes(
            database=self._database_answers,
            ami=lambda: self._ivr.control.connected,
            fastagi=lambda: self._ivr.listening,
        )
        app = web_app.build(
            self.context,
            self._floor,
            probes,
            web_app.WebSettings(
                ws_url=settings.softphone_url,
                sip_domain=settings.sip.host,
                sip_address=f"{settings.sip.host}:{settings.sip.port}",
                sounds=(settings.recordings.resolve(), settings.state_dir.resolve() / "messages"),
                demo=settings.demo,
                secure_cookie=settings.console.secure_cookie,
                proxies=tuple(settings.console.proxies),
            ),
        )
        app.state.accounts = self._messaging.health
        served = Hooks(app, self._messaging.routes())
        return ConsoleService(served, self._hub, settings.console.host, settings.console.port)

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(2), self._engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (SQLAlchemyError, OSError, TimeoutError):
            return False
        return True

    async def run(self) -> None:
        """Until SIGTERM or Ctrl+C. Raises `HotlineError` with one sentence when it cannot start."""
        running = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            running.add_signal_handler(number, self._ended.set)
        await rules.begin(self.context)
        await self._ivr.start(HotlineDesk(self.context, self._floor), CallBooks(self.context))
        try:
            await self._messaging.start()
            await self._serve()
        finally:
            await self._messaging.stop()
            await self._ivr.stop()

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as group:
            ticking = [group.create_task(job) for job in self._ticks()]
            console = group.create_task(self._console.run())
            group.create_task(self._warm_up())
            ended = group.create_task(self._ended.wait())
            await asyncio.wait({console, ended}, return_when=asyncio.FIRST_COMPLETED)
            self._console.stop()
            self._ended.set()
            for task in ticking:
                task.cancel()

    async def _warm_up(self) -> None:
        """The tables of number places take seconds to load; the first caller must not wait for them.

        What is in memory then stays there, so the garbage collector need not look at it again: its
        full rounds would stand still for a fifth of a second, every few seconds, in the middle of calls.
        """
        await asyncio.to_thread(self.context.numbers.place_of, "13800000000")
        gc.collect()
        gc.freeze()

    async def _watch_accounts(self) -> None:
        self._watch.tick(self.context, self._messaging.health())

    def _ticks(self) -> list[Coroutine[Any, Any, None]]:
        context = self.context
        return [
            every(FAST, "seats", lambda: seats.tick(context, self._floor.unreachable_since)),
            every(FAST, "understanding", lambda: understanding.tick(context), self._arrived),
            every(FAST, "media", lambda: media.tick(context, self._messaging.fetch), self._arrived_file),
            every(FAST, "undelivered", lambda: undelivered.tick(context)),
            every(FAST, "seat_inbox", lambda: seat_inbox.tick(context)),
            every(FAST, "followup", lambda: followup.tick(context)),
            every(SLOW, "accounts", self._watch_accounts),
            every(SLOW, "duplicates", lambda: context.duplicates.load(context.reading, context.now())),
            every(SLOW, "suspended", lambda: handling.tick(context)),
            every(SLOW, "rules", lambda: rules.follow(context)),
            every(SLOW, "learning", lambda: self._school.tick(context)),
        ]


async def every(
    seconds: float, name: str, job: Callable[[], Awaitable[object]], sooner: asyncio.Event | None = None
) -> None:
    """Run the job again and again, at once when `sooner` is set; a failure is logged and the next round
    tries anew.
    """
    bell = sooner or asyncio.Event()
    while True:
        bell.clear()
        try:
            await job()
        except Exception:
            log.exception("tick_failed", job=name)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await bell.wait()


async def serve(settings: Settings) -> None:
    engine = open_engine(settings.database)
    try:
        if await migrate.current(engine) != migrate.newest():
            raise NotReadyError("数据库还没有升级到当前版本，请先运行 callcenter db upgrade。")
        await Hotline(settings, engine, await stored_city(engine)).run()
    finally:
        await engine.dispose()


def run(settings: Settings) -> None:
    """Serve until told to end."""
    loop.run(serve(settings))
