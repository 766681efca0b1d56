"""The table of failure modes in `README.md` names tests that are there."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(test_\w+)`", (FOLDER / "README.md").read_text())))


def test_the_table_names_some():
    assert len(NAMED) > 50


@pytest.mark.parametrize(("file", "test"), NAMED, ids=lambda value: value)
def test_a_test_that_is_named_is_there(file, test):
    assert re.search(rf"^(async )?def {test}\(", (FOLDER / file).read_text(), re.MULTILINE)
