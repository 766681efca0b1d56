"""Signing in to the console: passwords, lock-out, server-side sessions."""

import asyncio
import hashlib
import secrets
from datetime import timedelta

from callcenter.domain.errors import LockedOutError, SignInError
from callcenter.domain.staff import User, WebSession
from callcenter.store import UnitOfWork
from callcenter.usecases.context import Context

_HASHING = asyncio.Semaphore(2)  # 64 MiB each
_WRONG = "用户名或密码不对，请重新输入；连续输错五次会锁定十五分钟。"
_LOCKED = "输错次数太多，账号已锁定十五分钟，请稍后再试或请管理员解锁。"


def cookie_hash(cookie: str) -> str:
    """What is kept of a session cookie: a stolen database opens no session."""
    return hashlib.sha256(cookie.encode()).hexdigest()


async def sign_in(context: Context, username: str, password: str) -> tuple[User, WebSession, str]:
    """Returns the user, the session and the cookie. Raises `SignInError`, `LockedOutError`."""
    async with context.reading() as uow:
        found = await uow.staff.by_username(username.strip())
    if found is not None and found.locked(context.now()):
        raise LockedOutError(_LOCKED)
    # an unknown account costs the same time, so that nobody can find out which ones exist; hashing is
    # slow on purpose, so it runs beside the loop, a few at a time, with no transaction open
    async with _HASHING:
        fits = await asyncio.to_thread(context.passwords.fits, password, found.password_hash if found else "")
    if found is None or not found.active:
        raise SignInError(_WRONG)
    return await _decide(context, found.id, fits=fits)


async def _decide(context: Context, user_id: str, *, fits: bool) -> tuple[User, WebSession, str]:
    now = context.now()
    async with context.uow() as uow:
        user = await uow.staff.get(user_id, lock=True)
        assert user is not None  # accounts are never deleted
        if user.locked(now):
            raise LockedOutError(_LOCKED)
        if not fits:
            user.failed(now)
            await uow.commit()
            raise LockedOutError(_LOCKED) if user.locked(now) else SignInError(_WRONG)
        user.signed_in()
        cookie, session = _new_session(context, user)
        uow.staff.add_session(session)
        await uow.staff.sweep_sessions(now)
        await uow.commit()
    return user, session, cookie


def _new_session(context: Context, user: User) -> tuple[str, WebSession]:
    cookie, now = secrets.token_urlsafe(32), context.now()
    ends = now + timedelta(hours=context.city.session_hours)
    return cookie, WebSession(cookie_hash(cookie), user.id, secrets.token_urlsafe(24), now, ends)


async def whose(context: Context, cookie: str) -> tuple[User, WebSession] | None:
    """The user behind a cookie, None when the session is over."""
    if not cookie:
        return None
    async with context.reading() as uow:
        session = await uow.staff.session(cookie_hash(cookie))
        if session is None or session.expires_at <= context.now():
            return None
        user = await uow.staff.get(session.user_id)
        return (user, session) if user is not None and user.active else None


async def sign_out(context: Context, session: WebSession) -> None:
    async with context.uow() as uow:
        await uow.staff.end_session(session.id)
        await uow.commit()


async def add_user(uow: UnitOfWork, context: Context, user: User, password: str) -> None:
    user.password_hash = context.passwords.hash(password)
    uow.staff.add(user)
