"""The example file is complete and true: it names every setting with its default."""

import tomllib
from pathlib import Path

from callcenter.config import Settings

EXAMPLE = Path(__file__).parents[3] / "hotline.example.toml"
SECRET = "secrets"  # never in a file that people copy around


def test_the_example_names_every_setting_with_its_default() -> None:
    defaults = Settings().model_dump(exclude={SECRET})
    shown = Settings.model_validate(tomllib.loads(EXAMPLE.read_text(encoding="utf-8")))
    assert shown.model_dump(exclude={SECRET}) == defaults


def test_the_example_leaves_no_setting_out() -> None:
    given = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    for name, field in Settings.model_fields.items():
        if name == SECRET:
            continue
        assert name in given
        if isinstance(given[name], dict) and name != "accounts":  # their names and kinds are the city's own
            assert set(given[name]) == set(field.default.__class__.model_fields)
