from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain.messages import Kind
from messaging.mail.reading import MOST_FILES, bearable, read, read_headers
from tests.messaging.mail.letters import CITIZEN, plain, raw

PICTURE = b"\xff\xd8\xff" + bytes(9000)


def with_parts(*parts: str, kind: str = "mixed") -> bytes:
    inner = "\n".join(f"--b1\n{part.strip()}\n" for part in parts)
    return raw(f"From: {CITIZEN}\nContent-Type: multipart/{kind}; boundary=b1\n\n{inner}\n--b1--\n")


def test_a_plain_mail():
    letter = read(
        plain(
            Date="Fri, 20 Nov 2026 12:00:00 +0800",
            In_Reply_To="<a2@x>",
            References="<a1@x> <a2@x>",
        )
    )
    assert (letter.key, letter.message_id) == ("<c1@mail.example>", "<c1@mail.example>")
    assert (letter.sender, letter.sender_name, letter.subject) == (CITIZEN, "王伟", "路灯")
    assert letter.text == "文昌路的路灯不亮了。"
    assert letter.sent_at == datetime(2026, 11, 20, 4, tzinfo=UTC)
    assert letter.answers == ("<a2@x>", "<a1@x>")
    assert letter.files == ()


def test_a_mail_without_an_id_is_known_by_its_content():
    mail = plain(Message_ID="")
    assert read(mail).key == read(mail).key
    assert read(mail).key.startswith("sha256:")
    assert read(mail).key != read(plain("另一封", Message_ID="")).key


def test_an_id_that_is_too_long_for_the_books_is_not_used():
    assert read(plain(Message_ID=f"<{'x' * 240}@mail.example>")).key.startswith("sha256:")


def test_the_domain_of_a_sender_is_in_small_letters():
    assert read(raw("From: Wang.Wei@MAIL.Example\n\nx")).sender == "Wang.Wei@mail.example"


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ('"Wang, Wei" <w@x.example>', "Wang, Wei", "w@x.example"),
        ("=?gb2312?B?zfXOsA==?= <w@x.example>", "王伟", "w@x.example"),
        ("w@x.example (Wang)", "", "w@x.example"),
        ("<w@x.example>, <v@x.example>", "", "w@x.example"),
        ("undisclosed", "", ""),
        ("((((" * 900, "", ""),
    ],
)
def test_senders_as_they_are_written(written, name, address):
    letter = read(raw(f"From: {written}\n\nx"))
    assert (letter.sender_name, letter.sender) == (name, address)


@pytest.mark.parametrize("charset", ["gb2312", "gbk", "gb18030", "GB_2312-80", "x-gbk"])
def test_chinese_charsets_and_characters_that_gb2312_does_not_have(charset):
    body = "镕基路垃圾没人收".encode("gb18030")
    mail = f"From: w@x.example\r\nContent-Type: text/plain; charset={charset}\r\n\r\n".encode() + body
    assert read(mail).text == "镕基路垃圾没人收"


@pytest.mark.parametrize("charset", ["utf-8", "us-ascii", "unknown-8bit", "martian", "", "punycode", "hex"])
def test_a_charset_that_is_wrong_or_unknown_still_gives_words(charset):
    for encoding in ("utf-8", "gb18030"):
        said = f"; charset={charset}" if charset else ""
        mail = f"From: w@x.example\r\nContent-Type: text/plain{said}\r\n\r\n".encode()
        assert read(mail + "路灯不亮".encode(encoding)).text == "路灯不亮"


def test_octets_in_no_charset_at_all_raise_nothing():
    mail = b"From: w@x.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nA\xff\xfe\x00\x81B"
    assert read(mail).text.startswith("A")


@pytest.mark.parametrize(
    "written",
    [
        "=?utf-8?b?6Lev54Gv?=",
        "=?GB2312?B?wre1xg==?=",
        "=?gb2312?Q?=C2=B7=B5=C6?=",
        "=?gbk?B?wrc=?= =?gbk?B?tcY=?=",
        "=?gbk?B?wre1?= =?gbk?B?xg==?=",  # the second character is cut between two words
    ],
)
def test_subjects_in_encoded_words(written):
    assert read(raw(f"From: w@x.example\nSubject: {written}\n\nx")).subject == "路灯"


@pytest.mark.parametrize("charset", ["utf-8", "gb18030"])
def test_subjects_without_any_encoding(charset):
    assert read(raw("From: w@x.example\nSubject: 路灯不亮\n\nx", charset)).subject == "路灯不亮"


@pytest.mark.parametrize("written", ["=?utf-8?b?!!!?=", "=?utf-8?b?", "=?x?y?z?=", "=?utf-8?q?=FF?="])
def test_broken_encoded_words_raise_nothing(written):
    assert isinstance(read(raw(f"From: w@x.example\nSubject: {written}\n\nx")).subject, str)


