"""The page's own channel takes everything and confirms nothing: the page does, when it has read it."""

import pytest
from pydantic import ValidationError

from callcenter.domain.messages import Outcome
from messaging import channels
from tests.messaging.channels.conftest import surroundings
from tests.messaging.fake_outbox import FakeInbox, outbound


async def test_a_message_is_taken_under_its_own_id_and_waits_to_be_read():
    inbox = FakeInbox()
    channel = channels.build("web", "web", {}, surroundings(inbox))
    await channel.open()
    message = outbound("m7")
    (part,) = channel.plan(message)
    result = await channel.send(message, part)
    await channel.close()
    assert (channel.medium, channel.trouble) == ("web", "")
    assert (result.outcome, result.ref) == (Outcome.ACCEPTED, "m7")
    assert inbox.receipts == []


def test_there_is_nothing_to_set():
    with pytest.raises(ValidationError, match="colour"):
        channels.build("web", "web", {"colour": "red"}, surroundings())
