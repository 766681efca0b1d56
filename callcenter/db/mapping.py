"""Domain dataclasses onto tables, imperatively: the domain does not know that it is stored."""

from sqlalchemy.orm import registry

from callcenter.db import code_tables, message_tables, rule_tables, tables
from callcenter.domain.calls import Call
from callcenter.domain.cases import Case, CaseStep
from callcenter.domain.codes import (
    Bulletin,
    Category,
    Condition,
    Department,
    DispatchRule,
    Knowledge,
    MapLayer,
)
from callcenter.domain.contacts import Contact, Identity, OptOut, PhoneCode
from callcenter.domain.conversations import Conversation
from callcenter.domain.followups import FollowUp
from callcenter.domain.positions import PositionLink
from callcenter.domain.records import Access, Delivery, DraftNote, InboxMessage, MediaFile, OutboxMessage
from callcenter.domain.reports import Report
from callcenter.domain.rules import Mislabel, RuleEdit, RuleVersion, Setting, SuggestionRecord
from callcenter.domain.sending import CannedText, ModeratedWord, TemplateFiling
from callcenter.domain.staff import Seat, SeatMoved, User, WebSession
from callcenter.domain.tasks import Task

MAPPING = (
    (User, tables.user),
    (WebSession, tables.web_session),
    (Seat, tables.seat),
    (SeatMoved, tables.seat_move),
    (Contact, tables.contact),
    (Call, tables.call),
    (Report, tables.report),
    (Case, tables.case),
    (CaseStep, tables.case_step),
    (FollowUp, tables.followup),
    (Task, tables.task),
    (OutboxMessage, message_tables.outbox),
    (Delivery, message_tables.delivery),
    (InboxMessage, message_tables.inbox),
    (MediaFile, message_tables.media),
    (Identity, message_tables.identity),
    (OptOut, message_tables.opt_out),
    (Conversation, message_tables.conversation),
    (PositionLink, message_tables.position_link),
    (TemplateFiling, message_tables.template_filing),
    (ModeratedWord, message_tables.moderated_word),
    (CannedText, message_tables.canned_text),
    (PhoneCode, message_tables.phone_code),
    (DraftNote, tables.draft),
    (Access, tables.access),
    (Category, code_tables.category),
    (Condition, code_tables.condition),
    (Department, code_tables.department),
    (DispatchRule, code_tables.dispatch_rule),
    (Knowledge, code_tables.knowledge),
    (Bulletin, code_tables.bulletin),
    (MapLayer, code_tables.map_layer),
    (RuleVersion, rule_tables.version),
    (RuleEdit, rule_tables.edit),
    (Setting, rule_tables.setting),
    (Mislabel, rule_tables.mislabel),
    (SuggestionRecord, rule_tables.suggestion),
)

_registry = registry(metadata=tables.metadata)
for _domain_class, _table in MAPPING:
    if _domain_class is Case:
        # the domain counts versions itself, so that a stale page is told before anything is written
        _registry.map_imperatively(Case, _table, version_id_col=_table.c.version, version_id_generator=False)
    else:
        _registry.map_imperatively(_domain_class, _table)