def test_plain_words_are_preferred_to_html():
    mail = with_parts(
        "Content-Type: text/plain; charset=utf-8\n\n纯文本",
        "Content-Type: text/html; charset=utf-8\n\n<p>网页</p>",
        kind="alternative",
    )
    assert read(mail).text == "纯文本"


def test_html_is_read_where_there_is_no_plain_text():
    html = "<style>p{}</style><p>路灯&nbsp;不亮</p><script>alert(1)</script><div>在文昌路</div>"
    mail = with_parts(
        "Content-Type: text/plain\n\n \n",
        f"Content-Type: text/html; charset=utf-8\n\n{html}",
        kind="alternative",
    )
    assert read(mail).text == "路灯 不亮\n在文昌路"


def test_files_bring_kind_name_and_content():
    mail = with_parts(
        "Content-Type: text/plain; charset=utf-8\n\n见附件",
        'Content-Type: image/jpeg\nContent-Disposition: attachment; filename="=?gb2312?B?zfXOsA==?=.jpg"\n'
        "Content-Transfer-Encoding: base64\n\n/9j/",
        "Content-Type: audio/mpeg; name=a.mp3\nContent-Transfer-Encoding: base64\n\nSUQz",
        "Content-Type: application/pdf\n"
        "Content-Disposition: attachment; filename*=utf-8''%E5%90%88%E5%90%8C.pdf\n\n%PDF",
        "Content-Type: text/plain\nContent-Disposition: attachment; filename=../../etc/passwd\n\nroot",
    )
    letter = read(mail)
    assert letter.text == "见附件"
    assert [(file.kind, file.name) for file in letter.files] == [
        (Kind.IMAGE, "王伟.jpg"),
        (Kind.VOICE, "a.mp3"),
        (Kind.FILE, "合同.pdf"),
        (Kind.FILE, "_.._etc_passwd"),
    ]
    assert letter.files[0].content == b"\xff\xd8\xff"
    assert letter.files[0].size == 3


def test_no_more_than_ten_files_are_taken():
    part = "Content-Type: image/png\nContent-Disposition: attachment\n\nx"
    assert len(read(with_parts(*[part] * 30)).files) == MOST_FILES


def test_a_small_picture_inside_the_text_is_decoration_and_a_large_one_is_not():
    head = "Content-Type: image/png\nContent-ID: <i1>\nContent-Disposition: inline\n\n"
    mail = with_parts("Content-Type: text/html\n\n<p>x", head + "s" * 900, head + "l" * 9000, kind="related")
    assert [file.size > 8192 for file in read(mail).files] == [True]


def test_a_mail_in_a_mail_is_a_file_and_its_words_are_not_the_citizens():
    inner = "From: shop@x.example\nSubject: s\n\n广告"
    mail = with_parts(
        "Content-Type: text/plain; charset=utf-8\n\n收到这个", f"Content-Type: message/rfc822\n\n{inner}"
    )
    letter = read(mail)
    assert letter.text == "收到这个"
    assert [(file.kind, file.mime) for file in letter.files] == [(Kind.FILE, "message/rfc822")]


# --------------------------------------------------------------------------- bombs


def nested(depth: int) -> bytes:
    opened = "".join(
        f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n" for level in range(depth)
    )
    return raw(f"From: {CITIZEN}\nSubject: deep\n{opened}\n\nend")


