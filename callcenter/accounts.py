"""From settings to accounts of the media: their options, their secrets, and what is there without any."""

from collections.abc import Mapping

from pydantic import SecretStr, ValidationError

from callcenter.config import Settings, SettingsError, config_file
from callcenter.ports import Outbox
from messaging.channels import Surroundings, UnknownKindError
from messaging.service import AccountSettings, Messaging, messaging
from messaging.sms.provider import MissingExtraError

TEXTS = "sms"  # medium, and what the kinds of its accounts begin with


def open_accounts(settings: Settings, outbox: Outbox, around: Surroundings) -> Messaging:
    """Raises `SettingsError` that names the setting, never its value."""
    try:
        return messaging(accounts_of(settings), outbox, around, settings.zone)
    except UnknownKindError as error:
        raise SettingsError(f"accounts 里的 kind 不对：{error}。请改 {config_file()}。") from error
    except MissingExtraError as error:
        raise SettingsError(f"{error}。") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"账户设置 {name} 不对：{first['msg']}。请改 {config_file()} 的 accounts。"
        ) from error


def accounts_of(settings: Settings) -> list[AccountSettings]:
    """Every configured account; the web page; and without an account for texts a handset that takes all."""
    secrets = {name: _plain(kept) for name, kept in settings.secrets.accounts.items()}
    if unknown := set(secrets) - set(settings.accounts):
        raise SettingsError(f"有密钥的账户没有设置：{'、'.join(sorted(unknown))}。请核对 accounts 的名字。")
    made = [
        AccountSettings(name, one.kind, one.priority, {**one.options, **secrets.get(name, {})})
        for name, one in settings.accounts.items()
    ]
    if not any(one.kind.startswith(TEXTS) for one in made):
        made.append(AccountSettings("sms", "memory"))
    return [*made, AccountSettings("web", "web")]


def extension_digits(settings: Settings) -> Mapping[str, int]:
    """Free digits behind our number, by account."""
    found = {name: one.options.get("extension_digits", 0) for name, one in settings.accounts.items()}
    return {name: int(digits) for name, digits in found.items() if digits}


def _plain(secrets: Mapping[str, SecretStr]) -> dict[str, str]:
    return {name: value.get_secret_value() for name, value in secrets.items()}
