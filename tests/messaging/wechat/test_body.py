"""What is read of a push before anybody has proved who they are."""

import pytest

from messaging.wechat.body import sealed


@pytest.mark.parametrize(
    "hostile", [b"<Encrypt>" + b" " * 900_000, b"<Encrypt>" * 100_000, b"<Encrypt><![CDATA["]
)
def test_whoever_has_not_proved_anything_costs_nothing(hostile: bytes) -> None:
    """This is looked for before the signature: it must end at once."""
    assert sealed(hostile) == ""


@pytest.mark.parametrize(
    "push", [b"<xml><Encrypt><![CDATA[abc=]]></Encrypt></xml>", b"<Encrypt> \n abc=</Encrypt>"]
)
def test_what_is_sealed_is_found(push: bytes) -> None:
    assert sealed(push) == "abc="
