"""How long a prompt lasts, as it lies on disk now."""

import pytest

from ivr.prompts import LONGEST_S, prompt_lengths
from tests.asterisk_kit.audio import short_beep


def test_a_prompt_that_is_replaced_has_its_new_length(tmp_path):
    length = prompt_lengths(tmp_path)
    short_beep(440, tmp_path / "welcome.wav", seconds=2)
    assert length("welcome") == 2
    short_beep(440, tmp_path / "welcome.wav", seconds=3.5)
    assert length("welcome") == 3.5


@pytest.mark.parametrize("content", [None, b"", b"RIFF", b"not a sound at all, but long enough for a header"])
def test_what_cannot_be_measured_may_be_long(tmp_path, content):
    if content is not None:
        (tmp_path / "welcome.wav").write_bytes(content)
    assert prompt_lengths(tmp_path)("welcome") == LONGEST_S
