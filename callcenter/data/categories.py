"""The category tables of three standards, and a city's own classes as an example.

A class is never named by its number alone: majors changed places between 2007 and 2013, and 部件 and
事件 share the number space (domain facts 1.1). `Category.code` is unique within its standard.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from callcenter.data.files import rows


class Standard(StrEnum):
    CJT214_2007 = "CJ/T 214-2007"
    GBT30428_2013 = "GB/T 30428.2-2013"
    GBT47678_2026 = "GB/T 47678.5-2026"
    LOCAL_EXAMPLE = "local extension (Yuncheng)"


_FILES = {
    Standard.CJT214_2007: "categories_cjt214_2007.csv",
    Standard.GBT30428_2013: "categories_gbt30428_2_2013.csv",
    Standard.GBT47678_2026: "categories_gbt47678_5_2026.csv",
    Standard.LOCAL_EXAMPLE: "categories_local_extensions_yuncheng.csv",
}


@dataclass(frozen=True, slots=True)
class Category:
    """One class (小类). `sure` says how well number and name are known: high, medium, unsure, local."""

    standard: Standard
    kind: str  # 部件 | 事件
    major: str
    major_name: str
    minor: str
    name: str
    sure: str
    note: str

    @property
    def code(self) -> str:
        """'kind|major|minor', e.g. '事件|05|05'."""
        return f"{self.kind}|{self.major}|{self.minor}"


@dataclass(frozen=True, slots=True)
class Mapping2007:
    """A class of CJ/T 214-2007 and its successor of 2013; `code_2013` is empty where there is none."""

    code_2007: str
    name_2007: str
    code_2013: str
    name_2013: str
    match: str


@cache
def categories(standard: Standard = Standard.GBT30428_2013) -> tuple[Category, ...]:
    """All classes of a standard, in the order of its table."""
    return tuple(
        Category(
            standard=standard,
            kind=row["kind"],
            major=row["major_code"],
            major_name=row["major_name"],
            minor=row["minor_code"],
            name=row["minor_name"],
            sure=row["sure"],
            note=row["note"],
        )
        for row in rows(_FILES[standard])
    )


@cache
def mapping_2007_2013() -> tuple[Mapping2007, ...]:
    return tuple(
        Mapping2007(
            code_2007=_code(row["kind"], row["code_2007"]),
            name_2007=row["name_2007"],
            code_2013=_code(row["kind"], row["code_2013"]),
            name_2013=row["name_2013"],
            match=row["match"],
        )
        for row in rows("categories_mapping_2007_2013.csv")
    )


def _code(kind: str, digits: str) -> str:
    return f"{kind}|{digits[:2]}|{digits[2:]}" if digits else ""
