"""Who opened our page inside WeChat, and leave to use its choosers."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from callcenter.domain.contacts import Address
from callcenter.ports import WebRequest, WebResponse
from callcenter.usecases import binding
from messaging.wechat.jssdk import signature
from tests.messaging.wechat.desk import ACCOUNT, Desk, open_desk
from tests.peers.wechat.platform import Trouble
from tests.peers.wechat.pushing import CITIZEN

SITE = "https://hotline.example.gov.cn"


async def opened(desk: Desk, path: str, cookie: str = "", **query: str) -> WebResponse:
    headers = {"cookie": f"theme=dark; {binding.COOKIE}={cookie}"} if cookie else {}
    return await desk.route(path).handler(WebRequest(query, headers, b""))


def browser_of(response: WebResponse) -> str:
    name, _, rest = response.headers["Set-Cookie"].partition("=")
    assert name == binding.COOKIE
    return rest.split(";")[0]


async def test_the_way_to_a_ticket_and_back_to_the_citizen() -> None:
    async with open_desk(public_url=SITE) as desk:
        begun = await opened(desk, "bind")
        browser, asked = browser_of(begun), urlsplit(begun.headers["Location"])
        wanted = {name: values[0] for name, values in parse_qs(asked.query).items()}
        assert (begun.status, asked.netloc, asked.fragment) == (302, "open.weixin.qq.com", "wechat_redirect")
        assert wanted["redirect_uri"] == f"{SITE}/hooks/{ACCOUNT}/oauth"
        assert wanted["scope"] == "snsapi_base"

        desk.platform.books.codes["code-1"] = CITIZEN
        back = await opened(desk, "oauth", browser, code="code-1", state=wanted["state"])
        page = urlsplit(back.headers["Location"])
        ticket = parse_qs(page.query)["ticket"][0]
        assert (back.status, page.path) == (302, "/c/bind")
        assert CITIZEN not in back.headers["Location"]
        assert binding.opened(ticket, browser, desk.clock.now()) == Address("wechat", ACCOUNT, CITIZEN)


async def test_the_cookie_is_for_the_browser_alone_and_addresses_are_kept_from_others() -> None:
    async with open_desk(begun=False, public_url=SITE) as desk:
        headers = (await opened(desk, "bind")).headers
        for word in ("HttpOnly", "Secure", "SameSite=Lax", "Max-Age=600"):
            assert word in headers["Set-Cookie"]
        assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")


@pytest.mark.parametrize(
    ("cookie", "query"),
    [
        ("", {"code": "code-1", "state": "mine"}),
        ("mine", {"code": "code-1", "state": "somebody-elses"}),
        ("mine", {"code": "code-1"}),
        ("mine", {"state": "mine"}),
        ("mine", {"code": "code-1", "state": "签名"}),
        ("\x7f{}", {"code": "code-1", "state": "{}"}),
    ],
)
async def test_a_link_of_somebody_else_leads_nowhere(cookie, query) -> None:
    async with open_desk(begun=False, public_url=SITE) as desk:
        desk.platform.books.codes["code-1"] = CITIZEN
        answer = await opened(desk, "oauth", cookie, **query)
        assert answer.status == 403
        assert "code-1" in desk.platform.books.codes


@pytest.mark.parametrize(
    "trouble", [None, Trouble(status=502), Trouble(body=b'{"errcode": 0}'), Trouble(number=-1)]
)
async def test_a_code_that_is_no_good_ends_in_words(trouble) -> None:
    async with open_desk(begun=False, public_url=SITE) as desk:
        if trouble is not None:
            desk.platform.troubles["/sns/oauth2/access_token"] = [trouble]
        answer = await opened(desk, "oauth", "mine", code="made-up", state="mine")
        assert answer.status == 400
        assert "重新进入" in answer.body.decode()


async def test_a_page_of_ours_may_use_the_choosers() -> None:
    async with open_desk(public_url=SITE) as desk:
        url = f"{SITE}/c/report?from=menu"
        answers = [await opened(desk, "jssdk", url=url) for _ in range(3)]
        config = json.loads(answers[0].body)
        expected = signature("ticket-1", config["nonceStr"], config["timestamp"], url)
        assert (config["appId"], config["signature"]) == ("wx1234567890abcdef", expected)
        assert desk.platform.books.tickets_asked == 1


@pytest.mark.parametrize("url", ["", "https://elsewhere.example/", f"{SITE}.elsewhere.example/"])
async def test_pages_of_others_may_not(url) -> None:
    async with open_desk(begun=False, public_url=SITE) as desk:
        assert (await opened(desk, "jssdk", url=url)).status == 403


async def test_without_the_ticket_the_page_goes_without() -> None:
    async with open_desk(public_url=SITE) as desk:
        desk.platform.troubles["/cgi-bin/ticket/getticket"] = [Trouble(number=48001)]
        assert (await opened(desk, "jssdk", url=f"{SITE}/c")).status == 400


async def test_without_a_public_address_there_are_no_pages() -> None:
    async with open_desk(begun=False) as desk:
        assert {route.path for route in desk.channel.routes()} == {"push"}


async def test_over_a_plain_address_the_cookie_is_kept_all_the_same() -> None:
    async with open_desk(begun=False, public_url="http://127.0.0.1:8080") as desk:
        headers = (await opened(desk, "bind")).headers
        assert "Secure" not in headers["Set-Cookie"]
