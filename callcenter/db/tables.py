"""Tables. Ids are sortable text; every time is UTC; phone numbers stand only where they must."""

from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

from callcenter.db.types import OrNull, UtcDateTime, Word
from callcenter.domain.followups import FollowUpState
from callcenter.domain.reports import Decision
from callcenter.domain.staff import AgentState
from callcenter.domain.suggestions import Appeal, Urgency
from callcenter.domain.tasks import TaskKind
from callcenter.domain.workflow import State, Timer

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

ID = String(40)
NUMBER = String(20)


def words(name: str, kind: String | Text | None = None) -> Column[str]:
    return Column(name, kind or String(200), nullable=False, default="")


def moment(name: str, *, needed: bool = False) -> Column[object]:
    return Column(name, UtcDateTime, nullable=not needed)


def flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, default=False)


def count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, default=0)


def _place() -> tuple[Column[Any], ...]:
    return (
        words("place"),
        Column("lat", Float),
        Column("lon", Float),
        Column("radius_m", Float),
    )


user = Table(
    "user_account",
    metadata,
    Column("id", ID, primary_key=True),
    Column("username", String(64), nullable=False, unique=True),
    words("name", String(40)),
    Column("staff_no", String(16), nullable=False, unique=True),
    words("password_hash"),
    Column("roles", JSON, nullable=False),
    Column("team", String(40), key="group", nullable=False, default=""),
    words("department_id", ID),
    Column("queues", JSON, nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    count("failures"),
    moment("locked_until"),
)

web_session = Table(
    "web_session",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("user_id", ID, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False),
    words("csrf", String(64)),
    moment("created_at", needed=True),
    moment("expires_at", needed=True),
)

seat = Table(
    "seat",
    metadata,
    Column("staff_no", String(16), primary_key=True),
    Column("user_id", ID, ForeignKey("user_account.id"), nullable=False),
    Column("state", Word(AgentState), nullable=False),
    moment("since"),
    words("reason", String(40)),
    words("call_id", ID),
    words("last_call_id", ID),
    moment("ringing_at"),
    moment("answered_at"),
    moment("wrap_up_until"),
    count("extensions"),
    count("missed"),
    flag("reachable"),
)

seat_move = Table(
    "seat_move",
    metadata,
    Column("id", Integer, primary_key=True),
    words("staff_no", String(16)),
    words("user_id", ID),
    Column("from_state", Word(AgentState), nullable=False),
    Column("to_state", Word(AgentState), nullable=False),
    words("reason", String(40)),
    moment("at", needed=True),
    Index(None, "staff_no", "at"),
)

contact = Table(
    "contact",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", OrNull(20), unique=True),
    moment("created_at", needed=True),
    words("name", String(40)),
    words("language", String(20)),
    flag("business"),
    Column("flags", JSON, nullable=False),
    moment("blocked_until"),
    words("blocked_reason"),
    words("merged_into", ID),
)

call = Table(
    "call",
    metadata,
    Column("id", ID, primary_key=True),
    moment("started_at", needed=True),
    words("number", NUMBER),
    words("dialled", NUMBER),
    words("direction", String(8)),
    words("contact_id", ID),
    words("queue", String(40)),
    words("seat", String(16)),
    moment("answered_at"),
    moment("ended_at"),
    words("outcome", String(20)),
    words("recording"),
    words("message"),
    words("case_id", ID),
    Index(None, "contact_id", "started_at"),
    Index(None, "seat", "started_at"),
    Index(None, "case_id"),
)

report = Table(
    "report",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    Column("client_key", String(64), nullable=False, unique=True),
    moment("filed_at", needed=True),
    words("filed_by", ID),
    Column("decision", Word(Decision), nullable=False),
    words("channel", String(16)),
    Column("appeal", Word(Appeal), nullable=False),
    Column("urgency", Word(Urgency), nullable=False),
    words("content", Text()),
    words("title"),
    words("call_id", ID),
    words("contact_id", ID),
    words("dialled", NUMBER),
    words("standard", String(40)),
    words("category", String(40)),
    words("category_name", String(100)),
    Column("condition_no", Integer),
    *_place(),
    words("caller_name", String(40)),
    words("phone", NUMBER),
    moment("occurred_at"),
    flag("confidential"),
    flag("wants_followup"),
    flag("public"),
    flag("notify"),
    words("answer", Text()),
    words("reason"),
    words("case_id", ID),
    words("conversation_id", ID),
    words("access_code", String(12)),
    Index(None, "call_id"),
    Index(None, "case_id"),
    Index(None, "conversation_id"),
    Index(None, "standard", "filed_at"),
    Index(None, "contact_id", "filed_at"),
)

case = Table(
    "case_file",
    metadata,
    Column("id", ID, primary_key=True),
    Column("number", String(20), nullable=False, unique=True),
    words("title"),
    words("content", Text()),
    words("channel", String(16)),
    words("appeal", String(16)),
    words("urgency", String(16)),
    words("standard", String(40)),
    words("category", String(40)),
    words("category_name", String(100)),
    moment("reported_at", needed=True),
    moment("updated_at", needed=True),
    words("contact_id", ID),
    flag("confidential"),
    flag("public"),
    flag("wants_followup"),
    Column("condition_no", Integer),
    words("condition_text"),
    Column("limit_value", Float),
    words("limit_unit", String(16)),
    *_place(),
    words("district", String(40)),
    words("street", String(40)),
    words("community", String(60)),
    words("grid_code", String(20)),
    words("grid_label", String(80)),
    words("filed_by", ID),
    words("department_id", ID),
    Column("co_department_ids", JSON, nullable=False),
    words("handler", String(40)),
    Column("state", Word(State), nullable=False),
    Column("timer", Word(Timer), nullable=False),
    moment("stage_started_at"),
    moment("stage_due_at"),
    moment("handle_started_at"),
    moment("handle_due_at"),
    Column("handle_left_s", Float),
    moment("fed_back_at"),
    Column("on_time", Boolean),
    words("suspended_from", String(32)),
    moment("suspended_until"),
    flag("extension_asked"),
    count("extensions"),
    count("returns"),
    count("reworks"),
    count("reopens"),
    count("urges"),
    Column("reporters", Integer, nullable=False, default=1),
    flag("supervised"),
    flag("check_failed"),
    words("result", Text()),
    Column("solved", Boolean),
    Column("score", Integer),
    moment("closed_at"),
    words("merged_into", ID),
    Column("version", Integer, nullable=False, default=1),
    Index(None, "state", "updated_at"),
    Index(None, "department_id", "state"),
    Index(None, "contact_id"),
    Index(None, "reported_at"),
    Index(None, "lat", "lon"),
)

case_step = Table(
    "case_step",
    metadata,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, ForeignKey("case_file.id"), nullable=False),
    words("action", String(32)),
    Column("from_state", Word(State), nullable=False),
    Column("to_state", Word(State), nullable=False),
    words("actor_id", ID),
    words("actor_name", String(40)),
    words("actor_role", String(100)),
    moment("at", needed=True),
    words("opinion", Text()),
    words("receiver", ID),
    words("limit", String(40)),
    moment("due_at"),
    flag("overdue"),
    Column("stage_used_s", Float, nullable=False, default=0.0),
    Index(None, "case_id", "at"),
)

