"""The generated part of Asterisk's configuration, read back by pyst2's own parser where it can."""

from dataclasses import replace
from pathlib import Path

import pytest
from asterisk.config import Config

from ivr.prompts import prompt_texts
from ivr.prompts.tones import BEEPS, MUSIC, make_tones
from ivr.queue_names import from_asterisk, to_asterisk
from ivr.site_config import Address, Credentials, Folders, PlainSeat, SiteConfig, site_files
from ivr.site_layout import SHIPPED, lay_out
from tests.asterisk_kit.audio import seconds


@pytest.fixture
def site(tmp_path) -> SiteConfig:
    data = tmp_path / "build" / "data"
    (data / "documentation").mkdir(parents=True)
    (data / "sounds").mkdir()
    folders = Folders(
        home=tmp_path / "ast",
        modules=tmp_path / "build" / "modules",
        data=data,
        sounds=tmp_path / "sounds",
        recordings=tmp_path / "recordings",
        messages=tmp_path / "messages",
        finished=tmp_path / "calls",
    )
    return SiteConfig(
        folders=folders,
        ami=Address("127.0.0.1", 5038),
        ami_user=Credentials("hotline", "ami-secret"),
        http=Address("127.0.0.1", 8088),
        ari_user=Credentials("hotline", "ari-secret"),
        fastagi=Address("127.0.0.1", 4573),
        seats=("1001", "1002"),
        plain_seats=(PlainSeat("1027", Address("127.0.0.1", 5100)),),
        duty_phones=("_8XXX",),
    )


def parsed(folder: Path, name: str, text: str) -> Config:
    file = folder / "read_back.conf"
    file.write_text(text if text.startswith("[") else f"[general]\n{text}")
    return Config(str(file))


def section(config: Config, name: str) -> dict[str, str]:
    found = next(category for category in config.categories if category.name == name)
    return {item.name.strip(): item.value.strip() for item in found.items}


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # pyst2 leaves its file open
def test_another_program_reads_the_same_values(site, tmp_path):
    files = site_files(site)
    manager = parsed(tmp_path, "manager", files["site/manager.conf"])
    assert section(manager, "general") == {"bindaddr": "127.0.0.1", "port": "5038"}
    assert section(manager, "hotline")["secret"] == "ami-secret"
    assert section(parsed(tmp_path, "http", files["site/http.conf"]), "general")["bindport"] == "8088"
    values = section(parsed(tmp_path, "globals", files["site/globals.conf"]), "general")
    assert values["AGI_ADDRESS"] == "127.0.0.1:4573"
    assert values["MESSAGE_MIN_BYTES"] == "8044"


def test_everything_listens_on_this_machine_only_by_default(site):
    texts = site_files(site)
    assert "0.0.0.0" not in "".join(texts.values())
    assert "bind = 127.0.0.1:5060" in texts["site/pjsip.conf"]


def test_secrets_are_in_no_repr_and_only_in_the_files_that_need_them(site):
    assert "ami-secret" not in repr(site)
    holders = {
        name for name, text in site_files(site).items() if "ami-secret" in text or "ari-secret" in text
    }
    assert holders == {"site/manager.conf", "site/ari.conf"}


def test_a_caller_that_looks_like_a_seat_is_a_caller_unless_the_trunk_is_here(site):
    assert "endpoint_identifier_order = username,ip" in site_files(site)["site/pjsip.conf"]
    carrier = replace(site, trunk_peers=("203.0.113.7",))
    assert "endpoint_identifier_order = ip,username" in site_files(carrier)["site/pjsip.conf"]


def test_a_seat_reaches_seats_and_duty_phones_and_nothing_else(site):
    assert site_files(site)["site/seat-out.conf"].splitlines() == [
        "exten => 1001,1,Goto(to-seat,1001,1)",
        "exten => 1002,1,Goto(to-seat,1002,1)",
        "exten => 1027,1,Goto(to-seat,1027,1)",
        "exten => _8XXX,1,Goto(to-duty-phone,${EXTEN},1)",
    ]


@pytest.mark.parametrize(
    "bad",
    [
        {"seats": ("1001\n[evil]",)},
        {"numbers": ("12345,1,System(id)",)},
        {"duty_phones": ("_X.\nexten",)},
        {"system_name": "a b"},
        {"ami_user": Credentials("hotline", "with;comment")},
        {"trunk_peers": ("carrier.example",)},
    ],
)
def test_values_that_could_mean_something_else_are_refused(site, bad):
    with pytest.raises(ValueError, match=r"characters|does not appear"):
        replace(site, **bad)


def test_laying_out_twice_changes_nothing(site):
    conf = lay_out(site)
    etc = conf.parent
    before = {file: file.stat().st_mtime_ns for file in etc.rglob("*.conf")}
    lay_out(site)
    assert {file: file.stat().st_mtime_ns for file in etc.rglob("*.conf")} == before
    assert (etc / "extensions.conf").resolve() == SHIPPED / "extensions.conf"
    assert (etc / "site" / "manager.conf").stat().st_mode & 0o077 == 0
    assert (site.folders.home / "data" / "sounds").resolve() == site.folders.sounds
    assert (site.folders.home / "data" / "documentation").is_dir()


def test_every_file_that_the_shipped_ones_include_is_generated(site):
    generated = set(site_files(site))
    for file in SHIPPED.glob("*.conf"):
        included = {
            line.split('"')[1] for line in file.read_text().splitlines() if line.startswith("#include")
        }
        assert included <= generated


def test_asterisk_finds_every_sound_that_the_dialplan_plays():
    ours = {*prompt_texts(), *(name.removeprefix("zh/") for name in BEEPS)}
    dialplan = (SHIPPED / "extensions.conf").read_text()
    for played in ("welcome", "recording-notice", "goodbye", "blocked", "hold-please", "survey-later"):
        assert played in dialplan
        assert played in ours
    queue = (SHIPPED / "queues.conf").read_text()
    asked = {line.split("=")[1].strip() for line in queue.splitlines() if line.startswith("queue-")}
    assert asked <= ours


def test_numbers_can_be_said_up_to_the_thousands():
    """The files that Asterisk's Chinese numbers ask for; found by letting it say them."""
    wanted = {*map(str, range(11)), *map(str, range(20, 100, 10)), "hundred", "thousand"}
    assert {f"digits/{name}" for name in wanted} <= set(prompt_texts())


def test_tones_are_made_once_and_a_recording_in_their_place_stays(tmp_path):
    own = tmp_path / "zh" / "beep.wav"
    own.parent.mkdir()
    own.write_bytes(b"a studio recording")
    make_tones(tmp_path)
    assert own.read_bytes() == b"a studio recording"
    assert 0 < seconds(tmp_path / "zh" / "pbx-transfer.wav") < 0.1
    assert seconds(tmp_path / f"{MUSIC}.wav") > 10


def test_the_name_general_is_possible_for_a_queue():
    assert to_asterisk("general") != "general"
    assert from_asterisk(to_asterisk("general")) == "general"
