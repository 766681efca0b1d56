"""A citizen of a platform proves that a telephone number is theirs: a code goes there by SMS, and what is
known under both is one contact's from then on.

Who asks is in a ticket that the platform's channel seals. It holds for a few minutes, in the browser that
began and with this process only; nobody can read it, so that it may stand in an address.
"""

import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta

import structlog
from cryptography.fernet import Fernet, InvalidToken

from callcenter.domain.contacts import (
    PHONE,
    TEXT,
    Address,
    Contact,
    PhoneCode,
    is_mobile,
    normal_number,
)
from callcenter.domain.errors import HotlineError, InvalidInputError
from callcenter.domain.messages import Purpose
from callcenter.store import UnitOfWork
from callcenter.usecases.context import Context
from callcenter.usecases.sending import Words, put

log = structlog.get_logger(__name__)

COOKIE = "hotline_bind"
"""What the browser that began is known by."""

LIFE = timedelta(minutes=10)  # of a ticket, and of a code
DIGITS = 6
TRIES = 3
GAP = timedelta(minutes=1)  # between two codes for the same citizen
HOUR = timedelta(hours=1)
MOST_AN_HOUR = 5  # to the same number, whoever asks
LOOK_BACK = 50  # texts to the number that are looked through for that
TEMPLATE = "binding_code"

_SEALER = Fernet(Fernet.generate_key())  # AES-128-CBC and HMAC-SHA-256, with a secret of this process


class TicketError(HotlineError):
    """Made up, too old, of another browser, or of a process that is gone."""

    code = "ticket"


class TooOftenError(HotlineError):
    code = "too_often"


class WrongCodeError(InvalidInputError):
    code = "wrong_code"


def seal(address: Address, browser: str, now: datetime) -> str:
    """`browser`: a word that nobody else knows and that this browser sends as `COOKIE`."""
    inside = json.dumps([address.medium, address.account, address.user, _digest(browser)])
    return _SEALER.encrypt_at_time(inside.encode(), int(now.timestamp())).decode()


def opened(ticket: str, browser: str, now: datetime) -> Address:
    """Raises `TicketError`."""
    try:
        inside = _SEALER.decrypt_at_time(ticket.encode(), LIFE.seconds, int(now.timestamp()))
    except InvalidToken as error:
        raise TicketError("页面已过期，请回到公众号，从菜单重新进入。") from error
    medium, account, user, digest = json.loads(inside)
    if not hmac.compare_digest(digest, _digest(browser)):
        raise TicketError("请在打开授权的同一个微信里操作，或从公众号菜单重新进入。")
    return Address(medium, account, user)


async def begin(context: Context, ticket: str, browser: str, number: str) -> str:
    """Text a code; the number in its normal form.

    Raises `TicketError`, `TooOftenError`, `InvalidInputError`.
    """
    now = context.now()
    address = opened(ticket, browser, now)
    normal = normal_number(number)
    if not is_mobile(normal):
        raise InvalidInputError("number", "请填写 11 位手机号码。")
    code = "".join(str(secrets.randbelow(10)) for _ in range(DIGITS))
    params = {"code": code}
    text = context.templates.render(TEMPLATE, params)
    async with context.uow() as uow:
        await _not_too_often(uow, address, normal, now)
        kept = PhoneCode(address.medium, address.account, address.user, normal, "", now + LIFE)
        kept.digest = _digest(*_key(kept), code)
        await uow.contacts.keep_phone_code(kept)
        words = Words(text, template=TEMPLATE, params=params)
        put(context, uow, Address(TEXT, "", normal), words, Purpose.REPLY)
        await uow.commit()
    return normal


async def confirm(context: Context, ticket: str, browser: str, code: str) -> str:
    """The number that is bound now. Raises `TicketError`, `WrongCodeError`."""
    now = context.now()
    address = opened(ticket, browser, now)
    async with context.uow() as uow:
        kept = await uow.contacts.phone_code(address)
        if kept is None or kept.expires_at <= now or kept.tries >= TRIES:
            raise WrongCodeError("code", "验证码已失效，请重新获取。")
        kept.tries += 1
        number, left = kept.number, TRIES - kept.tries
        if not hmac.compare_digest(kept.digest, _digest(*_key(kept), code)):
            await uow.commit()
            remedy = f"还可以再试 {left} 次。" if left else "请重新获取。"
            raise WrongCodeError("code", f"验证码不对，{remedy}")
        await uow.contacts.drop_phone_code(address)
        await _join(context, uow, address, number)
        await uow.commit()
    log.info("number_bound", medium=address.medium, account=address.account)
    return number


async def _not_too_often(uow: UnitOfWork, address: Address, number: str, now: datetime) -> None:
    last = await uow.contacts.phone_code(address)
    if last is not None and last.expires_at - LIFE + GAP > now:
        raise TooOftenError("验证码刚刚发出，请一分钟后再试。")
    texts = await uow.messages.sent_to(number, LOOK_BACK)
    codes = [sent for sent in texts if sent.template == TEMPLATE and sent.created_at > now - HOUR]
    if len(codes) >= MOST_AN_HOUR:
        raise TooOftenError("这个号码一小时内获取验证码太多次了，请稍后再试。")


async def _join(context: Context, uow: UnitOfWork, address: Address, number: str) -> None:
    """The contact of the number stays; the one of the platform becomes part of it."""
    kept = await uow.contacts.ensure(
        Address(PHONE, "", number), Contact(context.ids.new(), number, context.now())
    )
    gone = await uow.contacts.ensure(address, kept)
    if gone.id == kept.id:
        return
    kept.name = kept.name or gone.name
    kept.language = kept.language or gone.language
    kept.flags = sorted({*kept.flags, *gone.flags})
    if gone.blocked_until is not None and (
        kept.blocked_until is None or kept.blocked_until < gone.blocked_until
    ):
        kept.blocked_until, kept.blocked_reason = gone.blocked_until, gone.blocked_reason
    await uow.contacts.merge(kept, gone)


def _key(code: PhoneCode) -> tuple[str, ...]:
    return code.medium, code.account, code.user, code.number


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
