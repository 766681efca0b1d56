"""A step is skipped while, and only while, what it was made from is unchanged."""

from pathlib import Path

from callcenter.setup.stamps import Stamps, digest_of


def test_a_stamp_is_fresh_for_its_digest_only(tmp_path: Path) -> None:
    stamps = Stamps(tmp_path / "stamps")
    assert not stamps.fresh("console", "a")
    stamps.put("console", "a")
    assert stamps.fresh("console", "a")
    assert not stamps.fresh("console", "b")
    assert not stamps.fresh("prompts", "a")


def test_contents_names_and_new_files_change_the_digest(tmp_path: Path) -> None:
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "a.ts").write_text("1")
    digests = [digest_of(folder)]
    (folder / "a.ts").write_text("2")
    digests.append(digest_of(folder))
    (folder / "a.ts").rename(folder / "b.ts")
    digests.append(digest_of(folder))
    (folder / "c.ts").write_text("")
    digests.append(digest_of(folder))
    assert len(set(digests)) == 4


def test_moving_a_boundary_between_parts_changes_the_digest() -> None:
    assert digest_of("ab", "c") != digest_of("a", "bc")


def test_what_a_build_leaves_behind_does_not_count(tmp_path: Path) -> None:
    folder = tmp_path / "web"
    (folder / "node_modules" / "x").mkdir(parents=True)
    (folder / "index.html").write_text("page")
    before = digest_of(folder)
    (folder / "node_modules" / "x" / "y.js").write_text("new")
    assert digest_of(folder) == before
