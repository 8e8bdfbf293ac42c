import time
from contextlib import suppress

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


NEWS = "The mayor’s plan cost €40m in cafés, and Zürich paid.\nIt’s over."


@pytest.mark.parametrize(
    ("data", "text", "strays"),
    [
        (NEWS.encode().replace(b"\xe2\x80\x99s plan", b"\x92s plan"), NEWS, ["line 1: 0x92 read as ’"]),
        (NEWS.encode().replace("It’s".encode(), b"It\x92s"), NEWS, ["line 2: 0x92 read as ’"]),
        (NEWS.replace("\n", "\r\n").encode().replace("It’s".encode(), b"It\x92s"), NEWS.replace("\n", "\r\n"), ["line 2: 0x92 read as ’"]),
        ("Zürich ".encode() + b"paid \x80 5.", "Zürich paid € 5.", ["line 1: 0x80 read as €"]),
        ("é€ ".encode() + "fiancé’s café” — €".encode("cp1252"), "é€ fiancé’s café” — €", None),
        (b"Smile " + b"\xed\xa0\xbd\xed\xb8\x80", "Smile 😀", []),
        ("Cafés pay €".encode()[:-1], "Cafés pay \ufffd", ["line 1: 0xe282 read as a character that is cut off"]),
        (b"\xef\xbb\xbf" + "Café".encode() + b" \x93no\x94", "\ufeffCafé “no”", None),
    ],
)  # fmt: skip
def test_stray_bytes_in_utf_8_are_read_as_windows_1252(data: bytes, text: str, strays: list[str] | None) -> None:
    found = decode(data)
    assert (found.text, found.encoding) == (text, "utf-8")
    if strays is not None:
        assert [str(stray) for stray in found.strays] == strays
    else:
        assert found.strays


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (
            "Le patron du café ÉTÉ’S et la mairie ont signé lundi un accord sur les terrasses de la place, où la foule attend depuis mai. ",
            "cp1252",
        ),
        ("MÜNCHEN’S GRÖSSE Übel Öl Straße „so“ – ÄÖÜ’ sagte er am Montag. ", "cp1252"),
        ("Министр иностранных дел России заявил: «Так» — и ушёл № 5. ", "cp1251"),
        ("外務省の報道官は月曜日に、双方が引き続き連絡を取り合うと述べた。カタカナ", "shift_jis"),
        ("외교부 대변인은 월요일 양측이 계속 소통할 것이라고 밝혔다.", "euc-kr"),
        ("外交部發言人星期一表示，雙方將繼續保持溝通。", "big5"),
    ],
)
def test_what_is_another_encoding_is_not_taken_for_utf_8(text: str, encoding: str) -> None:
    found = decode((text * 5).encode(encoding))
    assert found.text == text * 5
    assert not found.strays


def test_a_byte_that_fits_nothing_is_named_with_its_line() -> None:
    with pytest.raises(Undecodable, match="0x81 in line 2"):
        decode("Zürich für Köln\nMünchen ".encode() + b"\x81")


def test_rows_know_from_the_rows_before_them_that_they_are_utf_8() -> None:
    assert decode(b"a \x92 \xe9\xe9\xe9\xe8", utf8=True).text == "a ’ éééè"


@pytest.mark.parametrize(
    "data", [b"\xe2" * 300_000 + "é".encode() * 9, b"\xc3" * 300_000, bytes(range(128, 256)) * 2000]
)
def test_bytes_of_any_kind_are_soon_told(data: bytes) -> None:
    began = time.perf_counter()
    with suppress(Undecodable):
        decode(data)
    assert time.perf_counter() - began < 20
