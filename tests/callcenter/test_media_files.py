"""Files by their content: once each, whole or not at all, and no way out of the folder."""

import hashlib
from pathlib import Path

import pytest

from callcenter.media_files import FolderMedia


async def test_what_is_put_can_be_read_and_the_same_content_is_kept_once(tmp_path: Path):
    store = FolderMedia(tmp_path)
    digest = await store.put(b"picture")
    assert digest == hashlib.sha256(b"picture").hexdigest()
    assert await store.put(b"picture") == digest
    assert await store.read(digest) == b"picture"
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


async def test_what_is_dropped_is_off_the_disk_and_dropping_it_again_does_no_harm(tmp_path: Path):
    store = FolderMedia(tmp_path)
    digest = await store.put(b"picture")
    await store.drop(digest)
    await store.drop(digest)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert await store.put(b"picture") == digest


async def test_nothing_outside_the_folder_is_dropped(tmp_path: Path):
    (tmp_path / "secret").write_bytes(b"")
    with pytest.raises(KeyError):
        await FolderMedia(tmp_path / "media").drop("../secret")
    assert (tmp_path / "secret").exists()


@pytest.mark.parametrize("digest", ["", "0" * 64, "../../etc/passwd", "A" * 64])
async def test_what_is_not_there_and_what_is_no_digest_are_refused_alike(tmp_path: Path, digest: str):
    with pytest.raises(KeyError):
        await FolderMedia(tmp_path).read(digest)
