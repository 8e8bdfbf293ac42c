import pytest

from workbench.articles.decoding import Undecodable, decode, fault

SENTENCE = "The minister’s “productive” call cost €5 million. Café owners in Orléans protested, officials said. "


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "mac_roman", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_western_text_in_other_encodings(encoding: str) -> None:
    assert decode((SENTENCE * 3).encode(encoding)).text == SENTENCE * 3


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Министр иностранных дел России заявил в понедельник, что встреча не назначена. "),
        ("koi8-r", "Министр иностранных дел России заявил в понедельник, что встреча не назначена. "),
        ("cp1250", "Prezydent powiedział, że spotkanie odbędzie się w środę w Łodzi, a żołnierze wrócą. "),
        ("gb18030", "外交部发言人星期一表示，双方将继续保持沟通。"),
    ],
)
def test_other_scripts(encoding: str, text: str) -> None:
    found = decode((text * 4).encode(encoding))
    assert found.text == text * 4
    assert found.encoding != "utf-8"


def test_what_a_page_declares_is_believed() -> None:
    html = '<html><head><meta charset="iso-8859-2"></head><body>Część druga</body></html>'
    assert decode(html.encode("iso-8859-2"), html=True) == decode(html.encode("iso-8859-2"), html=True)
    assert decode(html.encode("iso-8859-2"), html=True).text == html


def test_a_utf_8_mark_stays_in_the_text() -> None:
    assert decode(b"\xef\xbb\xbfNews").text == "\ufeffNews"


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7\n...", b"PK\x03\x04....", b"\x1f\x8b\x08", b"\x89PNG\r\n", b"News\0 of the day", b"\xff\xd8\xff\xe0"],
)
def test_binary_data_is_refused(data: bytes) -> None:
    with pytest.raises(Undecodable, match="binary"):
        decode(data)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \r\n\ufeff\u00a0", "empty"),
        ("News\0", "NUL"),
        ("News \ud83d", "surrogate"),
        ("\x01\x02\x03\x04\x05\x06 News", "control"),
        ("x" * 100_001, "line of 100,001"),
        ("word " * 30_000, "line of 150,000"),
        ("News of the day. " * 70_000, "more than the 1,000,000"),
    ],
)
def test_texts_that_are_no_article(text: str, reason: str) -> None:
    assert reason in (fault(text) or "")


def test_long_prose_in_one_line_is_an_article() -> None:
    assert fault("The talks failed again, officials said on Monday in Vienna. " * 3000) is None
    assert fault("会谈在维也纳失败，官员周一表示。" * 8000) is None
    assert fault("Tab\there, escape \x1b once.") is None
