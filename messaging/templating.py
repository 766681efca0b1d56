"""Texts by name: implements `callcenter.ports.Templates` over one TOML file per language. One wording serves
all media; the carrier's signature is put in front of short messages only.

A text can only use the parameters listed here, none of which is meant for a name, a number or an
address; a file that asks for others is refused when it is read, not when a citizen waits.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from callcenter.domain.errors import TextTemplateError

CHINESE = Path(__file__).parent / "templates" / "zh_CN" / "sms.toml"

# Parameter -> longest value in characters. Longer ones end in an ellipsis, so that a text stays within
# two messages whatever was typed into the case.
PARAMETERS: Mapping[str, int] = {
    "case_number": 20,
    "title": 24,
    "promised": 16,
    "result": 56,
    "reason": 56,
    "link": 72,
    "code": 6,
}
SIGNATURE_LENGTHS = range(2, 17)

_PLACE = re.compile(r"\{(\w+)\}")
_GAPS = re.compile(r"[\s\x00-\x1f\x7f]+")
_BRACKETS = str.maketrans("【】", "[]")  # carriers take a second 【 for a forged signature
_CLOSING = "。.；;，, "  # the text brings its own full stop


class Texts:
    """`signature` as filed with the carrier, with or without its 【】; it goes in front of every text."""

    def __init__(self, signature: str, source: Path = CHINESE) -> None:
        name = signature.strip("【】")
        if len(name) not in SIGNATURE_LENGTHS:
            raise TextTemplateError("短信签名应为 2 至 16 个字。")
        self._signature = f"【{name}】"
        self._texts: Mapping[str, str] = tomllib.loads(source.read_text("utf-8"))
        for template, text in self._texts.items():
            _check(template, text)

    def all(self) -> Mapping[str, str]:
        return self._texts

    def render(self, template: str, params: Mapping[str, str], medium: str = "sms") -> str:
        """The finished text. Raises `TextTemplateError` for an unknown template or a missing parameter."""
        if template not in self._texts:
            raise TextTemplateError(f"没有短信模板“{template}”，请检查模板文件。")
        missing = parameters(self._texts[template]) - set(params)
        if missing:
            raise TextTemplateError(f"短信模板“{template}”缺少参数：{'、'.join(sorted(missing))}。")
        text = _PLACE.sub(lambda found: _fit(found[1], params), self._texts[template])
        return self.signed(text) if medium == "sms" else text

    def signed(self, text: str) -> str:
        return self._signature + text


def parameters(text: str) -> set[str]:
    return set(_PLACE.findall(text))


def _check(template: str, text: str) -> None:
    unknown = parameters(text) - set(PARAMETERS)
    if unknown:
        raise TextTemplateError(f"短信模板“{template}”用了不允许的参数：{'、'.join(sorted(unknown))}。")
    if "【" in text or "】" in text:
        raise TextTemplateError(f"短信模板“{template}”正文不能含有【】。")


def _fit(name: str, params: Mapping[str, str]) -> str:
    value = _GAPS.sub(" ", params[name]).translate(_BRACKETS).strip(_CLOSING)
    longest = PARAMETERS[name]
    return value if len(value) <= longest else value[: longest - 1] + "…"
