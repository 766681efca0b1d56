from pathlib import Path

import pytest
from pydantic import ValidationError

from messaging import channels
from messaging.channels import UnknownKindError
from tests.messaging.channels.conftest import surroundings

SMPP = {"host": "127.0.0.1", "system_id": "hotline", "password": "secret", "source": "12345"}
CMPP = {"host": "127.0.0.1", "sp_id": "900001", "secret": "very-secret", "source": "12345"}


@pytest.fixture
def around():
    return surroundings()


def test_every_file_is_a_kind():
    files = {file.stem for file in Path(channels.__file__).parent.glob("*.py")} - {"__init__"}
    assert set(channels.kinds()) == files


@pytest.mark.parametrize(("kind", "options"), [("memory", {}), ("sms_smpp", SMPP), ("sms_cmpp", CMPP)])
async def test_a_channel_bears_the_name_from_the_settings(around, kind, options):
    assert channels.build(kind, "sms-b", options, around).name == "sms-b"


def test_an_unknown_kind_is_answered_with_those_there_are(around):
    with pytest.raises(UnknownKindError, match=r"memory, .*sms_cmpp, .*sms_smpp"):
        channels.build("pigeon", "sms", {}, around)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({**SMPP, "colour": "red"}, "colour"),
        ({**SMPP, "password": "far too long"}, "password"),
        ({**SMPP, "window": 0}, "window"),
        ({**SMPP, "zone": "Mars/Olympus"}, "zone"),
        ({"host": "127.0.0.1"}, "system_id"),
    ],
)
def test_a_wrong_setting_is_named_and_the_password_is_not(around, options, named):
    with pytest.raises(ValidationError, match=named) as error:
        channels.build("sms_smpp", "sms", options, around)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({**CMPP, "colour": "red"}, "colour"),
        ({**CMPP, "version": "2.1"}, "version"),
        ({**CMPP, "sp_id": "9000011"}, "sp_id"),
        ({**CMPP, "source": "+12345"}, "source"),
        ({**CMPP, "source": "1" * 18, "extension_digits": 4}, "more than 21 digits"),
        ({**CMPP, "submits": 4}, "submits"),
        ({**CMPP, "window": 0}, "window"),
        ({"host": "127.0.0.1"}, "sp_id"),
    ],
)
def test_a_wrong_setting_of_a_gateway_is_named_and_the_secret_is_not(around, options, named):
    with pytest.raises(ValidationError, match=named) as error:
        channels.build("sms_cmpp", "sms", options, around)
    assert "very-secret" not in str(error.value)


def test_the_demo_channel_knows_no_colour(around):
    with pytest.raises(ValidationError, match="colour"):
        channels.build("memory", "sms", {"colour": "red"}, around)
