"""What goes out of a WeChat account, beside a platform that keeps its quotas."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from callcenter.domain.messages import Attachment, Fault, Kind, Outcome, PlanError
from messaging.channels import build
from tests.messaging.waiting import eventually
from tests.messaging.wechat.desk import AES_KEY, a_message, open_desk
from tests.peers.wechat.platform import Trouble
from tests.peers.wechat.pushing import CITIZEN

SEND = "/cgi-bin/message/custom/send"
TOKEN = "/cgi-bin/stable_token"
JPEG = b"\xff\xd8\xff\xe0" + b"picture" * 100
TEMPLATES = {
    "resolved": {"id": "T-resolved", "fields": {"character_string1": "{case_number}", "thing2": "{title}"}},
    "survey": {"id": "S-survey", "kind": "subscription", "fields": {"thing1": "{title}"}},
}
PARAMS = {"case_number": "20261120-0012", "title": "文昌路路灯不亮"}


async def test_a_text_goes_as_a_customer_service_message() -> None:
    async with open_desk() as desk:
        desk.citizen_wrote()
        result = await desk.send("您反映的路灯已修好 😀")
        assert (result.outcome, result.ref) == (Outcome.ACCEPTED, "")
        (sent,) = desk.platform.books.sent
        assert (sent.openid, sent.text) == (CITIZEN, "您反映的路灯已修好 😀")


async def test_a_long_text_goes_in_pieces_in_their_order() -> None:
    async with open_desk() as desk:
        desk.citizen_wrote()
        text = "路灯坏了。" * 300
        results = await desk.send_parts(a_message(text))
        assert [result.outcome for result in results] == [Outcome.ACCEPTED] * 3
        assert "".join(sent.text for sent in desk.platform.books.sent) == text


async def test_the_sixth_message_finds_the_quota_used_and_nothing_is_burnt_for_it() -> None:
    async with open_desk() as desk:
        desk.citizen_wrote()
        results = [await desk.send() for _ in range(6)]
        assert [result.outcome for result in results] == [Outcome.ACCEPTED] * 5 + [Outcome.REJECTED]
        assert (results[5].code, results[5].fault) == ("quota_used", Fault.RECIPIENT)
        desk.citizen_wrote()
        assert (await desk.send()).outcome is Outcome.ACCEPTED


async def test_after_48_hours_the_window_is_closed() -> None:
    async with open_desk() as desk:
        desk.citizen_wrote()
        desk.clock.tick(hours=48, seconds=1)
        assert (await desk.send()).code == "window_closed"


async def test_after_a_key_three_messages_in_a_minute() -> None:
    async with open_desk() as desk:
        desk.platform.books.citizen(CITIZEN).pressed(desk.clock.now())
        assert [(await desk.send()).code for _ in range(4)] == ["", "", "", "quota_used"]
        desk.platform.books.citizen(CITIZEN).pressed(desk.clock.now())
        desk.clock.tick(seconds=61)
        assert (await desk.send()).code == "window_closed"


# ----------------------------------------------------------------------------- notices


async def test_with_the_window_closed_a_form_on_file_goes_instead() -> None:
    async with open_desk(templates=TEMPLATES) as desk:
        desk.platform.books.citizen(CITIZEN)
        desk.platform.books.forms["T-resolved"] = frozenset({"character_string1", "thing2"})
        result = await desk.send(template="resolved", params=PARAMS)
        (notice,) = desk.platform.books.notices
        assert (result.outcome, result.code, result.ref) == (Outcome.ACCEPTED, "notice", str(notice.number))
        assert notice.data == {"character_string1": "20261120-0012", "thing2": "文昌路路灯不亮"}


async def test_a_subscription_notice_goes_once_per_consent_and_has_no_number() -> None:
    async with open_desk(templates=TEMPLATES) as desk:
        citizen = desk.platform.books.citizen(CITIZEN)
        citizen.following, citizen.consents = False, 1
        desk.platform.books.forms["S-survey"] = frozenset({"thing1"})
        first = await desk.send(template="survey", params=PARAMS)
        assert (first.outcome, first.ref) == (Outcome.ACCEPTED, "")
        second = await desk.send(template="survey", params=PARAMS)
        assert (second.outcome, second.code, second.fault) == (
            Outcome.REJECTED,
            "window_closed",
            Fault.RECIPIENT,
        )


@pytest.mark.parametrize(
    ("template", "params", "trouble"),
    [
        ("", PARAMS, None),
        ("accepted", PARAMS, None),
        ("resolved", {"title": "路灯"}, None),
        ("resolved", PARAMS, Trouble(number=43004)),
        ("resolved", PARAMS, Trouble(number=47003)),
        ("resolved", PARAMS, Trouble(number=48001)),
    ],
)
async def test_without_a_notice_the_closed_window_is_the_answer(template, params, trouble) -> None:
    """The core sends an SMS then."""
    async with open_desk(templates=TEMPLATES) as desk:
        desk.citizen_wrote()
        desk.platform.books.forms["T-resolved"] = frozenset({"character_string1", "thing2"})
        desk.platform.troubles[SEND] = [Trouble(number=45047)]
        if trouble is not None:
            desk.platform.troubles["/cgi-bin/message/template/send"] = [trouble]
        result = await desk.send(template=template, params=params)
        assert (result.outcome, result.code) == (Outcome.REJECTED, "quota_used")
        assert desk.platform.books.notices == []


async def test_a_notice_without_an_answer_is_in_doubt() -> None:
    async with open_desk(templates=TEMPLATES) as desk:
        desk.platform.books.citizen(CITIZEN)
        desk.platform.troubles["/cgi-bin/message/template/send"] = [Trouble(status=502)]
        result = await desk.send(template="resolved", params=PARAMS)
        assert result.outcome is Outcome.UNKNOWN


async def test_inside_the_window_nothing_but_the_text_goes() -> None:
    async with open_desk(templates=TEMPLATES) as desk:
        desk.citizen_wrote()
        assert (await desk.send(template="resolved", params=PARAMS)).code == ""
        assert desk.platform.books.notices == []


# ----------------------------------------------------------------------------- files


async def test_a_picture_is_uploaded_and_sent() -> None:
    async with open_desk() as desk:
        desk.citizen_wrote()
        digest = await desk.media.put(JPEG)
        picture = Attachment(digest, Kind.IMAGE, "image/jpeg", "王先生的照片.jpg")
        (result,) = await desk.send_parts(a_message("", attachment=picture))
        assert result.outcome is Outcome.ACCEPTED
        (sent,) = desk.platform.books.sent
        file = desk.platform.books.files[sent.media_id]
        assert (sent.kind, file.content, file.mime) == ("image", JPEG, "image/jpeg")


@pytest.mark.parametrize(
    ("kind", "mime"),
    [(Kind.FILE, "application/pdf"), (Kind.IMAGE, "image/webp"), (Kind.VIDEO, "video/mp4")],
)
async def test_what_wechat_cannot_carry_is_said_when_it_is_planned(kind, mime) -> None:
    async with open_desk(begun=False) as desk:
        with pytest.raises(PlanError, match="kind_not_taken"):
            desk.channel.plan(a_message("", attachment=Attachment("0" * 64, kind, mime)))
        with pytest.raises(PlanError, match="empty"):
            desk.channel.plan(a_message(" \n"))


async def test_a_file_that_is_too_large_or_gone_is_rejected() -> None:
    async with open_desk() as desk:
        large = Attachment(await desk.media.put(b"x" * (10 * 1024**2 + 1)), Kind.IMAGE, "image/png")
        gone = Attachment("0" * 64, Kind.IMAGE, "image/png")
        codes = [(await desk.send_parts(a_message("", attachment=file)))[0].code for file in (large, gone)]
        assert codes == ["too_large", "file_gone"]


async def test_an_upload_without_an_answer_leaves_nothing_in_doubt() -> None:
    async with open_desk() as desk:
        picture = Attachment(await desk.media.put(JPEG), Kind.IMAGE, "image/jpeg")
        desk.platform.troubles["/cgi-bin/media/upload"] = [Trouble(status=504)]
        (result,) = await desk.send_parts(a_message("", attachment=picture))
        assert (result.outcome, result.fault) == (Outcome.RETRY, Fault.LINK)


# ----------------------------------------------------------------------------- refusals and silence


async def test_the_daily_quota_rests_the_account_until_midnight() -> None:
    async with open_desk() as desk:
        desk.platform.troubles[SEND] = [Trouble(number=45009)]
        result = await desk.send()
        assert (result.outcome, result.fault, result.code) == (Outcome.RETRY, Fault.ACCOUNT, "daily_quota")
        assert result.retry_after == timedelta(hours=12)
        assert desk.channel.trouble == ""  # the relay would wait for the end of a trouble for ever


async def test_somebody_we_do_not_know_is_the_recipients_fault() -> None:
    async with open_desk() as desk:
        assert (await desk.send(to="nobody")).code == "bad_address"


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(silent=True),
        Trouble(status=502),
        Trouble(body=b"<html>gateway</html>"),
        Trouble(body=b"[]"),
        Trouble(body=b"{" + b" " * 300_000 + b"}"),
    ],
)
async def test_an_answer_that_never_came_or_is_none_leaves_the_outcome_unknown(trouble) -> None:
    async with open_desk(answer_limit_s=0.3) as desk:
        desk.citizen_wrote()
        trouble.takes = not trouble.silent
        desk.platform.troubles[SEND] = [trouble]
        result = await desk.send()
        assert (result.outcome, result.fault) == (Outcome.UNKNOWN, Fault.LINK)
        assert desk.platform.asked[SEND] == 1


async def test_a_platform_that_cannot_be_reached_took_nothing() -> None:
    async with open_desk(begun=False, api_url="http://127.0.0.1:9") as desk:
        result = await desk.send()
        assert (result.outcome, result.fault, result.code) == (Outcome.RETRY, Fault.LINK, "not_reached")


async def test_a_token_that_never_comes_leaves_nothing_in_doubt() -> None:
    async with open_desk(begun=False) as desk:
        desk.platform.troubles[TOKEN] = [Trouble(status=502)]
        result = await desk.send()
        assert (result.outcome, result.code) == (Outcome.RETRY, "not_reached")


# ----------------------------------------------------------------------------- the token


async def test_an_ended_token_is_fetched_anew_once_and_the_message_goes() -> None:
    async with open_desk() as desk:
        desk.citizen_wrote()
        desk.platform.books.new_token()  # somebody forced a renewal: ours is worth nothing now
        desk.platform.books.token += "-forced"
        asked = desk.platform.books.tokens_asked
        assert (await desk.send()).outcome is Outcome.ACCEPTED
        assert desk.platform.books.tokens_asked == asked + 1


async def test_a_token_refused_for_ever_is_fetched_a_few_times_only() -> None:
    """wechatpy's client fetches until the stack is full, and the day's quota with it."""
    async with open_desk() as desk:
        desk.citizen_wrote()
        desk.platform.troubles[SEND] = [Trouble(number=40001, lasts=True)]
        results = [await desk.send() for _ in range(30)]
        assert {(r.outcome, r.fault, r.code) for r in results} == {
            (Outcome.RETRY, Fault.ACCOUNT, "token_refused")
        }
        assert desk.platform.asked[TOKEN] == 2
        desk.clock.tick(minutes=10)
        await desk.send()
        assert desk.platform.asked[TOKEN] <= 4


async def test_an_account_that_gets_no_token_says_why_and_tries_again_by_itself() -> None:
    async with open_desk(begun=False) as desk:
        desk.platform.books.listed = False
        await desk.channel.open()
        await eventually(lambda: desk.channel.trouble == "address_not_listed")
        desk.platform.books.listed = True
        desk.clock.tick(seconds=2)
        await eventually(lambda: not desk.channel.trouble)


async def test_with_a_wrong_secret_the_account_says_so_at_once() -> None:
    async with open_desk(begun=False, secret="wrong") as desk:
        await desk.channel.open()
        await eventually(lambda: desk.channel.trouble == "bad_secret")
        result = await desk.send()
        assert (result.fault, result.code) == (Fault.ACCOUNT, "bad_secret")


async def test_an_address_that_is_not_listed_rests_the_account() -> None:
    async with open_desk(begun=False) as desk:
        desk.platform.books.listed = False
        result = await desk.send()
        assert (result.fault, result.code) == (Fault.ACCOUNT, "address_not_listed")
        assert result.retry_after == timedelta(minutes=15)


# ----------------------------------------------------------------------------- menu and settings

MENU = (
    {"name": "我要反映", "key": "report"},
    {
        "name": "查询",
        "below": [{"name": "查进度", "key": "progress"}, {"name": "网站", "url": "https://a.cn"}],
    },
)


async def test_the_menu_is_written_once_and_again_only_when_it_is_another() -> None:
    async with open_desk(menu=MENU) as desk:
        await eventually(lambda: desk.platform.books.menus_written == 1)
        async with open_desk(menu=MENU, platform=desk.platform) as again:
            await eventually(lambda: again.platform.asked["/cgi-bin/menu/get"] == 2)
        assert desk.platform.books.menus_written == 1
        async with open_desk(menu=MENU[:1], platform=desk.platform):
            await eventually(lambda: desk.platform.books.menus_written == 2)


async def test_a_menu_that_cannot_be_written_holds_nothing_up() -> None:
    async with open_desk(begun=False, menu=MENU) as desk:
        desk.platform.troubles["/cgi-bin/menu/create"] = [Trouble(number=48001)]
        desk.citizen_wrote()
        await desk.channel.open()
        await eventually(lambda: desk.platform.asked["/cgi-bin/menu/create"] == 1)
        assert (await desk.send()).outcome is Outcome.ACCEPTED
        assert desk.channel.trouble == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"aes_key": AES_KEY[:-1]},
        {"menu": [*MENU, *MENU]},
        {"public_url": "hotline.example.gov.cn"},
        {"passive_wait_s": 5},
        {"colour": "red"},
        {"templates": {"resolved": {"fields": {}}}},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(wrong) -> None:
    options = {"app_id": "wx1", "secret": "s", "token": "AAAAA", **wrong}
    with pytest.raises(ValidationError) as refused:
        build("wechat", "wx", options, None)
    assert AES_KEY[:-1] not in str(refused.value)