BOMBS = {
    "multiparts in multiparts": nested(5000),
    "mails in mails": raw(f"From: {CITIZEN}\n" + "Content-Type: message/rfc822\n\n" * 5000),
    "a hundred thousand parts": with_parts(*["Content-Type: text/plain\n\nx"] * 100_000),
    "a header of megabytes": raw(f"From: {CITIZEN}\nSubject: " + "路" * 1_000_000 + "\n\nx"),
    "a million headers": raw(f"From: {CITIZEN}\n" + "X: y\n" * 1_000_000 + "\nx"),
    "headers that never end": b"From: w@x.example\r\n" + b"X: " + b"y" * 5_000_000,
    "a million ids": raw(f"From: {CITIZEN}\nReferences: " + "<a@b> " * 100_000 + "\n\nx"),
    "millions of lines": raw(f"From: {CITIZEN}\n\n" + "\n" * 5_000_000),
    "html of tags": raw(f"From: {CITIZEN}\nContent-Type: text/html\n\n" + "<a " * 500_000),
    "html of quotes": raw(f"From: {CITIZEN}\nContent-Type: text/html\n\n" + "<blockquote>" * 100_000),
    "brackets": raw("From: " + "<" * 200_000 + "\n\nx"),
    "parameters": raw(f"From: {CITIZEN}\nContent-Type: text/plain" + "; a*0=x" * 30_000 + "\n\nx"),
    "parameters without names": raw(
        f'From: {CITIZEN}\nContent-Type: text/plain; "' + ";" * 200_000 + "\n\nx"
    ),
    "a disposition": raw(f'From: {CITIZEN}\nContent-Disposition: inline; "' + ";" * 200_000 + "\n\nx"),
    "a boundary": raw(f'From: {CITIZEN}\nContent-Type: multipart/mixed; "' + ";" * 200_000 + "\n\nx"),
    "parameters of a mail that is not borne": raw(
        f'From: {CITIZEN}\nContent-Type: text/plain; "' + ";" * 3_000_000 + "\n\nx"
    ),
    "parameters on many lines": raw(
        f'From: {CITIZEN}\nContent-Type: text/plain; "' + (";" * 70 + "\n ") * 3_000 + "\n\nx"
    ),
    "parameters of a part": with_parts('Content-Type: text/plain; name="' + ";" * 3_000_000 + "\n\nx"),
    "parameters of parts": with_parts(*['Content-Type: text/plain; "' + ";" * 2_000 + "\n\nx"] * 1_500),
    "parameters of parts of no parts": with_parts(
        *['Content-Type: multipart/x; "' + ";" * 2_000 + "\n\nx"] * 1_500
    ),
    "parameters of a mail inside": with_parts(
        'Content-Type: message/rfc822\n\nContent-Type: text/plain; "' + ";" * 200_000 + "\n\nx"
    ),
    "punycode": raw(f"From: {CITIZEN}\nContent-Type: text/plain; charset=punycode\n\n" + "a-" * 500_000),
    "uuencoded": raw(
        f"From: {CITIZEN}\nContent-Transfer-Encoding: x-uuencode\n\nbegin 666 x\n" + "M" * 500_000
    ),
    "encoded words": raw(f"From: {CITIZEN}\nSubject: " + "=?a?q?" * 60_000 + "\n\nx"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_to_an_end(name):
    letter = read(BOMBS[name])
    assert len(letter.text) <= 20_000
    assert len(letter.files) <= MOST_FILES


@pytest.mark.parametrize("header", ["Content-Type: text/plain;", "Content-Disposition: inline;"])
def test_the_words_are_read_under_a_header_of_kilobytes(header):
    assert read(raw(f'From: {CITIZEN}\n{header} "' + ";" * 3_000 + "\n\n路灯")).text == "路灯"


def test_a_file_may_have_a_long_chinese_name():
    name = "路灯" * 20 + ".png"
    encoded = "".join(f"%{octet:02X}" for octet in name.encode())
    mail = with_parts(
        f"Content-Type: image/png; name*=utf-8''{encoded}\n"
        f"Content-Disposition: attachment; filename*=utf-8''{encoded}\n\nx"
    )
    assert [file.name for file in read(mail).files] == [name]


def test_of_a_mail_that_cannot_be_understood_the_headers_are():
    letter, whole = read_headers(plain()), read(plain())
    assert (letter.key, letter.sender, letter.subject) == (whole.key, whole.sender, whole.subject)
    assert (letter.text, letter.files) == ("", ())


def test_a_bomb_still_says_from_whom_it_is():
    letter = read(BOMBS["a hundred thousand parts"])
    assert not bearable(BOMBS["a hundred thousand parts"])
    assert (letter.sender, letter.text, letter.files) == (CITIZEN, "", ())


def test_a_mail_of_25_megabytes_is_no_bomb():
    mail = with_parts(
        "Content-Type: text/plain; charset=utf-8\n\n见附件",
        "Content-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n" + ("/9j/" * 19 + "\n") * 320_000,
    )
    (file,) = read(mail).files
    assert file.size == 320_000 * 57


@given(st.binary(max_size=300))
def test_whatever_comes_is_a_letter(octets):
    read(octets)


HEADER = st.sampled_from(
    [b"From", b"Subject", b"Date", b"Message-ID", b"Content-Type", b"References", b"Content-Disposition"]
)


@given(st.lists(st.tuples(HEADER, st.binary(max_size=60)), max_size=6), st.binary(max_size=60))
def test_whatever_the_headers_hold_is_a_letter(headers, body):
    lines = b"".join(name + b": " + value.replace(b"\n", b"") + b"\r\n" for name, value in headers)
    read(lines + b"\r\n" + body)


KIND = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


@given(
    st.lists(st.sampled_from([b"--b\r\n", b"--b--\r\n", KIND, b"\r\n", b"x\r\n", b"\xff\x00"]), max_size=30)
)
def test_whatever_the_structure_is_a_letter(pieces):
    read(KIND + b"".join(pieces))
