"""ARI: gives and takes the softphones' short-lived passwords. Nothing else goes over ARI.

Only the `auth` objects have a writable backend (sorcery.conf); endpoints and addresses are in files.
Asterisk gets the digest of user, realm and secret (RFC 2617, HA1), never the secret itself.
"""

import hashlib
from http import HTTPStatus
from types import TracebackType
from typing import Self

import httpx
import structlog

from callcenter.domain.errors import TelephonyError

log = structlog.get_logger(__name__)

REALM = "hotline"
"""`default_realm` of pjsip.conf; the digest is only good for it."""

WITHIN_S = 5.0
FAILED = "电话系统没有接受话机的登录凭证，请重新签入；一再出现请联系系统管理员。"


class AriClient:
    """`url` is Asterisk's HTTP address, e.g. http://127.0.0.1:8088."""

    def __init__(self, url: str, user: str, secret: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"{url}/ari/asterisk/config/dynamic/res_pjsip/auth",
            auth=(user, secret),
            timeout=WITHIN_S,
            trust_env=False,
        )

    async def put_auth(self, seat: str, secret: str) -> None:
        """The seat may register with this secret from now on, and with no earlier one."""
        fields = {
            "auth_type": "md5",
            "username": seat,
            "md5_cred": digest(seat, secret),
            "realm": REALM,
        }
        body = {"fields": [{"attribute": name, "value": value} for name, value in fields.items()]}
        await self._request("PUT", seat, body, HTTPStatus.OK)

    async def delete_auth(self, seat: str) -> None:
        """A seat that had none is fine as well."""
        await self._request("DELETE", seat, None, HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _request(self, method: str, seat: str, body: object, *good: HTTPStatus) -> None:
        try:
            response = await self._http.request(method, f"/{seat}", json=body)
        except httpx.HTTPError as error:
            log.warning("ari_away", reason=type(error).__name__)
            raise TelephonyError(FAILED) from error
        if response.status_code not in good:
            log.warning("ari_refused", method=method, seat=seat, status=response.status_code)
            raise TelephonyError(FAILED)


def digest(user: str, secret: str) -> str:
    """HA1 of RFC 2617, section 3.2.2.2."""
    return hashlib.md5(f"{user}:{REALM}:{secret}".encode(), usedforsecurity=False).hexdigest()
