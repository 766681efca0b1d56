"""The parts that a hotline is made of, by its settings: clock, ids, calendar, telephony, everything the use
cases need. Starts nothing; `callcenter.app` does.
"""

import random
import secrets
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from agent_console.passwords import Argon2Passwords
from callcenter.accounts import TEXTS, extension_digits
from callcenter.config import Settings
from callcenter.data import DayKind, holidays, working_hours
from callcenter.db.engine import session_factory
from callcenter.db.uow import SqlUnitOfWork
from callcenter.domain.citymap import CityMap
from callcenter.domain.deadlines import WorkCalendar
from callcenter.domain.followups import FollowUpPolicy
from callcenter.geo.geocoder import MapGeocoder
from callcenter.geo.numbers import ChineseNumbers
from callcenter.media_files import FolderMedia
from callcenter.pictures import PillowPictures
from callcenter.ports import Clock, LiveEvents, Telephony
from callcenter.sounds import SoxSounds
from callcenter.usecases.context import City, Context
from callcenter.usecases.duplicates import DuplicateFinder
from callcenter.usecases.rule_lab import RuleLab
from callcenter.usecases.seats import HANDSET
from ivr.service import Account, AsteriskFiles, IvrService
from messaging.templating import Texts
from nlp.learning.failures import ModelFileError
from nlp.likeness import TextLikeness
from nlp.live import LiveClassifier
from nlp.places import modelfile
from nlp.places.model import PlaceModel
from nlp.redact import TextRedactor
from nlp.rule_engine import LiveRuleEngine
from nlp.school.keeper import ModelKeeper

log = structlog.get_logger(__name__)

PLACES = "places.model"  # in MODELS
MODELS = "models"  # folder of what was learned, in the state folder


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SortableIds:
    """Milliseconds and a count first, so that ids sort in the order in which they were made, also several of
    one moment; 64 random bits after, so that nobody guesses one.
    """

    def __init__(self) -> None:
        self._last, self._count = 0, 0

    def new(self) -> str:
        now = int(datetime.now(UTC).timestamp() * 1000)
        self._count = self._count + 1 if now <= self._last else 0
        self._last = max(now, self._last)
        return f"{self._last:011x}{self._count:04x}{secrets.token_hex(8)}"


def calendar_of(settings: Settings) -> WorkCalendar:
    days = holidays()
    return WorkCalendar(
        zone=settings.zone,
        holidays=frozenset(day for day, kind in days.items() if kind is DayKind.REST),
        extra_days=frozenset(day for day, kind in days.items() if kind is DayKind.WORK),
        hours=working_hours(),
    )


def followup_policy(settings: Settings) -> FollowUpPolicy:
    survey = settings.survey
    return FollowUpPolicy(
        zone=settings.zone,
        wait=timedelta(minutes=survey.wait_minutes),
        gap=timedelta(minutes=survey.gap_minutes),
        max_calls=survey.max_calls,
        quiet_from=survey.quiet_from,
        quiet_to=survey.quiet_to,
    )


def ivr_service(settings: Settings) -> IvrService:
    asterisk, keys = settings.asterisk, settings.secrets
    state = settings.state_dir.resolve()
    return IvrService(
        fastagi=(settings.fastagi.host, settings.fastagi.port),
        ami=Account(asterisk.http_host, asterisk.ami_port, asterisk.ami_user, keys.ami.get_secret_value()),
        ari=Account(asterisk.http_host, asterisk.http_port, asterisk.ari_user, keys.ari.get_secret_value()),
        files=AsteriskFiles(
            queue_log=state / "asterisk" / "log" / "queue_log",
            finished=settings.spool.resolve(),
            recordings=settings.recordings.resolve(),
            prompts=state / "sounds" / "zh",
            source=asterisk.system_name,
        ),
        own_number=settings.numbers[0],
        handset=HANDSET if settings.demo else "",
        clock=SystemClock(),
        jitter=random.random,
    )


def make_context(
    settings: Settings,
    engine: AsyncEngine,
    telephony: Telephony,
    live: LiveEvents,
    city: CityMap,
    clock: Clock,
) -> Context:
    """Everything the use cases need, from adapters that are already there."""
    sessions, readers = session_factory(engine), session_factory(engine, reading=True)
    names = names_of(city)
    classifier = LiveClassifier(names, tagger=place_tagger(settings))
    return Context(
        uow=lambda: SqlUnitOfWork(sessions),
        reading=lambda: SqlUnitOfWork(readers),
        clock=clock,
        ids=SortableIds(),
        live=live,
        telephony=telephony,
        classifier=classifier,
        geocoder=MapGeocoder(city),
        numbers=ChineseNumbers(),
        passwords=Argon2Passwords(),
        templates=Texts(settings.signature),
        calendar=calendar_of(settings),
        followup=followup_policy(settings),
        city=city_of(settings),
        redactor=TextRedactor(),
        duplicates=DuplicateFinder(TextLikeness()),
        lab=RuleLab(LiveRuleEngine(classifier, names)),
        learner=ModelKeeper(classifier, settings.state_dir / MODELS),
        media=FolderMedia(settings.state_dir / "media"),
        pictures=PillowPictures(),
        sounds=SoxSounds(),
    )


def public_url(settings: Settings) -> str:
    """Where citizens reach us; in the demo they sit at this machine."""
    here = f"http://{settings.console.host}:{settings.console.port}" if settings.demo else ""
    return (settings.public_url or here).rstrip("/")


def city_of(settings: Settings) -> City:
    return City(
        name=settings.city,
        standard=settings.standard,
        numbers=tuple(settings.numbers),
        always_open=settings.always_open,
        text_channel=TEXTS,
        session_hours=settings.console.session_hours,
        emergency=tuple(settings.sip.emergency),
        extension_digits=extension_digits(settings),
        public_url=public_url(settings),
    )


def names_of(city: CityMap) -> list[str]:
    places = [name for place in city.places for name in (place.name, *place.aliases)]
    return [*places, *(name for road in city.roads for name in (road.name, *road.aliases))]


def place_tagger(settings: Settings) -> PlaceModel | None:
    """The model that `nlp train-places` wrote into the state folder; names and patterns do without one."""
    path = settings.state_dir / MODELS / PLACES
    if not path.exists():
        return None
    try:
        return modelfile.load(path)
    except ModelFileError as error:
        log.warning("place_model_unusable", why=str(error))
        return None
