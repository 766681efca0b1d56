import base64
import hashlib
import hmac

import pytest

from messaging.sms.patterns import Signing, filled, filled_all, keys, words

VALUES = {"to": "138", "text": "您好{to}", "params": {"place": "文昌路"}.__getitem__}


def test_words_are_filled_and_other_braces_stay():
    assert filled('{"a":{"to":"{to}"},{}} {X} {params.place}', VALUES) == '{"a":{"to":"138"},{}} {X} 文昌路'


def test_what_is_filled_in_is_not_read_again():
    assert filled("{text}", VALUES) == "您好{to}"


def test_every_text_of_a_table_is_filled_and_what_is_none_stays():
    document = {"a": ["{to}", 1, None, {"b": True, "c": "x{to}"}], "all": "{params}"}
    assert filled_all(document, VALUES, {"params": {"place": "文昌路"}}) == {
        "a": ["138", 1, None, {"b": True, "c": "x138"}],
        "all": {"place": "文昌路"},
    }


def test_the_words_of_a_table_can_be_asked_for():
    document = {"a": ["{to} {params.x}"], "b": 1, "c": "{params.y}"}
    assert (sorted(words(document)), sorted(keys(document, "params"))) == (
        ["params", "params", "to"],
        ["x", "y"],
    )


@pytest.mark.parametrize("written", ["hex", "HEX", "base64"])
def test_signatures_are_those_of_the_standard_library(written):
    digest = hmac.new(b"secret", b"a138b", hashlib.sha256).digest()
    forms = {"hex": digest.hex(), "HEX": digest.hex().upper(), "base64": base64.b64encode(digest).decode()}
    assert (
        Signing(method="hmac-sha256", over="a{to}b", written=written).sign(VALUES, "secret") == forms[written]
    )
    md5 = Signing(method="md5", over="a{to}b").sign(VALUES, "unused")
    assert md5 == hashlib.md5(b"a138b").hexdigest()
