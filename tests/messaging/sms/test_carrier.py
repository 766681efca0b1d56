"""What every account at a carrier plans, before any link is up."""

import pytest

from callcenter.domain.messages import Fault, PlanError
from messaging.channels import build
from messaging.sms import text
from messaging.sms.carrier import joint
from tests.messaging.channels.conftest import CMPP, SMPP, surroundings
from tests.messaging.fake_outbox import outbound

LONG = "您反映的文昌路路面塌陷已受理，" * 10


@pytest.fixture(params=[("sms_cmpp", CMPP), ("sms_smpp", SMPP)], ids=["cmpp", "smpp"])
async def channel(request):
    kind, options = request.param
    return build(kind, "sms-a", {**options, "host": "127.0.0.1", "per_second": 50}, surroundings())


async def test_the_contracts_rate_is_the_relays_to_keep(channel):
    assert (channel.medium, channel.rate.per_second) == ("sms", 50)


async def test_a_plan_is_the_same_for_every_try(channel):
    assert channel.plan(outbound("m1", LONG)) == channel.plan(outbound("m1", LONG))


async def test_parts_count_from_nought_and_bear_the_messages_own_octet(channel):
    parts = channel.plan(outbound("m1", LONG))
    places = [text.split_header(part.content.payload)[0] for part in parts]
    assert [part.number for part in parts] == [0, 1, 2]
    assert [(place.reference, place.number, place.total) for place in places] == [
        (joint("m1"), number, 3) for number in (1, 2, 3)
    ]


def test_messages_spread_over_all_octets():
    assert {joint(f"m{n}") for n in range(3000)} == set(range(256))


@pytest.mark.parametrize(
    "to", ["1" * 40, "", "12", "o-openid", "张三", "138 0000", "１３８００００００００", "1\n"]
)
async def test_what_is_no_number_is_the_recipients_fault(channel, to):
    with pytest.raises(PlanError) as error:
        channel.plan(outbound(to=to))
    assert (error.value.code, error.value.fault) == ("bad_address", Fault.RECIPIENT)


@pytest.mark.parametrize(("words", "code"), [("字" * 67 * 256, "too_long"), ("", "no_text")])
async def test_what_can_never_go_is_refused_before_the_wire(channel, words, code):
    with pytest.raises(PlanError) as error:
        channel.plan(outbound(text=words))
    assert (error.value.code, error.value.fault) == (code, Fault.MESSAGE)
