"""Tables of messages: outbox with its deliveries, inbox, parts of long messages."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from callcenter.db.tables import ID, count, flag, metadata, moment, words
from callcenter.db.types import Word
from callcenter.domain.messages import DeliveryState, Purpose

outbox = Table(
    "outbox",
    metadata,
    Column("id", ID, primary_key=True),
    words("channel", String(32)),
    Column("recipient", String(100), key="to", nullable=False),
    words("text", Text()),
    Column("purpose", Word(Purpose), nullable=False),
    words("template", String(40)),
    moment("created_at", needed=True),
    moment("next_at"),
    words("contact_id", ID),
    words("case_id", ID),
    Column("state", Word(DeliveryState), nullable=False),
    count("attempts"),
    flag("resent"),
    Column("parts", Integer, nullable=False, default=1),
    moment("lease_until"),
    words("last_code", String(40)),
    moment("settled_at"),
    Index(None, "state", "next_at"),
    Index(None, "to", "created_at"),
    Index(None, "case_id"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("provider_ref", String(80), primary_key=True),
    words("outbox_id", ID),
    count("part"),
    Column("state", Word(DeliveryState), nullable=False),
    words("code", String(40)),
    moment("at"),
    Index(None, "outbox_id"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", ID, primary_key=True),
    words("channel", String(32)),
    words("event_key", String(200)),
    words("sender", String(100)),
    words("text", Text()),
    moment("received_at", needed=True),
    Column("addressed", String(100), key="to", nullable=False, default=""),
    words("contact_id", ID),
    words("case_id", ID),
    count("attempts"),
    moment("processed_at"),
    UniqueConstraint("channel", "event_key"),
    Index(None, "processed_at"),
    Index(None, "sender", "received_at"),
)

fragment = Table(
    "fragment",
    metadata,
    Column("channel", String(32), primary_key=True),
    Column("sender", String(100), primary_key=True),
    Column("addressed", String(100), key="to", primary_key=True),
    Column("reference", Integer, primary_key=True, autoincrement=False),
    Column("total", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("coding", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    moment("received_at", needed=True),
)
