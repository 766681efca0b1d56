"""Tables of messages: outbox with its deliveries, inbox, files, conversations, what may be sent to whom."""

from sqlalchemy import (
    JSON,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from callcenter.db.tables import ID, NUMBER, count, flag, metadata, moment, words
from callcenter.db.types import OrNull, Word
from callcenter.domain.conversations import ConversationState
from callcenter.domain.messages import DeliveryState, Kind, Purpose
from callcenter.domain.records import MediaState
from callcenter.domain.sending import FilingState

ACCOUNT = String(32)
USER = String(200)  # a name on a medium: number, openid, chat id, address

outbox = Table(
    "outbox",
    metadata,
    Column("id", ID, primary_key=True),
    words("channel", String(32)),
    Column("recipient", USER, key="to", nullable=False),
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
    words("account", ACCOUNT),
    words("via", ACCOUNT),
    count("priority"),
    words("conversation_id", ID),
    words("author_id", ID),
    words("subject"),
    words("thread", String(300)),
    Column("attachment", JSON),
    Column("params", JSON, nullable=False),
    words("instead_of", ID),
    Column("client_key", OrNull(64), unique=True),
    moment("attended_at"),
    Index(None, "to", "created_at"),
    Index(None, "case_id"),
    Index(None, "conversation_id", "created_at"),
)
# only what is still to be done is in these: the books grow by millions of rows
_DUE, _LEASED = outbox.c.next_at.is_not(None), outbox.c.lease_until.is_not(None)
_LOST = outbox.c.state.in_([DeliveryState.FAILED, DeliveryState.EXPIRED])
Index(
    "ix_outbox_due",
    *(outbox.c.channel, outbox.c.priority, outbox.c.id, outbox.c.next_at),
    postgresql_where=_DUE,
    sqlite_where=_DUE,
)
Index(
    "ix_outbox_leased",
    *(outbox.c.channel, outbox.c.lease_until),
    postgresql_where=_LEASED,
    sqlite_where=_LEASED,
)
Index("ix_outbox_lost", outbox.c.created_at, postgresql_where=_LOST, sqlite_where=_LOST)

delivery = Table(
    "delivery",
    metadata,
    Column("account", ACCOUNT, primary_key=True),
    Column("provider_ref", String(300), primary_key=True),
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
    words("account", ACCOUNT),
    words("event_key", String(300)),
    words("sender", USER),
    words("text", Text()),
    moment("received_at", needed=True),
    Column("addressed", USER, key="to", nullable=False, default=""),
    words("contact_id", ID),
    words("case_id", ID),
    count("attempts"),
    moment("processed_at"),
    Column("kind", Word(Kind), nullable=False),
    Column("lat", Float),
    Column("lon", Float),
    words("label"),
    words("event", String(80)),
    words("subject"),
    Column("answers", JSON, nullable=False),
    words("ref", String(300)),
    words("sender_name", String(80)),
    moment("sent_at"),
    words("conversation_id", ID),
    UniqueConstraint("account", "event_key"),
    Index(None, "processed_at"),
    Index(None, "sender", "received_at"),
    Index(None, "conversation_id", "received_at"),
)

fragment = Table(
    "fragment",
    metadata,
    Column("account", ACCOUNT, primary_key=True),
    Column("sender", USER, primary_key=True),
    Column("addressed", USER, key="to", primary_key=True),
    Column("reference", Integer, primary_key=True, autoincrement=False),
    Column("total", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("coding", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    moment("received_at", needed=True),
)

media = Table(
    "media",
    metadata,
    Column("id", ID, primary_key=True),
    Column("owner_id", ID, nullable=False),
    count("number"),
    Column("kind", Word(Kind), nullable=False),
    Column("state", Word(MediaState), nullable=False),
    words("account", ACCOUNT),
    words("ref", Text()),
    words("mime", String(100)),
    words("name"),
    count("size"),
    words("digest", String(64)),
    count("attempts"),
    moment("next_at"),
    moment("expires_at"),
    Index(None, "owner_id", "number"),
    Index(None, "state", "next_at"),
    Index(None, "digest"),
)

identity = Table(
    "contact_identity",
    metadata,
    Column("medium", String(32), primary_key=True),
    Column("account", ACCOUNT, primary_key=True),
    Column("user_key", USER, key="user", primary_key=True),
    Column("contact_id", ID, nullable=False, index=True),
    moment("since", needed=True),
    words("name", String(80)),
    moment("last_in_at"),
    moment("window_until"),
    count("quota_left"),
)

opt_out = Table(
    "opt_out",
    metadata,
    Column("medium", String(32), primary_key=True),
    Column("user_key", USER, key="user", primary_key=True),
    moment("since", needed=True),
    words("source", String(16)),
)

conversation = Table(
    "conversation",
    metadata,
    Column("id", ID, primary_key=True),
    Column("contact_id", ID, nullable=False, index=True),
    words("channel", String(32)),
    words("account", ACCOUNT),
    Column("user_key", USER, key="user", nullable=False),
    moment("opened_at", needed=True),
    moment("updated_at", needed=True),
    Column("state", Word(ConversationState), nullable=False),
    Column("open_key", OrNull(300), unique=True),
    words("skill", String(40)),
    words("seat", String(16)),
    moment("assigned_at"),
    moment("waiting_since"),
    moment("answered_at"),
    count("unread"),
    words("last_text"),
    moment("last_at"),
    words("last_ref", String(300)),
    words("subject"),
    Column("dialogue", JSON, nullable=False),
    words("case_id", ID),
    moment("closed_at"),
    words("close_code", String(20)),
    words("closed_by", ID),
    Index(None, "state", "waiting_since"),
    Index(None, "seat", "state"),
)

position_link = Table(
    "position_link",
    metadata,
    Column("id", String(64), primary_key=True),
    moment("created_at", needed=True),
    moment("expires_at", needed=True),
    words("seat", String(16)),
    words("contact_id", ID),
    words("call_id", ID),
    words("conversation_id", ID),
    moment("opened_at"),
    moment("sent_at"),
    Column("lat", Float),
    Column("lon", Float),
    Column("accuracy_m", Float),
    moment("ended_at"),
    Index(None, "call_id"),
    Index(None, "conversation_id"),
)

template_filing = Table(
    "template_filing",
    metadata,
    Column("account", ACCOUNT, primary_key=True),
    Column("template", String(40), primary_key=True),
    Column("state", Word(FilingState), nullable=False),
    moment("changed_at", needed=True),
    words("code", String(80)),
    words("note"),
)

moderated_word = Table(
    "moderated_word",
    metadata,
    Column("word", String(80), primary_key=True),
    moment("added_at", needed=True),
    words("added_by", String(40)),
)

canned_text = Table(
    "canned_text",
    metadata,
    Column("id", ID, primary_key=True),
    count("position"),
    words("title", String(40)),
    words("text", Text()),
)

phone_code = Table(
    "phone_code",
    metadata,
    Column("medium", String(32), primary_key=True),
    Column("account", ACCOUNT, primary_key=True),
    Column("user_key", USER, key="user", primary_key=True),
    Column("number", NUMBER, nullable=False),
    words("digest", String(64)),
    moment("expires_at", needed=True),
    count("tries"),
)
