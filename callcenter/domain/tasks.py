"""Work that waits for a person: messages left at night, missed calls, call backs, unreached citizens."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class TaskKind(StrEnum):
    VOICEMAIL = "voicemail"  # 留言
    MISSED = "missed"  # 漏接回拨 (国办函〔2025〕66号)
    CALLBACK = "callback"  # 市民按键要求回拨
    RETURNED = "returned"  # 受理员退回补充
    UNSOLVED = "unsolved"  # 市民说未解决
    UNREACHED = "unreached"  # 自动回访三次未接通
    UNREAD = "unread"  # 来信未能自动处理
    UNDELIVERED = "undelivered"  # 消息未送达
    ADDED = "added"  # 市民补充情况
    WITHDRAWN = "withdrawn"  # 市民要求撤销


# how soon somebody should have called: a promise to the citizen, shown with its countdown
DUE_IN = {
    TaskKind.VOICEMAIL: timedelta(minutes=60),
    TaskKind.MISSED: timedelta(minutes=30),
    TaskKind.CALLBACK: timedelta(minutes=30),
    TaskKind.RETURNED: timedelta(hours=2),
    TaskKind.UNSOLVED: timedelta(hours=1),
    TaskKind.UNREACHED: timedelta(hours=24),
    TaskKind.UNREAD: timedelta(hours=1),
    TaskKind.UNDELIVERED: timedelta(hours=2),
    TaskKind.ADDED: timedelta(hours=2),
    TaskKind.WITHDRAWN: timedelta(hours=1),
}


@dataclass
class Task:
    id: str
    kind: TaskKind
    created_at: datetime
    due_at: datetime
    contact_id: str = ""
    call_id: str = ""
    case_id: str = ""
    seat: str = ""  # '' = anybody's
    title: str = ""
    detail: str = ""
    danger: bool = False
    message_id: str = ""  # of the outbox
    taken_by: str = ""
    done_at: datetime | None = None


def new_task(task_id: str, kind: TaskKind, now: datetime, **fields: str | bool) -> Task:
    return Task(id=task_id, kind=kind, created_at=now, due_at=now + DUE_IN[kind], **fields)  # type: ignore[arg-type]
