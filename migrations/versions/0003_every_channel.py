"""every channel: accounts, conversations, files, identities, what may be sent to whom"""

import sqlalchemy as sa
from alembic import op

from callcenter.db import types

revision = "0003"
down_revision = "0002"

# what failed before is history: nobody is sent after it now
CARRIED = """
UPDATE outbox SET via = channel,
  priority = CASE purpose WHEN 'emergency' THEN 0 WHEN 'reply' THEN 1 WHEN 'service' THEN 2 ELSE 3 END,
  attended_at = CASE WHEN state IN ('failed', 'expired') THEN created_at END
"""

PARTIAL = (
    ("ix_outbox_due", ["channel", "priority", "id", "next_at"], "next_at IS NOT NULL"),
    ("ix_outbox_leased", ["channel", "lease_until"], "lease_until IS NOT NULL"),
    ("ix_outbox_lost", ["created_at"], "state IN ('failed', 'expired')"),
)


def upgrade() -> None:
    create_tables()
    widen_people()
    widen_messages()


def downgrade() -> None:
    narrow_messages()
    narrow_inbox()
    narrow_people()
    drop_tables()


def added(name: str, length: int) -> sa.Column[str]:
    """Text that older rows do not have."""
    return sa.Column(name, sa.String(length=length), nullable=False, server_default="")


def widen_people() -> None:
    """Contacts may be known by other names than a number; the numbers that are there become identities."""
    with op.batch_alter_table("contact") as batch_op:
        batch_op.add_column(added("merged_into", 40))
        batch_op.alter_column("number", existing_type=sa.String(length=20), nullable=True)
    op.execute(
        "INSERT INTO contact_identity (medium, account, user_key, contact_id, since, name, quota_left) "
        "SELECT 'phone', '', number, id, created_at, '', 0 FROM contact WHERE number <> ''"
    )
    with op.batch_alter_table("report") as batch_op:
        batch_op.add_column(added("conversation_id", 40))
        batch_op.add_column(added("access_code", 12))
        batch_op.create_index(batch_op.f("ix_report_conversation_id"), ["conversation_id"], unique=False)
    with op.batch_alter_table("task") as batch_op:
        batch_op.add_column(added("message_id", 40))


def widen_messages() -> None:
    """Rows of before came and went by the one account of texts, which was called like its medium."""
    for table in ("delivery", "fragment"):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN channel TO account")
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.alter_column("provider_ref", existing_type=sa.String(length=80), type_=sa.String(length=300))
    with op.batch_alter_table("fragment") as batch_op:
        for name in ("sender", "addressed"):
            batch_op.alter_column(name, existing_type=sa.String(length=100), type_=sa.String(length=200))
    widen_inbox()
    widen_outbox()


