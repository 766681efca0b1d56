"""A citizen of WeChat proves a number: tickets, codes, tries, and two contacts that become one."""

from datetime import timedelta

import pytest

from callcenter.domain.contacts import PHONE, Address, Contact
from callcenter.domain.errors import InvalidInputError
from callcenter.domain.messages import DeliveryState, Purpose
from callcenter.usecases import binding
from callcenter.usecases.binding import TicketError, TooOftenError, WrongCodeError
from tests.builders import FRIDAY_10, MOBILE

CITIZEN = Address("wechat", "wx-city", "o9AgO5Kd5ggOC-bXrbNODIiE3bGY")
BROWSER = "a-word-of-this-browser"


def ticket(context, citizen: Address = CITIZEN, browser: str = BROWSER) -> str:
    return binding.seal(citizen, browser, context.now())


async def texts(context, number: str = MOBILE):
    async with context.reading() as uow:
        return await uow.messages.sent_to(number, 50)


async def code_of(context, number: str = MOBILE) -> str:
    return (await texts(context, number))[0].params["code"]


async def contact_of(context, address: Address) -> Contact:
    async with context.uow() as uow:
        identity = await uow.contacts.identity(address)
        return await uow.contacts.get(identity.contact_id)


async def bound(context, number: str = MOBILE, citizen: Address = CITIZEN) -> str:
    sealed = ticket(context, citizen)
    await binding.begin(context, sealed, BROWSER, number)
    return await binding.confirm(context, sealed, BROWSER, await code_of(context, number))


# ----------------------------------------------------------------------------- tickets


def test_a_ticket_says_who_without_showing_it() -> None:
    sealed = binding.seal(CITIZEN, BROWSER, FRIDAY_10)
    assert binding.opened(sealed, BROWSER, FRIDAY_10 + timedelta(minutes=10)) == CITIZEN
    assert CITIZEN.user not in sealed


@pytest.mark.parametrize("late", [timedelta(minutes=10, seconds=1), -timedelta(minutes=10)])
def test_a_ticket_ends_after_ten_minutes_and_is_not_for_later(late) -> None:
    sealed = binding.seal(CITIZEN, BROWSER, FRIDAY_10)
    with pytest.raises(TicketError):
        binding.opened(sealed, BROWSER, FRIDAY_10 + late)


def test_a_ticket_is_of_use_in_the_browser_that_began_alone() -> None:
    sealed = binding.seal(CITIZEN, BROWSER, FRIDAY_10)
    for other in ("", "another"):
        with pytest.raises(TicketError):
            binding.opened(sealed, other, FRIDAY_10)


@pytest.mark.parametrize("made_up", ["", "x", "票", "gAAAAA" + "B" * 100])
def test_a_ticket_that_was_made_up_is_refused(made_up) -> None:
    with pytest.raises(TicketError):
        binding.opened(made_up, BROWSER, FRIDAY_10)


def test_a_ticket_that_was_changed_is_refused() -> None:
    sealed = binding.seal(CITIZEN, BROWSER, FRIDAY_10)
    for place in range(10, len(sealed) - 2, 7):
        changed = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
        with pytest.raises(TicketError):
            binding.opened(changed, BROWSER, FRIDAY_10)


# ----------------------------------------------------------------------------- codes


async def test_a_code_of_six_digits_goes_to_the_number_as_an_answer(context) -> None:
    assert await binding.begin(context, ticket(context), BROWSER, f"+86 {MOBILE[:3]} {MOBILE[3:]}") == MOBILE
    (text,) = await texts(context)
    assert (text.channel, text.purpose, text.state) == ("sms", Purpose.REPLY, DeliveryState.QUEUED)
    assert text.params["code"].isdigit()
    assert len(text.params["code"]) == 6
    assert text.params["code"] in text.text


async def test_the_code_itself_is_not_kept(context) -> None:
    await binding.begin(context, ticket(context), BROWSER, MOBILE)
    async with context.uow() as uow:
        kept = await uow.contacts.phone_code(CITIZEN)
    assert await code_of(context) not in kept.digest
    assert kept.expires_at == context.now() + timedelta(minutes=10)


@pytest.mark.parametrize("number", ["", "12345", "057188888888", "1380000552", "13800005526x", "十三八"])
async def test_a_code_goes_to_mobile_numbers_only(context, number) -> None:
    with pytest.raises(InvalidInputError):
        await binding.begin(context, ticket(context), BROWSER, number)


