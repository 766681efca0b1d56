import pytest

from messaging.mail.quotes import newest

HISTORIES = [
    "On Fri, Nov 20, 2026 at 12:00 PM 12345 <12345@lanjiang.example> wrote:\n> 您好",
    "On Fri, Nov 20, 2026 at 12:00 PM\n12345 <12345@lanjiang.example> wrote:\n> 您好",
    "12345 <12345@lanjiang.example> 于2026年11月20日周五 12:00写道：\n> 您好",
    "2026年11月20日 12:00，12345 <12345@lanjiang.example> 写道：\n> 您好",
    '在 2026-11-20 12:00:00，"12345" <12345@lanjiang.example> 写道：\n您好',
    "------------------ 原始邮件 ------------------\n发件人: 12345\n您好",
    "-----原始邮件-----\n发件人:12345",
    "----- 回复的原邮件 -----\n您好",
    "-----Original Message-----\nFrom: 12345\n您好",
    "发件人: 12345\n发送时间: 2026年11月20日 12:00\n收件人: 王伟\n主题: 路灯\n\n您好",
    "From: 12345\nSent: Friday\nTo: Wang\nSubject: x\n\n您好",
    "________________________________\nFrom: 12345",
    "> 您好\n> 请问在哪里",
    "-- \n王伟\n电话",
    "发自我的iPhone",
    "\n\nSent from my Huawei phone\n",
    "来自网易邮箱手机版",
]


@pytest.mark.parametrize("history", HISTORIES)
def test_history_is_cut_off(history):
    assert newest(f"路灯还是不亮。\n谢谢\n\n{history}") == "路灯还是不亮。\n谢谢"


def test_answers_between_quoted_lines_stay():
    assert newest("> 在哪里？\n文昌路\n> 几号？\n12号") == "文昌路\n12号"


@pytest.mark.parametrize(
    "text", ["-----原始邮件-----\n发件人: 物业\n停水通知", "> 停水通知", "发自我的iPhone"]
)
def test_where_nothing_would_be_left_everything_stays(text):
    assert newest(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "在建设路写道：有人在墙上乱写",
        "发件人：我想问一下\n没有回信",
        "On the way they wrote: nothing",
        "2026年11月20日停水，没有通知",
        "来自南埠区的市民，反映以下问题，请尽快处理：\n一、路灯不亮",
    ],
)
def test_what_only_looks_like_history_stays(text):
    assert newest(text) == text
