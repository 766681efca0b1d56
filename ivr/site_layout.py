"""Puts an installation's Asterisk folders on disk: links to the shipped files, generated ones beside.

Running it again changes only what changed; Asterisk need not be stopped for that.
"""

import os
from pathlib import Path

from ivr.prompts.tones import make_tones
from ivr.site_config import Folders, SiteConfig, site_files

SHIPPED = Path(__file__).resolve().parent.parent / "asterisk_conf"
OWNER_ONLY = 0o600


def lay_out(site: SiteConfig, shipped: Path = SHIPPED) -> Path:
    """Make folders, links and generated files; returns the `asterisk.conf` to start Asterisk with."""
    for folder in site.folders.own:
        folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(shipped.glob("*.conf")):
        _link(site.folders.etc / file.name, file)
    for name, text in site_files(site).items():
        _write(site.folders.etc / name, text)
    _link_data(site.folders)
    make_tones(site.folders.sounds)
    return site.folders.etc / "asterisk.conf"


def _link_data(folders: Folders) -> None:
    """Asterisk looks for sounds below its data folder; all else there comes from the build."""
    data = folders.home / "data"
    for item in sorted(folders.data.iterdir()):
        if item.name != "sounds":
            _link(data / item.name, item)
    _link(data / "sounds", folders.sounds)


def _link(link: Path, target: Path) -> None:
    if link.is_symlink() and link.readlink() == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _write(path: Path, text: str) -> None:
    """Some of the texts hold secrets: from their first moment only the owner may read them."""
    if path.exists() and path.read_text() == text:
        return
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    partial.replace(path)