followup = Table(
    "follow_up",
    metadata,
    Column("id", ID, primary_key=True),
    Column("case_id", ID, ForeignKey("case_file.id"), nullable=False, index=True),
    words("contact_id", ID),
    words("number", NUMBER),
    moment("asked_at", needed=True),
    moment("next_at", needed=True),
    Column("state", Word(FollowUpState), nullable=False),
    count("calls"),
    Column("score", Integer),
    Column("solved", Boolean),
    moment("answered_at"),
    words("via", String(16)),
    words("last_failure", String(32)),
    Index(None, "state", "next_at"),
    Index(None, "number"),
)

task = Table(
    "task",
    metadata,
    Column("id", ID, primary_key=True),
    Column("kind", Word(TaskKind), nullable=False),
    moment("created_at", needed=True),
    moment("due_at", needed=True),
    words("contact_id", ID),
    words("call_id", ID),
    words("case_id", ID),
    words("seat", String(16)),
    words("title"),
    words("detail", Text()),
    flag("danger"),
    words("message_id", ID),
    words("taken_by", ID),
    moment("done_at"),
    Index(None, "done_at", "due_at"),
    Index(None, "contact_id"),
    Index(None, "call_id"),
)

queue_event = Table(
    "queue_event",
    metadata,
    Column("id", Integer, primary_key=True),
    moment("at", needed=True),
    words("call_id", ID),
    words("queue", String(40)),
    words("seat", String(40)),
    words("event", String(32)),
    Column("data", JSON, nullable=False),
    Index(None, "at"),
)

ledger_cursor = Table(
    "ledger_cursor",
    metadata,
    Column("source", String(100), primary_key=True),
    words("cursor"),
)

day_counter = Table(
    "day_counter",
    metadata,
    Column("day", String(8), primary_key=True),
    Column("last", Integer, nullable=False),
)

draft = Table(
    "draft",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("body", JSON, nullable=False),
    moment("saved_at", needed=True),
)

access = Table(
    "access_log",
    metadata,
    Column("id", ID, primary_key=True),
    words("user_id", ID),
    words("user_name", String(40)),
    words("kind", String(16)),
    moment("at", needed=True),
    words("case_id", ID),
    words("call_id", ID),
    words("contact_id", ID),
    words("reason"),
    Index(None, "case_id", "at"),
)
