"""Settings: `hotline.toml` (or the file named by HOTLINE_CONFIG) under environment variables.

Every setting is HOTLINE_<NAME>, nested ones HOTLINE_<GROUP>__<NAME>. Secrets come from the state
folder's `secrets.toml` (made at set-up, mode 0600) or from the environment; none has a default.
"""

import os
import tomllib
from datetime import time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from callcenter.domain.errors import HotlineError

LOCAL = "127.0.0.1"


class SettingsError(HotlineError):
    code = "settings"


class Console(BaseModel):
    host: str = LOCAL
    port: int = 8000
    secure_cookie: bool = False  # set behind TLS; a browser refuses secure cookies on plain http
    session_hours: float = 12
    proxies: list[str] = []  # networks of our own proxies, whose word on who asks is believed


class Sip(BaseModel):
    host: str = LOCAL
    port: int = 5060
    rtp_start: int = 10000
    rtp_end: int = 10999
    trunks: list[str] = ["127.0.0.1", "127.0.0.2"]  # addresses that the carrier calls from
    outbound: str = "127.0.0.1:5062"  # where call backs and surveys go
    # what a seat may transfer to besides other seats: numbers or Asterisk patterns
    duty_numbers: list[str] = ["_61XX"]
    emergency: list[str] = ["110", "119", "120", "122"]  # one-key transfer (国办发〔2022〕12号)


class Asterisk(BaseModel):
    http_host: str = LOCAL
    http_port: int = 8088  # websocket of the softphones, ARI
    ami_port: int = 5038
    ami_user: str = "hotline"
    ari_user: str = "hotline"
    system_name: str = "ast1"
    ws_url: str = ""  # '' = ws://<http_host>:<http_port>/ws
    root: Path = Path(".asterisk")


class Fastagi(BaseModel):
    host: str = LOCAL
    port: int = 4573


# stands in addresses and in every row of the books
AccountName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]


class Account(BaseModel):
    """One account of one medium, `[accounts.<name>]`. What else it needs stands beside these two and is
    described in the file of its kind in `messaging/channels`.
    """

    model_config = ConfigDict(extra="allow")

    kind: str
    priority: int = 1  # of the accounts of a medium the lowest carry it, the others when those are gone

    @property
    def options(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class Survey(BaseModel):
    wait_minutes: float = 120
    gap_minutes: float = 240
    max_calls: int = Field(default=3, ge=0, le=3)
    quiet_from: time = time(21, 0)
    quiet_to: time = time(8, 0)


class Secrets(BaseModel):
    ami: SecretStr = SecretStr("")
    ari: SecretStr = SecretStr("")
    accounts: dict[str, dict[str, SecretStr]] = {}  # name -> option -> secret


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="HOTLINE_",
        env_nested_delimiter="__",
        extra="forbid",
        nested_model_default_partial_update=True,
    )

    state_dir: Path = Path(".state")
    database_url: str = ""  # '' = SQLite in the state folder
    demo: bool = True
    city: str = "澜江市"
    signature: str = "【澜江12345】"
    time_zone: str = "Asia/Shanghai"
    standard: str = "GB/T 30428.2-2013"
    numbers: list[str] = ["12345", "12319"]
    always_open: bool = True  # 7×24 (国办发〔2020〕53号); False = by the working calendar
    public_url: str = ""  # where citizens reach the pages for them, e.g. https://12345.example.cn
    log_json: bool = True
    console: Console = Console()
    sip: Sip = Sip()
    asterisk: Asterisk = Asterisk()
    fastagi: Fastagi = Fastagi()
    accounts: dict[AccountName, Account] = {}
    survey: Survey = Survey()
    secrets: Secrets = Secrets()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.state_dir.resolve() / 'hotline.db'}"

    @property
    def recordings(self) -> Path:
        return self.state_dir / "recordings"

    @property
    def spool(self) -> Path:
        return self.state_dir / "spool"

    @property
    def softphone_url(self) -> str:
        return self.asterisk.ws_url or f"ws://{self.asterisk.http_host}:{self.asterisk.http_port}/ws"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings  # one file, one way
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_file())


def config_file() -> Path:
    return Path(os.environ.get("HOTLINE_CONFIG", "hotline.toml"))


def load_settings() -> Settings:
    """Settings with secrets from the state folder. Raises `SettingsError` that names what is wrong."""
    try:
        settings = Settings()
        settings.secrets = Secrets.model_validate(
            {**_secrets_file(settings.state_dir / "secrets.toml"), **_given(settings.secrets)}
        )
    except ValidationError as error:
        first = error.errors()[0]
        name = "HOTLINE_" + "__".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"设置 {name} 不对：{first['msg']}。请改 {config_file()} 或环境变量。") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"设置文件读不懂：{error}。请改正后重试。") from error
    return settings


def _secrets_file(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def _given(secrets: Secrets) -> dict[str, Any]:
    plain = {"ami": secrets.ami, "ari": secrets.ari}
    given: dict[str, Any] = {name: value for name, value in plain.items() if value.get_secret_value()}
    return {**given, "accounts": secrets.accounts} if secrets.accounts else given
