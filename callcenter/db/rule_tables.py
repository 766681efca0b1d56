"""Tables of the rule laboratory: keyword tables by version, their history, what was suggested and chosen."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from callcenter.db.tables import ID, count, metadata, moment, words
from callcenter.db.types import Word
from callcenter.domain.rules import Origin, Phase

STANDARD = String(40)

version = Table(
    "rule_version",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("standard", STANDARD, nullable=False),
    Column("phase", Word(Phase), nullable=False),
    Column("origin", Word(Origin), nullable=False),
    moment("created_at", needed=True),
    words("created_by", ID),
    words("created_by_name", String(40)),
    count("base"),
    words("digest", String(64)),
    words("note"),
    count("revision"),
    moment("published_at"),
    words("published_by_name", String(40)),
    moment("shadow_since"),
    moment("retired_at"),
    Index(None, "standard", "phase"),
)

word = Table(
    "rule_word",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", Integer, ForeignKey("rule_version.number", ondelete="CASCADE"), nullable=False),
    words("code", String(40)),
    words("name", String(100)),
    words("kind", String(16)),
    words("term", String(120)),
    Column("weight", Float, nullable=False),
    Column("enabled", Boolean, nullable=False, default=True),
    words("author", String(40)),
    moment("changed_at"),
    count("revision"),
    UniqueConstraint("version", "code", "term"),
)

edit = Table(
    "rule_edit",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    moment("at", needed=True),
    words("user_id", ID),
    words("user_name", String(40)),
    words("action", String(16)),
    words("code", String(40)),
    words("term", String(120)),
    Column("before", JSON),
    Column("after", JSON),
    Index(None, "version", "at"),
)

setting = Table(
    "setting",
    metadata,
    Column("key", String(40), primary_key=True),
    words("value", Text()),
)

mislabel = Table(
    "report_mislabel",
    metadata,
    Column("report_id", ID, primary_key=True),
    moment("at", needed=True),
    words("user_id", ID),
    words("user_name", String(40)),
)

suggestion = Table(
    "suggestion_record",
    metadata,
    Column("report_id", ID, primary_key=True),
    moment("at", needed=True),
    words("day", String(8)),
    words("standard", STANDARD),
    words("version", String(80)),
    words("chosen", String(40)),
    words("first", String(40)),
    count("rank"),
    Column("shown", JSON, nullable=False),
    Column("places", JSON, nullable=False),
    words("place"),
    count("place_rank"),
    count("shadow_version"),
    Column("shadow", JSON, nullable=False),
    words("shadow_first", String(40)),
    count("shadow_rank"),
    Index(None, "day"),
    Index(None, "shadow_version"),
)
