"""Where a telephone number is at home, from the tables that Google keeps for libphonenumber.

The tables are large and slow to load, so they are loaded at the first question.
"""

from functools import lru_cache


class ChineseNumbers:
    """Implements `callcenter.ports.NumberPlaces`."""

    def place_of(self, number: str) -> str:
        return _place_of(number)


@lru_cache(maxsize=10_000)
def _place_of(number: str) -> str:
    import phonenumbers  # noqa: PLC0415 - 40 MB of tables that most commands never need
    from phonenumbers import carrier, geocoder  # noqa: PLC0415 - the same

    try:
        parsed = phonenumbers.parse(number, "CN")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed):
        return ""
    parts = (geocoder.description_for_number(parsed, "zh"), carrier.name_for_number(parsed, "zh"))
    return "·".join(part for part in parts if part)
