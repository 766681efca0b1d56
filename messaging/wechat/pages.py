"""What our pages inside WeChat need: who opened them (网页授权), and leave to use its choosers (JS-SDK).

A citizen who wants to bind a number goes bind -> WeChat -> oauth -> the page, with a ticket that says who
they are and that only the browser which began can use. No openid stands in an address.
"""

import hmac
import json
import secrets
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlencode

import structlog

from callcenter.domain.contacts import Address
from callcenter.ports import Clock, WebRequest, WebResponse, WebRoute
from callcenter.usecases import binding
from messaging.wechat import jssdk
from messaging.wechat.api import Api
from messaging.wechat.codes import InDoubtError, NotReachedError, RefusedError
from messaging.wechat.kept import Kept
from messaging.wechat.pushes import MEDIUM

log = structlog.get_logger(__name__)

AUTHORIZE = "https://open.weixin.qq.com/connect/oauth2/authorize"
BASE_SCOPE = "snsapi_base"  # who it is and nothing else: WeChat does not ask the citizen
PAGE = "/c/bind"
NOT_DONE = "授权没有成功，请回到公众号，从菜单重新进入。"
FOUND, BAD_REQUEST, FORBIDDEN = 302, 400, 403


@dataclass(frozen=True, slots=True)
class Site:
    """`public_url`: where citizens reach this server, without a path."""

    account: str
    app_id: str
    public_url: str


class Pages:
    def __init__(self, site: Site, api: Api, clock: Clock) -> None:
        self._site = site
        self._api = api
        self._clock = clock
        self._ticket = Kept("jsapi_ticket", self._fetch_ticket, clock)

    def routes(self) -> tuple[WebRoute, ...]:
        return (
            WebRoute("GET", "bind", self.bind),
            WebRoute("GET", "oauth", self.oauth),
            WebRoute("GET", "jssdk", self.sdk),
        )

    async def bind(self, _request: WebRequest) -> WebResponse:
        browser = secrets.token_urlsafe(24)
        wanted = {
            "appid": self._site.app_id,
            "redirect_uri": f"{self._site.public_url}/hooks/{self._site.account}/oauth",
            "response_type": "code",
            "scope": BASE_SCOPE,
            "state": browser,
        }
        cookie = f"{binding.COOKIE}={browser}; Path=/; HttpOnly; SameSite=Lax; Max-Age={binding.LIFE.seconds}"
        if self._site.public_url.startswith("https:"):
            cookie += "; Secure"
        return _redirect(f"{AUTHORIZE}?{urlencode(wanted)}#wechat_redirect", {"Set-Cookie": cookie})

    async def oauth(self, request: WebRequest) -> WebResponse:
        """Back from WeChat. Somebody else's link leads nowhere: its `state` is not this browser's."""
        browser = _cookie(request)
        state, code = request.query.get("state", ""), request.query.get("code", "")
        if not (browser and code and hmac.compare_digest(browser.encode(), state.encode())):
            return WebResponse(FORBIDDEN, NOT_DONE.encode())
        try:
            openid = await self._api.openid_of(code)
        except (RefusedError, NotReachedError, InDoubtError) as error:
            log.warning("wechat_oauth_failed", account=self._site.account, reason=str(error))
            return WebResponse(BAD_REQUEST, NOT_DONE.encode())
        address = Address(MEDIUM, self._site.account, openid)
        ticket = binding.seal(address, browser, self._clock.now())
        return _redirect(f"{PAGE}?ticket={quote(ticket)}", {})

    async def sdk(self, request: WebRequest) -> WebResponse:
        """For `wx.config`, and only for pages of ours."""
        url = request.query.get("url", "")
        if not url.startswith(f"{self._site.public_url}/"):
            return WebResponse(FORBIDDEN)
        try:
            ticket = (await self._ticket.current()).text
        except (RefusedError, NotReachedError, InDoubtError) as error:
            log.warning("wechat_ticket_failed", account=self._site.account, reason=str(error))
            return WebResponse(BAD_REQUEST)
        stamp = int(self._clock.now().timestamp())
        config = jssdk.config(self._site.app_id, ticket, secrets.token_hex(8), stamp, url)
        return WebResponse(body=json.dumps(config).encode(), content_type="application/json")

    async def _fetch_ticket(self) -> tuple[str, float]:
        answer = await self._api.get("/cgi-bin/ticket/getticket", type="jsapi")
        try:
            return str(answer["ticket"]), float(answer["expires_in"])
        except (KeyError, ValueError) as error:
            raise InDoubtError("no ticket") from error


def _redirect(where: str, headers: dict[str, str]) -> WebResponse:
    quiet = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return WebResponse(FOUND, headers={"Location": where, **quiet, **headers})


def _cookie(request: WebRequest) -> str:
    try:
        found = SimpleCookie(request.headers.get("cookie", "")).get(binding.COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""
