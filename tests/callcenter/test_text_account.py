"""Which account carries the texts, and that its settings are what the channel takes."""

from datetime import UTC, datetime

import pytest

from callcenter.app import text_channel
from callcenter.config import Cmpp, Secrets, Settings, SettingsError, Smpp
from messaging import channels
from messaging.channels import Surroundings
from tests.messaging.fake_outbox import FakeFragments, FakeInbox, ManualClock

SMSC = Smpp(host="127.0.0.1", system_id="hotline")
GATEWAY = Cmpp(host="127.0.0.1", sp_id="900001", version="3.0", extension_digits=4)
SECRETS = Secrets(smpp="secret", cmpp="topsecret")


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        (Settings(smpp=Smpp(), cmpp=Cmpp(), secrets=SECRETS), "memory"),
        (Settings(smpp=SMSC, cmpp=Cmpp(), secrets=SECRETS), "sms_smpp"),
        (Settings(smpp=Smpp(), cmpp=GATEWAY, secrets=SECRETS), "sms_cmpp"),
    ],
)
async def test_the_account_with_a_host_carries_the_texts(settings, kind):
    chosen = text_channel(settings)
    assert (chosen.name, chosen.kind) == ("sms", kind)
    around = Surroundings(FakeInbox(), FakeFragments(), ManualClock(datetime(2026, 11, 20, tzinfo=UTC)), None)
    assert channels.build(chosen.kind, chosen.name, chosen.options, around).name == "sms"
    assert "secret" not in repr(chosen)


def test_two_accounts_at_once_are_refused_with_a_sentence():
    with pytest.raises(SettingsError, match=r"smpp\.host 和 cmpp\.host"):
        text_channel(Settings(smpp=SMSC, cmpp=GATEWAY, secrets=SECRETS))
