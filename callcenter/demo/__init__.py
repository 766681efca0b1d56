"""The demo city 澜江市: invented from small data files, the same on every machine."""