def widen_inbox() -> None:
    with op.batch_alter_table("inbox") as batch_op:
        batch_op.add_column(added("account", 32))
        batch_op.add_column(sa.Column("kind", sa.String(length=32), nullable=False, server_default="text"))
        batch_op.add_column(sa.Column("lat", sa.Float(), nullable=True))
        batch_op.add_column(sa.Column("lon", sa.Float(), nullable=True))
        batch_op.add_column(added("label", 200))
        batch_op.add_column(added("event", 80))
        batch_op.add_column(added("subject", 200))
        batch_op.add_column(sa.Column("answers", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(added("ref", 300))
        batch_op.add_column(added("sender_name", 80))
        batch_op.add_column(sa.Column("sent_at", types.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(added("conversation_id", 40))
        batch_op.alter_column("event_key", existing_type=sa.String(length=200), type_=sa.String(length=300))
        batch_op.alter_column("sender", existing_type=sa.String(length=100), type_=sa.String(length=200))
        batch_op.alter_column("addressed", existing_type=sa.String(length=100), type_=sa.String(length=200))
        batch_op.drop_constraint(batch_op.f("uq_inbox_channel_event_key"), type_="unique")
    op.execute("UPDATE inbox SET account = channel")
    with op.batch_alter_table("inbox") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_inbox_conversation_id_received_at"),
            ["conversation_id", "received_at"],
            unique=False,
        )
        batch_op.create_unique_constraint(batch_op.f("uq_inbox_account_event_key"), ["account", "event_key"])


def widen_outbox() -> None:
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.add_column(added("account", 32))
        batch_op.add_column(added("via", 32))
        batch_op.add_column(sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(added("conversation_id", 40))
        batch_op.add_column(added("author_id", 40))
        batch_op.add_column(added("subject", 200))
        batch_op.add_column(added("thread", 300))
        batch_op.add_column(sa.Column("attachment", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("params", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(added("instead_of", 40))
        batch_op.add_column(sa.Column("client_key", sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_outbox_client_key"), ["client_key"])
        batch_op.add_column(sa.Column("attended_at", types.UtcDateTime(timezone=True), nullable=True))
        batch_op.alter_column("recipient", existing_type=sa.String(length=100), type_=sa.String(length=200))
        batch_op.drop_index(batch_op.f("ix_outbox_state_next_at"))
        batch_op.create_index(
            batch_op.f("ix_outbox_conversation_id_created_at"),
            ["conversation_id", "created_at"],
            unique=False,
        )
    op.execute(CARRIED)
    for name, columns, condition in PARTIAL:
        where = sa.text(condition)
        op.create_index(name, "outbox", columns, postgresql_where=where, sqlite_where=where)


def narrow_messages() -> None:
    for name, _, _ in PARTIAL:
        op.drop_index(name, "outbox")
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_state_next_at"), ["state", "next_at"], unique=False)
        batch_op.drop_index(batch_op.f("ix_outbox_conversation_id_created_at"))
        batch_op.drop_constraint(batch_op.f("uq_outbox_client_key"), type_="unique")
        batch_op.alter_column("recipient", existing_type=sa.String(length=200), type_=sa.String(length=100))
        for name in (
            "attended_at",
            "client_key",
            "instead_of",
            "params",
            "attachment",
            "thread",
            "subject",
            "author_id",
        ):
            batch_op.drop_column(name)
        for name in ("conversation_id", "priority", "via", "account"):
            batch_op.drop_column(name)
    with op.batch_alter_table("fragment") as batch_op:
        for name in ("sender", "addressed"):
            batch_op.alter_column(name, existing_type=sa.String(length=200), type_=sa.String(length=100))
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.alter_column("provider_ref", existing_type=sa.String(length=300), type_=sa.String(length=80))
    for table in ("delivery", "fragment"):
        op.execute(f"ALTER TABLE {table} RENAME COLUMN account TO channel")


def narrow_inbox() -> None:
    with op.batch_alter_table("inbox") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_inbox_account_event_key"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_inbox_conversation_id_received_at"))
        batch_op.create_unique_constraint(batch_op.f("uq_inbox_channel_event_key"), ["channel", "event_key"])
        for name, length in (("addressed", 100), ("sender", 100), ("event_key", 200)):
            batch_op.alter_column(name, existing_type=sa.String(), type_=sa.String(length=length))
        for name in ("conversation_id", "sent_at", "sender_name", "ref", "answers", "subject", "event"):
            batch_op.drop_column(name)
        for name in ("label", "lon", "lat", "kind", "account"):
            batch_op.drop_column(name)


def narrow_people() -> None:
    with op.batch_alter_table("task") as batch_op:
        batch_op.drop_column("message_id")
    with op.batch_alter_table("report") as batch_op:
        batch_op.drop_index(batch_op.f("ix_report_conversation_id"))
        batch_op.drop_column("access_code")
        batch_op.drop_column("conversation_id")
    op.execute("DELETE FROM contact WHERE number IS NULL")
    with op.batch_alter_table("contact") as batch_op:
        batch_op.alter_column("number", existing_type=sa.String(length=20), nullable=False)
        batch_op.drop_column("merged_into")


def create_tables() -> None:
    op.create_table(
        "canned_text",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_text")),
    )
    op.create_table(
        "contact_identity",
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("user_key", sa.String(length=200), nullable=False),
        sa.Column("contact_id", sa.String(length=40), nullable=False),
        sa.Column("since", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("last_in_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("window_until", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("quota_left", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("medium", "account", "user_key", name=op.f("pk_contact_identity")),
    )
    with op.batch_alter_table("contact_identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_identity_contact_id"), ["contact_id"], unique=False)

    op.create_table(
        "conversation",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("contact_id", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("user_key", sa.String(length=200), nullable=False),
        sa.Column("opened_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("open_key", sa.String(length=300), nullable=True),
        sa.Column("skill", sa.String(length=40), nullable=False),
        sa.Column("seat", sa.String(length=16), nullable=False),
        sa.Column("assigned_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("waiting_since", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("answered_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("last_text", sa.String(length=200), nullable=False),
        sa.Column("last_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_ref", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("dialogue", sa.JSON(), nullable=False),
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("closed_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("close_code", sa.String(length=20), nullable=False),
        sa.Column("closed_by", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("open_key", name=op.f("uq_conversation_open_key")),
    )
    with op.batch_alter_table("conversation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversation_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conversation_seat_state"), ["seat", "state"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_conversation_state_waiting_since"), ["state", "waiting_since"], unique=False
        )

    op.create_table(
        "media",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("mime", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
    )
    with op.batch_alter_table("media", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_digest"), ["digest"], unique=False)
        batch_op.create_index(batch_op.f("ix_media_owner_id_number"), ["owner_id", "number"], unique=False)
        batch_op.create_index(batch_op.f("ix_media_state_next_at"), ["state", "next_at"], unique=False)

    op.create_table(
        "moderated_word",
        sa.Column("word", sa.String(length=80), nullable=False),
        sa.Column("added_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_moderated_word")),
    )
    op.create_table(
        "opt_out",
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("user_key", sa.String(length=200), nullable=False),
        sa.Column("since", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("medium", "user_key", name=op.f("pk_opt_out")),
    )
    op.create_table(
        "phone_code",
        sa.Column("medium", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("user_key", sa.String(length=200), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("medium", "account", "user_key", name=op.f("pk_phone_code")),
    )
    op.create_table(
        "position_link",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("seat", sa.String(length=16), nullable=False),
        sa.Column("contact_id", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("opened_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("sent_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("ended_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position_link")),
    )
    with op.batch_alter_table("position_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_position_link_call_id"), ["call_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_position_link_conversation_id"), ["conversation_id"], unique=False
        )

    op.create_table(
        "template_filing",
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("changed_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("account", "template", name=op.f("pk_template_filing")),
    )


def drop_tables() -> None:
    op.drop_table("template_filing")
    op.drop_table("position_link")
    op.drop_table("phone_code")
    op.drop_table("opt_out")
    op.drop_table("moderated_word")
    op.drop_table("media")
    op.drop_table("conversation")
    op.drop_table("contact_identity")
    op.drop_table("canned_text")
