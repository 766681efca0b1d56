"""What the platform knows: tokens, citizens and how much may still be written to them, files, notices.

Written from the platform's documentation; shares no code with `messaging`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

WINDOW, WINDOW_MESSAGES = timedelta(hours=48), 5
PRESSED, PRESSED_MESSAGES = timedelta(minutes=1), 3
MEDIA_LIFE = timedelta(days=3)
TOKEN_LIFE_S = 7_200
OVERLAP = timedelta(minutes=5)


class RefusedError(Exception):
    def __init__(self, number: int, words: str = "refused") -> None:
        super().__init__(words)
        self.number = number


@dataclass
class Citizen:
    openid: str
    following: bool = True
    blocked: bool = False
    consents: int = 0  # subscription notices that were agreed to
    until: datetime | None = None
    left: int = 0

    def wrote(self, now: datetime) -> None:
        self.until, self.left = now + WINDOW, WINDOW_MESSAGES

    def pressed(self, now: datetime) -> None:
        """A key, a scan, following: opens less than a message, and takes nothing of what that opened."""
        if self.until is None or self.until < now or not self.left:
            self.until, self.left = now + PRESSED, PRESSED_MESSAGES

    def take(self, now: datetime) -> None:
        if not self.following or self.until is None or self.until < now:
            raise RefusedError(45015, "response out of time limit or subscription is canceled")
        if not self.left:
            raise RefusedError(45047, "out of response count limit")
        self.left -= 1


@dataclass
class File:
    content: bytes
    mime: str
    at: datetime
    video: bool = False


@dataclass
class Sent:
    openid: str
    kind: str
    text: str = ""
    media_id: str = ""


@dataclass
class Notice:
    openid: str
    template: str
    data: dict[str, str]
    number: int = 0


@dataclass
class Books:
    """`now` is the platform's clock. `forms`: ids of templates on file -> their fields."""

    now: Callable[[], datetime]
    app_id: str = "wx1234567890abcdef"
    secret: str = "app-secret"
    listed: bool = True  # our address is in the white list
    citizens: dict[str, Citizen] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)  # of web authorisation -> openid
    forms: dict[str, frozenset[str]] = field(default_factory=dict)
    menu: dict | None = None
    menus_written: int = 0
    sent: list[Sent] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    token: str = ""
    token_until: datetime | None = None
    tokens_asked: int = 0
    tickets_asked: int = 0

    def citizen(self, openid: str) -> Citizen:
        return self.citizens.setdefault(openid, Citizen(openid))

    def known(self, openid: object) -> Citizen:
        if not isinstance(openid, str) or openid not in self.citizens:
            raise RefusedError(40003, "invalid openid")
        return self.citizens[openid]

    def stable_token(self, app_id: object, secret: object) -> tuple[str, int]:
        """The same one to everybody who asks, until its last five minutes."""
        self.tokens_asked += 1
        if app_id != self.app_id:
            raise RefusedError(40013, "invalid appid")
        if secret != self.secret:
            raise RefusedError(40125, "invalid appsecret")
        if not self.listed:
            raise RefusedError(40164, "invalid ip, not in whitelist")
        now = self.now()
        if self.token_until is None or self.token_until - now <= OVERLAP:
            self.new_token()
        assert self.token_until is not None
        return self.token, int((self.token_until - now).total_seconds())

    def new_token(self) -> None:
        self.token = f"token-{self.tokens_asked}-{'x' * 120}"
        self.token_until = self.now() + timedelta(seconds=TOKEN_LIFE_S)

    def check_token(self, token: str) -> None:
        if not token:
            raise RefusedError(41001, "access_token missing")
        if token != self.token or self.token_until is None:
            raise RefusedError(40001, "invalid credential")
        if self.token_until < self.now():
            raise RefusedError(42001, "access_token expired")

    def file(self, media_id: str) -> File:
        found = self.files.get(media_id)
        if found is None or found.at + MEDIA_LIFE < self.now():
            raise RefusedError(40007, "invalid media_id")
        return found

    def keep(self, content: bytes, mime: str, *, video: bool = False) -> str:
        media_id = f"media-{len(self.files) + 1}"
        self.files[media_id] = File(content, mime, self.now(), video)
        return media_id
