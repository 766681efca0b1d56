"""House rules that no linter holds: sizes, module docstrings, names, traces of one machine."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("callcenter", "ivr", "messaging", "nlp", "agent_console")
LONGEST_FUNCTION = 40
LONGEST_FILE = 400
OURS = "hotline-12345"

# Addresses that only mean something on the machine or network where the code was written.
TRACES = re.compile(
    r"https?://[\w.-]*(?:registry|pypi|pythonhosted|npmjs|npmmirror|deb\.debian|archive\.ubuntu|mirrors?\.)"
    r"|(?<![\w.~-])/(?:root|work|home)/[\w.-]+"
)
# uv and npm write where a package comes from into their lock files; nobody types it.
LOCK_FILES = ("uv.lock", "package-lock.json")


def modules(*folders: str) -> Iterator[Path]:
    """Migrations are left out: they are written once and never changed."""
    for folder in folders:
        yield from sorted(path for path in (ROOT / folder).rglob("*.py") if "node_modules" not in path.parts)


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def tracked_files() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode != 0:
        pytest.skip("not a git checkout")
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_no_function_is_longer_than_forty_lines() -> None:
    too_long = [
        f"{shown(path)}:{node.lineno} {node.name} ({length(node)} lines)"
        for path in modules(*PACKAGES, "tests")
        for node in functions(path)
        if length(node) > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_no_file_is_longer_than_four_hundred_lines() -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules(*PACKAGES, "tests")}
    assert [f"{shown(path)} ({count})" for path, count in lines.items() if count > LONGEST_FILE] == []


def test_every_module_says_what_it_is() -> None:
    assert [
        shown(path) for path in modules(*PACKAGES) if not ast.get_docstring(ast.parse(path.read_text()))
    ] == []


def test_no_installed_distribution_owns_one_of_our_names() -> None:
    owners = {
        (str(found.metadata["Name"]), file.parts[0])
        for found in distributions()
        for file in found.files or ()
        if file.parts[0] in PACKAGES
    }
    assert {(name, package) for name, package in owners if name != OURS} == set()


def test_no_file_carries_traces_of_one_machine() -> None:
    traces = []
    for path in tracked_files():
        if path.name in LOCK_FILES:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:  # pictures, sounds
            continue
        lines = enumerate(text.splitlines(), 1)
        traces += [f"{shown(path)}:{number}" for number, line in lines if TRACES.search(line)]
    assert traces == []


def test_every_module_of_the_core_has_its_layer() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    placed = {name.strip(" ()") for layer in layers for name in layer.split("|")}
    found = {
        f"callcenter.{path.stem}"
        for path in (ROOT / "callcenter").iterdir()
        if (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").exists()
    }
    assert found - placed == {"callcenter.loop"}  # knows nothing of ours and has a contract of its own
