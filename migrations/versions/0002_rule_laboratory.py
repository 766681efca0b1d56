"""the rule laboratory; a class is named with the standard that it is of"""

import sqlalchemy as sa
from alembic import op

from callcenter.db import types

revision = "0002"
down_revision = "0001"

WAS_IN_FORCE = "GB/T 30428.2-2013"  # the scheme of every row that is there already


def upgrade() -> None:
    op.create_table(
        "report_mislabel",
        sa.Column("report_id", sa.String(length=40), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("user_name", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_report_mislabel")),
    )
    op.create_table(
        "rule_edit",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("user_name", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("term", sa.String(length=120), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_edit")),
    )
    with op.batch_alter_table("rule_edit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rule_edit_version_at"), ["version", "at"], unique=False)

    op.create_table(
        "rule_version",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("standard", sa.String(length=40), nullable=False),
        sa.Column("phase", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=32), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=40), nullable=False),
        sa.Column("created_by_name", sa.String(length=40), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("published_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("published_by_name", sa.String(length=40), nullable=False),
        sa.Column("shadow_since", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("retired_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rule_version")),
    )
    with op.batch_alter_table("rule_version", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_rule_version_standard_phase"), ["standard", "phase"], unique=False
        )

    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "suggestion_record",
        sa.Column("report_id", sa.String(length=40), nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("day", sa.String(length=8), nullable=False),
        sa.Column("standard", sa.String(length=40), nullable=False),
        sa.Column("version", sa.String(length=80), nullable=False),
        sa.Column("chosen", sa.String(length=40), nullable=False),
        sa.Column("first", sa.String(length=40), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("place_rank", sa.Integer(), nullable=False),
        sa.Column("shadow_version", sa.Integer(), nullable=False),
        sa.Column("shadow", sa.JSON(), nullable=False),
        sa.Column("shadow_first", sa.String(length=40), nullable=False),
        sa.Column("shadow_rank", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("report_id", name=op.f("pk_suggestion_record")),
    )
    with op.batch_alter_table("suggestion_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suggestion_record_day"), ["day"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_suggestion_record_shadow_version"), ["shadow_version"], unique=False
        )

    op.create_table(
        "rule_word",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("term", sa.String(length=120), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("author", sa.String(length=40), nullable=False),
        sa.Column("changed_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"], ["rule_version.number"], name=op.f("fk_rule_word_version"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_word")),
        sa.UniqueConstraint("version", "code", "term", name=op.f("uq_rule_word_version_code_term")),
    )
    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("standard", sa.String(length=40), nullable=False, server_default=WAS_IN_FORCE)
        )

    with op.batch_alter_table("category", schema=None) as batch_op:
        batch_op.alter_column(
            "kind", existing_type=sa.VARCHAR(length=8), type_=sa.String(length=20), existing_nullable=False
        )
        batch_op.alter_column(
            "major", existing_type=sa.VARCHAR(length=8), type_=sa.String(length=20), existing_nullable=False
        )
        batch_op.alter_column(
            "minor", existing_type=sa.VARCHAR(length=8), type_=sa.String(length=20), existing_nullable=False
        )

    with op.batch_alter_table("category_condition", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("standard", sa.String(length=40), nullable=False, server_default=WAS_IN_FORCE)
        )

    with op.batch_alter_table("dispatch_rule", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("standard", sa.String(length=40), nullable=False, server_default=WAS_IN_FORCE)
        )

    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("standard", sa.String(length=40), nullable=False, server_default=WAS_IN_FORCE)
        )
        batch_op.create_index(
            batch_op.f("ix_report_standard_filed_at"), ["standard", "filed_at"], unique=False
        )

    # what was shown is kept beside the report, with its confidences (suggestion_record)
    op.drop_column("report", "shown")
    op.drop_column("report", "suggestion_version")


def downgrade() -> None:
    shown = sa.Column("shown", sa.JSON(), nullable=False, server_default="[]")
    op.add_column("report", shown)
    version = sa.Column("suggestion_version", sa.String(length=40), nullable=False, server_default="")
    op.add_column("report", version)
    with op.batch_alter_table("report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_standard_filed_at"))
        batch_op.drop_column("standard")

    with op.batch_alter_table("dispatch_rule", schema=None) as batch_op:
        batch_op.drop_column("standard")

    with op.batch_alter_table("category_condition", schema=None) as batch_op:
        batch_op.drop_column("standard")

    with op.batch_alter_table("category", schema=None) as batch_op:
        batch_op.alter_column(
            "minor", existing_type=sa.String(length=20), type_=sa.VARCHAR(length=8), existing_nullable=False
        )
        batch_op.alter_column(
            "major", existing_type=sa.String(length=20), type_=sa.VARCHAR(length=8), existing_nullable=False
        )
        batch_op.alter_column(
            "kind", existing_type=sa.String(length=20), type_=sa.VARCHAR(length=8), existing_nullable=False
        )

    with op.batch_alter_table("case_file", schema=None) as batch_op:
        batch_op.drop_column("standard")

    op.drop_table("rule_word")
    with op.batch_alter_table("suggestion_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suggestion_record_shadow_version"))
        batch_op.drop_index(batch_op.f("ix_suggestion_record_day"))

    op.drop_table("suggestion_record")
    op.drop_table("setting")
    with op.batch_alter_table("rule_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_version_standard_phase"))

    op.drop_table("rule_version")
    with op.batch_alter_table("rule_edit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_edit_version_at"))

    op.drop_table("rule_edit")
    op.drop_table("report_mislabel")