async def test_a_minute_lies_between_two_codes_and_the_first_is_void_then(context) -> None:
    sealed = ticket(context)
    await binding.begin(context, sealed, BROWSER, MOBILE)
    first = await code_of(context)
    context.clock.pass_by(seconds=59)
    with pytest.raises(TooOftenError):
        await binding.begin(context, sealed, BROWSER, MOBILE)
    context.clock.pass_by(seconds=1)
    await binding.begin(context, sealed, BROWSER, MOBILE)
    if await code_of(context) != first:
        with pytest.raises(WrongCodeError):
            await binding.confirm(context, sealed, BROWSER, first)


async def test_nobody_can_flood_a_number_with_codes(context) -> None:
    for turn in range(5):
        await binding.begin(
            context, ticket(context, Address("wechat", "wx-city", f"o{turn}")), BROWSER, MOBILE
        )
        context.clock.pass_by(seconds=1)
    with pytest.raises(TooOftenError):
        await binding.begin(context, ticket(context), BROWSER, MOBILE)
    context.clock.pass_by(hours=1)
    await binding.begin(context, ticket(context), BROWSER, MOBILE)


async def test_after_three_wrong_tries_the_right_code_is_of_no_use(context) -> None:
    sealed = ticket(context)
    await binding.begin(context, sealed, BROWSER, MOBILE)
    right = await code_of(context)
    wrong = f"{(int(right) + 1) % 1_000_000:06}"
    said = []
    for code in (wrong, wrong, wrong, right):
        with pytest.raises(WrongCodeError) as refused:
            await binding.confirm(context, sealed, BROWSER, code)
        said.append(str(refused.value))
    assert ["2 次" in said[0], "1 次" in said[1], "重新获取" in said[2], "失效" in said[3]] == [True] * 4


async def test_a_code_ends_after_ten_minutes(context) -> None:
    await binding.begin(context, ticket(context), BROWSER, MOBILE)
    context.clock.pass_by(minutes=10)
    with pytest.raises(WrongCodeError):
        await binding.confirm(context, ticket(context), BROWSER, await code_of(context))


async def test_a_code_is_of_use_once_and_to_whom_it_was_given(context) -> None:
    sealed = ticket(context)
    await binding.begin(context, sealed, BROWSER, MOBILE)
    code = await code_of(context)
    other = ticket(context, Address("wechat", "wx-city", "o-another"))
    with pytest.raises(WrongCodeError):
        await binding.confirm(context, other, BROWSER, code)
    assert await binding.confirm(context, sealed, BROWSER, code) == MOBILE
    with pytest.raises(WrongCodeError):
        await binding.confirm(context, sealed, BROWSER, code)


# ----------------------------------------------------------------------------- one contact


async def test_who_wrote_and_who_called_are_one_contact_then(context) -> None:
    async with context.uow() as uow:
        caller = Contact("c-phone", MOBILE, context.now(), name="王女士")
        await uow.contacts.ensure(Address(PHONE, "", MOBILE), caller)
        writer = Contact("c-wechat", "", context.now(), language="dialect", flags=["老年人"])
        await uow.contacts.ensure(CITIZEN, writer)
        await uow.commit()
    assert await bound(context) == MOBILE
    one = await contact_of(context, CITIZEN)
    assert one.id == (await contact_of(context, Address(PHONE, "", MOBILE))).id == "c-phone"
    assert (one.name, one.language, one.flags) == ("王女士", "dialect", ["老年人"])
    async with context.reading() as uow:
        assert (await uow.contacts.get("c-wechat")).merged_into == "c-phone"


async def test_neither_needs_to_be_known_before(context) -> None:
    await bound(context)
    assert (await contact_of(context, CITIZEN)).number == MOBILE


async def test_a_second_number_of_the_same_citizen_brings_its_history_along(context) -> None:
    await bound(context)
    context.clock.pass_by(minutes=1)
    await bound(context, "13900001234")
    one = await contact_of(context, CITIZEN)
    assert one.id == (await contact_of(context, Address(PHONE, "", MOBILE))).id
    assert one.id == (await contact_of(context, Address(PHONE, "", "13900001234"))).id


async def test_binding_the_same_number_again_changes_nothing(context) -> None:
    await bound(context)
    before = await contact_of(context, CITIZEN)
    context.clock.pass_by(minutes=1)
    await bound(context)
    assert (await contact_of(context, CITIZEN)).id == before.id


async def test_nobody_gets_rid_of_a_block_by_binding_a_number(context) -> None:
    until = context.now() + timedelta(days=30)
    async with context.uow() as uow:
        nuisance = Contact("c-wechat", "", context.now(), blocked_until=until, blocked_reason="辱骂")
        await uow.contacts.ensure(CITIZEN, nuisance)
        await uow.commit()
    await bound(context)
    one = await contact_of(context, CITIZEN)
    assert (one.blocked_until, one.blocked_reason) == (until, "辱骂")
