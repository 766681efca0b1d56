"""Settings: `hotline.toml` (or the file named by HOTLINE_CONFIG) under environment variables.

Every setting is HOTLINE_<NAME>, nested ones HOTLINE_<GROUP>__<NAME>. Secrets come from the state
folder's `secrets.toml` (made at set-up, mode 0600) or from the environment; none has a default.
"""

import os
import tomllib
from datetime import time
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, SecretStr, ValidationError
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


class Smpp(BaseModel):
    """SMSC account; without a host the demo channel keeps texts for the phone simulator."""

    host: str = ""
    port: int = 2775
    system_id: str = ""
    system_type: str = ""
    source: str = "106912345"
    window: int = 10
    enquire_every_s: float = 30
    # how the SMSC writes message ids in answers and in receipts; with the wrong base receipts vanish
    answer_ids: Literal["hex", "decimal"] = "hex"
    receipt_ids: Literal["hex", "decimal"] = "hex"


class Cmpp(BaseModel):
    """Account at a carrier's gateway (ISMG); takes the place of `Smpp` when it has a host."""

    host: str = ""
    port: int = 7890
    version: Literal["2.0", "3.0"] = "2.0"
    sp_id: str = ""  # enterprise code
    source: str = "106912345"
    extension_digits: int = 0  # free digits behind `source`, by which an answer finds what it answers
    service_id: str = ""
    fee_type: str = "01"
    fee_code: str = "000000"
    window: int = 16
    per_second: float = 0  # short messages that the contract allows; 0 = no limit but the window
    answer_limit_s: float = 30
    idle_s: float = 60
    link_tests: int = 3
    submits: int = 1
    strict_login: bool = False


class Survey(BaseModel):
    wait_minutes: float = 120
    gap_minutes: float = 240
    max_calls: int = Field(default=3, ge=0, le=3)
    quiet_from: time = time(21, 0)
    quiet_to: time = time(8, 0)


class Secrets(BaseModel):
    ami: SecretStr = SecretStr("")
    ari: SecretStr = SecretStr("")
    smpp: SecretStr = SecretStr("")
    cmpp: SecretStr = SecretStr("")


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
    log_json: bool = True
    console: Console = Console()
    sip: Sip = Sip()
    asterisk: Asterisk = Asterisk()
    fastagi: Fastagi = Fastagi()
    smpp: Smpp = Smpp()
    cmpp: Cmpp = Cmpp()
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


def _given(secrets: Secrets) -> dict[str, SecretStr]:
    return {name: value for name, value in secrets if value.get_secret_value()}
