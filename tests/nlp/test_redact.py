from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.redact import MARKS, Kind, TextRedactor, private, redact

HOSTILE = 200_000


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("我电话13800005526，请回电", "我电话〔电话〕，请回电"),
        ("手机138 0000 5526或138-0000-5526", "手机〔电话〕或〔电话〕"),
        ("+86 13800005526", "〔电话〕"),
        ("１３８００００５５２６打我", "〔电话〕打我"),
        ("电话幺三八零零零零五五二六", "电话〔电话〕"),
        ("座机0571-88886666转801", "座机〔电话〕"),
        ("(0571)88886666", "〔电话〕"),
        ("联系电话：8888 6666", "联系电话：〔电话〕"),
        ("身份证11010519491231002X", "身份证〔证件号〕"),
        ("证件 110105194912310021 在此", "证件 110105194912310021 在此"),
        ("身份证号：110105194912310021", "身份证号：〔证件号〕"),
        ("老证号130503670401001是我的", "老证号〔证件号〕是我的"),
        ("卡号6222 0210 0111 6245 702转账", "卡号〔银行卡〕转账"),
        ("付到4111111111111111", "付到〔银行卡〕"),
        ("车牌浙A12345乱停", "车牌〔车牌〕乱停"),
        ("一辆浙A·D12345堵门", "一辆〔车牌〕堵门"),
        ("粤B1234警停在路边", "粤B1234警停在路边".replace("粤B1234警", "〔车牌〕")),
        ("发到zhang.san@example.com谢谢", "发到〔邮箱〕谢谢"),
        ("微信号abc_12345加我", "微信号〔账号〕加我"),
        ("王先生反映路灯不亮", "〔姓名〕先生反映路灯不亮"),
        ("李建国女士来电", "〔姓名〕女士来电"),
        ("欧阳阿姨摔倒了", "〔姓名〕阿姨摔倒了"),
        ("我叫张小明，住文昌路86号", "我叫〔姓名〕，住文昌路86号"),
        ("联系人：陈静 电话", "联系人：〔姓名〕 电话"),
        ("我姓赵", "我姓〔姓名〕"),
        ("我是张伟的邻居，市民李江的车", "我是〔姓名〕的邻居，市民〔姓名〕的车"),
        ("市民刘伟反映垃圾没人清", "市民〔姓名〕反映垃圾没人清"),
    ],
)
def test_what_is_private_is_taken_out(text, left):
    assert redact(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "罚款1380元，2026年11月21日14:30交的",
        "案件LJ20261121000001，订单号20261121000001，请查",
        "快递单号773012345678901",
        "文昌路86号3幢2单元1203室",
        "拨打12345或110，也可打96196",
        "面积138.5平方米，单价13800元",
        "老百姓说周边先生们都不管",
        "姓名不用登记，路灯坏了",
        "广场舞阿姨太吵，司机师傅不停车",
        "业主反映电梯坏了，市民投诉噪音",
        "王家村到张江路一段没有路灯",
        "坐16路到新城B区12345号窗口",
        "2026-11-21到2026-12-31停水",
        "我是李庄村的，市民张江路的路灯不亮，居民王家桥的",
        "群众路线",
        "新System打不开，新Camera坏了",
        "电费账单202611共计88886666分",
    ],
)
def test_what_is_needed_stays(text):
    assert redact(text) == text


def test_spans_are_in_order_and_name_the_kind():
    found = private("王先生13800005526")
    assert [(one.start, one.end, one.kind) for one in found] == [(0, 1, Kind.NAME), (3, 14, Kind.PHONE)]
    assert TextRedactor().redact("王先生") == MARKS.format("姓名") + "先生"


ALPHABET = "王李建国先生女士我叫姓13800005526-（）　，。浙AD·@.comx身份证号卡〔电话〕"


@given(st.text(alphabet=ALPHABET, max_size=80))
def test_doing_it_twice_changes_nothing_and_spans_never_overlap(text):
    once = redact(text)
    ends = [(one.start, one.end) for one in private(text)]
    assert all(first[1] <= second[0] for first, second in pairwise(ends))
    assert all(start < end <= len(text) for start, end in ends)
    assert redact(once) == once


@pytest.mark.parametrize("unit", ["1", "王", "0571-", "a@", "浙A", "我叫王", "13800005526", "姓", "卡号"])
def test_hostile_text_ends(unit):
    """The test's own limit of two minutes is more than a linear pass needs, less than any other."""
    text = unit * (HOSTILE // len(unit))
    assert redact(redact(text)) == redact(text)
