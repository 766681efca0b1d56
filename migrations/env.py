"""Alembic environment: runs on the connection that `callcenter.db.migrate` hands over."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy.engine import Connection

from callcenter.db import mapping, tables
from callcenter.db.types import Word

METADATA = tables.metadata
assert mapping.MAPPING, "reading the mapping puts every table into the metadata"


def render(kind: str, item: object, _context: AutogenContext) -> str | Literal[False]:
    """Words of an enum are plain text in the schema, so that a new word needs no migration."""
    return "sa.String(length=32)" if kind == "type" and isinstance(item, Word) else False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        compare_type=True,
        render_as_batch=True,
        render_item=render,
        user_module_prefix="types.",
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
