"""Updates as the documentation shows them, read by the library's own types."""

from datetime import UTC, datetime

import pytest

from callcenter.domain.messages import Kind
from messaging.telegram.polling import understood
from tests.peers.telegram.bot_api import BOT, CITIZEN, NOON, private, user


def message(**content):
    return {"message_id": 17, "date": NOON, "chat": private(), "from": user(), **content}


def read(**update):
    return understood({"update_id": 500_000, **update}, "telegram-a")


def told(**content):
    return read(message=message(**content))


SIZES = [
    {"file_id": "small", "file_unique_id": "1", "width": 90, "height": 60, "file_size": 1_000},
    {"file_id": "large", "file_unique_id": "2", "width": 1280, "height": 853, "file_size": 200_000},
    {"file_id": "middle", "file_unique_id": "3", "width": 320, "height": 213, "file_size": 20_000},
]
PLACE = {"latitude": 28.5, "longitude": 118.5}


def test_words_bring_who_when_and_a_reference_for_the_answer():
    found = told(text="路灯坏了")
    assert (found.channel, found.account, found.sender) == ("telegram", "telegram-a", str(CITIZEN))
    assert (found.kind, found.text, found.sender_name) == (Kind.TEXT, "路灯坏了", "伟 王")
    assert (found.event_key, found.ref) == ("m:7001:17", "7001:17")
    assert found.sent_at == datetime.fromtimestamp(NOON, UTC)


def test_the_largest_size_of_a_picture_is_taken():
    found = told(photo=SIZES, caption="就是这里")
    (media,) = found.media
    assert (found.kind, found.text) == (Kind.IMAGE, "就是这里")
    assert (media.kind, media.ref, media.mime, media.size) == (Kind.IMAGE, "large", "image/jpeg", 200_000)


@pytest.mark.parametrize(
    ("content", "kind", "mime", "name"),
    [
        ({"voice": {"duration": 3, "mime_type": "audio/ogg"}}, Kind.VOICE, "audio/ogg", ""),
        ({"video": {"width": 1, "height": 1, "duration": 3}}, Kind.VIDEO, "video/mp4", ""),
        ({"video_note": {"length": 1, "duration": 3}}, Kind.VIDEO, "video/mp4", ""),
        ({"audio": {"duration": 3, "file_name": "录音.mp3"}}, Kind.FILE, "audio/mpeg", "录音.mp3"),
        (
            {"document": {"mime_type": "application/pdf", "file_name": "合同.pdf"}},
            Kind.FILE,
            "application/pdf",
            "合同.pdf",
        ),
        ({"document": {"mime_type": "image/png"}}, Kind.IMAGE, "image/png", ""),
    ],
)
def test_files_bring_what_they_are(content, kind, mime, name):
    (field, value), *_ = content.items()
    found = told(**{field: {"file_id": "f1", "file_unique_id": "u1", **value}})
    (media,) = found.media
    assert (found.kind, media.kind, media.ref, media.mime, media.name) == (kind, kind, "f1", mime, name)


def test_a_position():
    found = told(location=PLACE)
    assert (found.kind, found.lat, found.lon, found.label) == (Kind.LOCATION, 28.5, 118.5, "")


def test_the_first_position_of_a_live_location_is_a_message():
    assert told(location={**PLACE, "live_period": 900}).lat == 28.5


def test_a_venue_brings_its_name():
    found = told(venue={"location": PLACE, "title": "文昌阁", "address": "文昌路1号"}, location=PLACE)
    assert (found.kind, found.lat, found.label) == (Kind.LOCATION, 28.5, "文昌阁 文昌路1号")


def test_a_contact_is_read_as_number_and_name():
    found = told(contact={"phone_number": "+8613800000001", "first_name": "伟", "last_name": "王"})
    assert (found.kind, found.text) == (Kind.TEXT, "+8613800000001 王伟")


def test_a_sticker_says_what_its_emoji_says():
    sticker = {"file_id": "s", "file_unique_id": "u", "width": 1, "height": 1, "emoji": "👍"}
    found = told(sticker={**sticker, "type": "regular", "is_animated": False, "is_video": False})
    assert found.text == "👍"


def test_start_is_a_new_follower():
    found = told(text="/start deep-link")
    assert (found.kind, found.event) == (Kind.EVENT, "follow")


def test_a_command_is_a_key_of_the_menu():
    found = told(text="/progress@lanjiang_bot 20261120-0012")
    assert (found.kind, found.event) == (Kind.EVENT, "menu:progress")
    assert found.text == "/progress@lanjiang_bot 20261120-0012"


@pytest.mark.parametrize("words", ["/", "/ 是什么"])
def test_a_slash_alone_is_a_text(words):
    assert told(text=words).kind is Kind.TEXT


def test_a_pressed_key_is_an_event_that_answers_our_message():
    ours = {"message_id": 16, "date": NOON, "chat": private(), "from": BOT, "text": "满意吗"}
    query = {"id": "4382bfdwdsb323b2d9", "from": user(), "message": ours, "chat_instance": "1"}
    found = read(callback_query={**query, "data": "rate:5"})
    assert (found.kind, found.event, found.sender) == (Kind.EVENT, "menu:rate:5", str(CITIZEN))
    assert (found.event_key, found.answers) == ("k:4382bfdwdsb323b2d9", ("7001:16",))


def test_an_answer_names_what_it_answers():
    ours = {"message_id": 16, "date": NOON, "chat": private(), "from": BOT, "text": "请问地点？"}
    assert told(text="文昌路", reply_to_message=ours).answers == ("7001:16",)


@pytest.mark.parametrize(("status", "event"), [("kicked", "unfollow"), ("member", "follow")])
def test_whoever_stops_the_bot_or_lets_it_speak_again_is_told(status, event):
    until = {"until_date": 0} if status == "kicked" else {}
    change = {
        "chat": private(),
        "from": user(),
        "date": NOON,
        "old_chat_member": {"user": BOT, "status": "member"},
        "new_chat_member": {"user": BOT, "status": status, **until},
    }
    found = read(my_chat_member=change)
    assert (found.kind, found.event, found.event_key) == (Kind.EVENT, event, f"s:7001:{NOON}:{event}")


def test_an_edit_is_no_new_message():
    assert read(edited_message=message(text="路灯坏了两盏", edit_date=NOON + 9)) is None


def test_a_live_location_that_moves_is_no_new_message():
    assert read(edited_message=message(location=PLACE, edit_date=NOON + 9)) is None


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
def test_groups_are_not_for_a_hotline(kind):
    chat = {"id": -100, "type": kind, "title": "业主群"}
    assert read(message={**message(text="大家好"), "chat": chat}) is None


def test_what_says_nothing_is_no_message():
    assert told(group_chat_created=True) is None


@pytest.mark.parametrize(
    "update", [{"poll": {}}, {"message": {}}, {"message": {"date": "soon"}}, {"message": "words"}, {"new": 1}]
)
def test_what_cannot_be_read_is_passed_over(update):
    assert read(**update) is None
