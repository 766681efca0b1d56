"""Tables of codes and of the city: data that a city edits, with the standard it comes from."""

from sqlalchemy import Column, Float, Integer, String, Table, Text

from callcenter.db.tables import ID, metadata, words

category = Table(
    "category",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("standard", String(40), primary_key=True),
    words("kind", String(20)),
    words("major", String(20)),
    words("minor", String(20)),
    words("name", String(100)),
    words("major_name", String(100)),
    words("sure", String(16)),
)

condition = Table(
    "category_condition",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("category", String(40), nullable=False, index=True),
    Column("no", Integer, nullable=False),
    words("text"),
    Column("limit_value", Float, nullable=False),
    words("limit_unit", String(16)),
    words("standard", String(40)),
)

department = Table(
    "department",
    metadata,
    Column("id", ID, primary_key=True),
    words("name", String(60)),
    words("district", String(40)),
    words("duty_number", String(20)),
)

dispatch_rule = Table(
    "dispatch_rule",
    metadata,
    Column("id", Integer, primary_key=True),
    words("category", String(40)),
    words("district", String(40)),
    words("department_id", ID),
    words("clause"),
    words("standard", String(40)),
)

knowledge = Table(
    "knowledge",
    metadata,
    Column("id", ID, primary_key=True),
    words("title"),
    words("department", String(60)),
    words("summary", Text()),
    words("words", Text()),
)

bulletin = Table(
    "bulletin",
    metadata,
    Column("id", ID, primary_key=True),
    words("title"),
    words("detail", Text()),
    words("kind", String(16)),
)

map_layer = Table(
    "map_layer",
    metadata,
    Column("name", String(40), primary_key=True),
    words("geojson", Text()),
)
