"""Reads the CSV files of this folder. Lines that begin with '#' say where a table comes from."""

import csv
from collections.abc import Iterator
from importlib.resources import files


def rows(name: str, package: str = __package__) -> Iterator[dict[str, str]]:
    """The rows of `name`, by column."""
    lines = files(package).joinpath(name).read_text("utf-8").splitlines()
    yield from csv.DictReader(line for line in lines if not line.startswith("#"))
