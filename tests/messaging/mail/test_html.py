import pytest

from messaging.mail.html import words


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>一</p><p>二</p>", "一\n二"),
        ("一<br>二<BR/>三", "一\n二\n三"),
        ("a&nbsp;&lt;b&gt;&amp;", "a <b>&"),
        ("<title>t</title><style>p{}</style><script>x='<p>'</script>文", "文"),
        ("<!-- <p>x</p> -->文", "文"),
        ("<!DOCTYPE html><?xml?>文", "文"),
        ("1 < 2 和 3 > 2", "1 < 2 和 3 > 2"),
        ("新<blockquote>旧<div>更旧</div></blockquote>完", "新\n> 旧\n> 更旧\n完"),
        ("&#36335;&#x8def;&#0065;", "路路A"),
        ("&#" + "9" * 4301 + ";灯", "\ufffd灯"),
        ("&#x" + "f" * 4301 + "灯", "\ufffd灯"),
        ("<td>左</td><td>右</td>", "左右"),
        ("文<a href='", "文"),
        ("<script>never closed", ""),
        ("İSTANBUL<SCRIPT>x</SCRIPT>文", "İSTANBUL文"),
        ("", ""),
    ],
)
def test_the_words_of_a_page(html, text):
    assert words(html) == text


@pytest.mark.parametrize(
    "piece",
    [
        "<a ",
        "<!--",
        "<!",
        "</",
        "<",
        "&",
        "&#",
        "&#99999999",
        "<script>",
        "<p>",
        "<blockquote>",
        "</blockquote>",
        "<?",
    ],
)
def test_a_hostile_page_ends(piece):
    """What grows with the square of the length would still be at it when the test's limit comes."""
    words(piece * 300_000)
