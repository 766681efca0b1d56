import pytest

from callcenter.domain.messages import DeliveryState
from messaging.mail import sorting
from messaging.mail.identity import Identity
from messaging.mail.reading import read
from messaging.mail.sorting import Bounce
from tests.messaging.mail.letters import CITIZEN, OUR_ID, OURS, bounce, plain, raw

US = Identity((OURS, "12319@lanjiang.example"))
DAEMON = "From: MAILER-DAEMON@qq.example\nTo: 12345@lanjiang.example\nSubject: 退信\n"


@pytest.mark.parametrize(
    ("action", "status", "state"),
    [
        ("failed", "5.1.1", DeliveryState.FAILED),
        ("Failed", "5.2.2", DeliveryState.FAILED),
        ("delivered", "2.0.0", DeliveryState.DELIVERED),
    ],
)
def test_a_report_is_a_receipt_of_our_mail(action, status, state):
    letter = read(bounce(action, status))
    assert sorting.is_report(letter, "<>")
    assert sorting.bounces(letter, US) == (Bounce(OUR_ID, state, status),)


@pytest.mark.parametrize("action", ["delayed", "relayed", "expanded", ""])
def test_a_report_that_says_nothing_final_is_none(action):
    assert sorting.bounces(read(bounce(action, "4.4.1")), US) == ()


@pytest.mark.parametrize("original", ["Message-ID: <x@mail.example>", "X-Nothing: here"])
def test_a_report_about_another_mail_is_none_of_ours(original):
    assert sorting.bounces(read(bounce(original=original)), US) == ()


def test_a_report_without_the_mail_is_matched_by_its_thread():
    letter = read(
        bounce(original="X: y").replace(b"Subject: Und", f"In-Reply-To: {OUR_ID}\r\nSubject: Und".encode())
    )
    assert [one.message_id for one in sorting.bounces(letter, US)] == [OUR_ID]


def test_of_a_forged_report_no_more_than_ten_blocks_are_read():
    block = "\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1"
    report = bounce().replace(b"\r\nStatus: 5.1.1", b"\r\nStatus: 5.1.1" + raw(block * 50_000))
    assert len(sorting.bounces(read(report), US)) == sorting.MOST_BLOCKS - 1  # the first is about the report


@pytest.mark.parametrize("field", ["Action", "Status", "Final-Recipient", "Message-ID"])
def test_a_report_with_octets_beyond_ascii_ends(field):
    report = bounce().replace(f"\r\n{field}: ".encode(), f"\r\n{field}: ".encode() + b"\xb2\xbb")
    assert {one.message_id for one in sorting.bounces(read(report), US)} <= {OUR_ID}


def test_a_bounce_in_nobodys_format_is_matched_by_our_id_in_its_text():
    letter = read(raw(f"{DAEMON}\n收件人不存在 550 5.1.1\nMessage-ID: {OUR_ID}\n"))
    assert sorting.is_report(letter, "<>")
    assert sorting.bounces(letter, US) == (Bounce(OUR_ID, DeliveryState.FAILED, "5.1.1"),)


def test_a_bounce_that_names_no_mail_of_ours_changes_nothing():
    assert sorting.bounces(read(raw(f"{DAEMON}\n收件人不存在\n")), US) == ()


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; owner-email=x"},
        {"X_Autoreply": "yes"},
        {"Precedence": "bulk"},
        {"Precedence": "auto_reply"},
        {"List_Id": "<news.mail.example>"},
        {"Subject": "自动回复：路灯"},
        {"Subject": "Automatic reply: x"},
        {"Subject": "Out of Office"},
        {"From": "postmaster@mail.example"},
    ],
)
def test_what_a_machine_wrote_is_known(headers):
    assert sorting.by_machine(read(plain(**headers)), f"<{CITIZEN}>")


@pytest.mark.parametrize("headers", [{}, {"Auto_Submitted": "no"}, {"Precedence": "normal"}])
def test_what_a_person_wrote_is_not_taken_for_a_machines(headers):
    letter = read(plain(**headers))
    assert not sorting.by_machine(letter, CITIZEN)
    assert not sorting.by_machine(letter, None)
    assert not sorting.is_report(letter, CITIZEN)


@pytest.mark.parametrize("path", ["<>", ""])
def test_an_empty_return_path_wants_no_answer(path):
    assert sorting.by_machine(read(plain()), path)


@pytest.mark.parametrize(
    "headers",
    [
        {"From": OURS},
        {"From": "12319@LANJIANG.example"},
        {"From": "12345+case@lanjiang.example"},
        {"Message_ID": OUR_ID},
    ],
)
def test_our_own_mail_is_known(headers):
    assert sorting.is_own(read(plain(**headers)), US)


def test_a_colleague_in_the_same_domain_is_not_us():
    letter = read(plain(From="li@lanjiang.example", Message_ID="<c5@lanjiang.example>"))
    assert not sorting.is_own(letter, US)


def test_ids_are_the_same_for_the_same_row_and_never_break_out():
    assert US.message_id("m1") == OUR_ID
    assert US.message_id("a b>\r\n@") == "<hotline.a-b----@lanjiang.example>"
    assert US.is_ours(US.message_id("0193-ab_c.d"))
    assert not US.is_ours("<m1@lanjiang.example>")
    assert not US.is_ours("<hotline.m1@lanjiang.example.evil>")
