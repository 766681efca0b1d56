"""Citizens: numbers in one normal form, masked for everybody by default."""

import re
from dataclasses import dataclass, field
from datetime import datetime

MIN_NUMBER, MAX_NUMBER = 3, 20
SHORT_NUMBER = 5  # 12345, 110: service numbers
FULL_NUMBER = 8  # from here on three leading and four trailing digits leave enough hidden
MOBILE = re.compile(r"1[3-9]\d{9}")
_COUNTRY = re.compile(r"^(?:\+|00)?86(?=1[3-9]\d{9}$|0\d{9,11}$)")


def normal_number(raw: str) -> str:
    """Digits of a caller id without the country code; '' for a withheld, foreign-looking or absurd one."""
    digits = _COUNTRY.sub("", re.sub(r"[\s\-()]", "", raw))
    return digits if digits.isascii() and digits.isdigit() and MIN_NUMBER <= len(digits) <= MAX_NUMBER else ""


def is_mobile(number: str) -> bool:
    return MOBILE.fullmatch(number) is not None


def mask(number: str) -> str:
    """138****5526; short service numbers keep their ends, nothing is ever shown whole."""
    if not number:
        return "未显示号码"
    if len(number) <= SHORT_NUMBER:
        return number[0] + "*" * (len(number) - 1)
    if len(number) < FULL_NUMBER:
        return number[0] + "****"
    return number[:3] + "****" + number[-4:]


PHONE = "phone"  # medium of identities that are telephone numbers; texts come from the same people
TEXT = "sms"


def mask_user(medium: str, user: str) -> str:
    """A name on a medium as everybody may see it: part of a number or an address, nothing of an id."""
    if medium in {PHONE, TEXT}:
        return mask(user)
    if medium == "email":
        name, _, domain = user.partition("@")
        return f"{name[:1]}***@{domain}"
    return ""


@dataclass(frozen=True, slots=True)
class Address:
    """One way to a citizen. `account` '' where every account of the medium reaches them alike."""

    medium: str
    account: str
    user: str

    @property
    def identity(self) -> "Address":
        """Under which the contact is known: telephone and texts are one."""
        return Address(PHONE, "", self.user) if self.medium == TEXT else self


@dataclass
class Identity:
    """Somebody's name on a medium. Its key never changes; merging contacts moves it to another contact."""

    medium: str
    account: str
    user: str
    contact_id: str
    since: datetime
    name: str = ""  # what they call themselves there
    last_in_at: datetime | None = None
    window_until: datetime | None = None  # until when we may write, where the platform limits it
    quota_left: int = 0  # messages left in the window


@dataclass
class PhoneCode:
    """A code that was texted to a number, to prove that the citizen of this identity reads it."""

    medium: str
    account: str
    user: str
    number: str
    digest: str  # SHA-256 of identity and code, in hex
    expires_at: datetime
    tries: int = 0


@dataclass
class OptOut:
    """This citizen wants nothing on this medium but answers and emergencies."""

    medium: str
    user: str
    since: datetime
    source: str  # text, seat


@dataclass
class Contact:
    id: str
    number: str  # first known number in normal form, unique; '' = none is known
    created_at: datetime
    name: str = ""
    language: str = ""  # dialect queue name suffix, '' = standard Mandarin
    business: bool = False  # calls for a company
    flags: list[str] = field(default_factory=list)
    blocked_until: datetime | None = None
    blocked_reason: str = ""
    merged_into: str = ""  # this one is the same person, and has everything now

    def blocked(self, now: datetime) -> bool:
        return self.blocked_until is not None and now < self.blocked_until
