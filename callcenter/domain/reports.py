"""A report (诉求、工单): one citizen's words on one occasion, and what the seat decided.

Form of GB/T 33358-2016, domain notes 4.2. A report opens a case, joins one, is answered at once, or
is refused with a reason.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callcenter.domain.errors import InvalidInputError
from callcenter.domain.suggestions import Appeal, Urgency

MIN_CONTENT, MAX_CONTENT, MAX_TITLE = 10, 5_000, 50


class Decision(StrEnum):
    CASE = "case"  # 生成工单
    ANSWER = "answer"  # 直接答复
    JOIN = "join"  # 并单
    REFUSE = "refuse"  # 不受理
    PENDING = "pending"  # 待登记: what a citizen entered by themselves and no seat has read yet


@dataclass
class Report:
    id: str
    number: str  # yyyymmdd-NNNN in the city's calendar
    client_key: str  # the same form sent twice files once
    filed_at: datetime
    filed_by: str  # user id, '' = a machine (message left at night)
    decision: Decision
    channel: str
    appeal: Appeal
    urgency: Urgency
    content: str
    title: str = ""
    call_id: str = ""
    contact_id: str = ""
    dialled: str = ""
    standard: str = ""  # the scheme that the category is of
    category: str = ""
    category_name: str = ""
    condition_no: int | None = None
    place: str = ""
    lat: float | None = None
    lon: float | None = None
    radius_m: float | None = None
    caller_name: str = ""
    phone: str = ""
    occurred_at: datetime | None = None
    confidential: bool = False
    wants_followup: bool = True
    public: bool = False
    notify: bool = True  # the citizen wants texts about it
    answer: str = ""
    reason: str = ""
    case_id: str = ""
    conversation_id: str = ""
    access_code: str = ""  # with the number, lets the citizen look at it on the web

    def check(self) -> None:
        """Raises `InvalidInputError` that names the first field which does not hold what it must."""
        content = self.content.strip()
        if len(content) > MAX_CONTENT:
            raise InvalidInputError("content", f"内容最多 {MAX_CONTENT} 字，请删减后再提交。")
        if len(self.title) > MAX_TITLE:
            raise InvalidInputError("title", f"标题最多 {MAX_TITLE} 字。")
        if self.decision is Decision.REFUSE and not self.reason:
            raise InvalidInputError("reason", "请选择不受理的理由，市民会问起。")
        if self.decision is Decision.ANSWER and not self.answer:
            raise InvalidInputError("answer", "请写明答复内容。")
        if self.decision is Decision.CASE:
            self._check_case(content)

    def _check_case(self, content: str) -> None:
        if len(content) < MIN_CONTENT:
            raise InvalidInputError("content", f"内容至少 {MIN_CONTENT} 字，请写清时间、地点和事情。")
        if not self.category:
            raise InvalidInputError("category", "请选择问题分类。")
        if not self.place and self.lat is None and not self.phone:
            raise InvalidInputError("place", "请填写地点；确实不清楚时请留下联系电话。")
