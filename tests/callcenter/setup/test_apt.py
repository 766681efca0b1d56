"""The machine's mirror is read from whatever style its apt sources have."""

from pathlib import Path

import pytest

from callcenter.setup import apt

DEB822 = """\
Types: deb
# pinned below
URIs: http://debian.example/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb-src
URIs: http://debian.example/sources
Suites: trixie
Components: main
"""
ONE_LINE = """\
# deb http://old.example/debian bookworm main
deb [signed-by=/k.gpg] http://one.example/debian/ bookworm main
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / "sources.list.d").mkdir()
    return tmp_path


def test_deb822_sources_are_read(sources: Path) -> None:
    (sources / "sources.list.d" / "debian.sources").write_text(DEB822)
    assert apt.mirror("bookworm", sources) == "http://debian.example/debian"
    assert apt.mirror("trixie", sources) is None


def test_one_line_sources_are_read_without_comments_and_options(sources: Path) -> None:
    (sources / "sources.list").write_text(ONE_LINE)
    assert apt.mirror("bookworm", sources) == "http://one.example/debian/"


def test_a_disabled_source_does_not_count(sources: Path) -> None:
    (sources / "sources.list.d" / "x.sources").write_text("Enabled: no\n" + DEB822)
    assert apt.mirror("bookworm", sources) is None


def test_missing_names_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "cjk.ttc").touch()
    wanted = [
        apt.program("sh"),
        apt.program("no-such-program-45", "its-package"),
        apt.folder_with("fonts-cjk", str(tmp_path), "*/cjk.ttc"),
        apt.folder_with("fonts-latin", str(tmp_path), "*/latin.ttc"),
    ]
    assert apt.missing(wanted) == ["its-package", "fonts-latin"]
