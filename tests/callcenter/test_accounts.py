"""Which accounts there are by the settings, that their kinds take them, and what a mistake is told."""

import sys
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from twisted.internet import reactor

from callcenter.accounts import accounts_of, extension_digits, open_accounts
from callcenter.config import Account, Secrets, Settings, SettingsError, load_settings
from messaging.channels import Surroundings
from tests.fakes import MemoryStore
from tests.messaging.fake_outbox import FakeFragments, FakeInbox, FakeOutbox, ManualClock

GATEWAY = Account(
    kind="sms_cmpp", host="127.0.0.1", sp_id="900001", version="3.0", source="12345", extension_digits=4
)
SMSC = Account(kind="sms_smpp", priority=2, host="127.0.0.1", system_id="hotline", source="12345")
SECRETS = Secrets(accounts={"mobile": {"secret": "topsecret"}, "spare": {"password": "secret"}})


def settings(accounts: dict[str, Account], secrets: Secrets = SECRETS) -> Settings:
    return Settings(accounts=accounts, secrets=secrets)


def opened(wanted: Settings):
    clock = ManualClock(datetime(2026, 11, 20, tzinfo=UTC))
    around = Surroundings(
        FakeInbox(), FakeFragments(), MemoryStore(), clock, reactor, ZoneInfo("Asia/Shanghai")
    )
    return open_accounts(wanted, FakeOutbox(), around)


def test_without_an_account_texts_go_to_the_simulator_and_the_page_is_there():
    found = accounts_of(settings({}, Secrets()))
    assert [(one.name, one.kind) for one in found] == [("sms", "memory"), ("web", "web")]


def test_accounts_come_with_their_secrets_and_never_show_them():
    found = accounts_of(settings({"mobile": GATEWAY, "spare": SMSC}))
    assert [(one.name, one.priority) for one in found] == [("mobile", 1), ("spare", 2), ("web", 1)]
    assert found[0].options["secret"] == "topsecret"
    assert "topsecret" not in repr(found)


async def test_every_kind_takes_what_its_settings_say():
    messaging = opened(settings({"mobile": GATEWAY, "spare": SMSC}))
    assert [(one.name, one.medium) for one in messaging.health()] == [
        ("mobile", "sms"),
        ("spare", "sms"),
        ("web", "web"),
    ]


def test_the_extension_digits_belong_to_their_account():
    assert extension_digits(settings({"mobile": GATEWAY, "spare": SMSC})) == {"mobile": 4}


def test_an_unknown_kind_is_named_with_those_that_there_are():
    with pytest.raises(SettingsError, match=r"pigeon.*sms_cmpp"):
        opened(settings({"mobile": Account(kind="pigeon")}, Secrets()))


def test_a_missing_option_is_named_and_no_value_is_told():
    with pytest.raises(SettingsError, match="sp_id") as told:
        opened(settings({"mobile": Account(kind="sms_cmpp", host="h", source="1")}, SECRETS_OF_ONE))
    assert "topsecret" not in str(told.value)


def test_a_library_that_is_not_installed_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "alibabacloud_dysmsapi20170525.client", None)
    cloud = Account(kind="sms_aliyun", key_id="k", key_secret="topsecret", sign_name="澜江12345")
    with pytest.raises(SettingsError, match=r"hotline-12345\[aliyun\]"):
        opened(settings({"cloud": cloud}, Secrets()))


SECRETS_OF_ONE = Secrets(accounts={"mobile": {"secret": "topsecret"}})


def test_a_secret_without_an_account_is_a_mistake():
    with pytest.raises(SettingsError, match="spare"):
        accounts_of(settings({"mobile": GATEWAY}))


async def test_accounts_can_be_given_by_the_environment(monkeypatch, tmp_path):
    for name, value in {
        "HOTLINE_CONFIG": str(tmp_path / "none.toml"),
        "HOTLINE_STATE_DIR": str(tmp_path),
        "HOTLINE_ACCOUNTS__MOBILE__KIND": "sms_cmpp",
        "HOTLINE_ACCOUNTS__MOBILE__HOST": "127.0.0.1",
        "HOTLINE_ACCOUNTS__MOBILE__SP_ID": "900001",
        "HOTLINE_ACCOUNTS__MOBILE__SOURCE": "106912345",
        "HOTLINE_SECRETS__ACCOUNTS__MOBILE__SECRET": "topsecret",
    }.items():
        monkeypatch.setenv(name, value)
    assert opened(load_settings()).health()[0].name == "mobile"


def test_a_name_that_cannot_stand_in_an_address_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("HOTLINE_CONFIG", str(tmp_path / "none.toml"))
    monkeypatch.setenv("HOTLINE_ACCOUNTS", '{"移动": {"kind": "sms_cmpp"}}')
    with pytest.raises(SettingsError, match="ACCOUNTS"):
        load_settings()
