"""What an article can do that was written to do harm: nothing but be refused, or be text."""

import json
import time
from pathlib import Path

import pytest

from workbench.articles.ingest import read_articles
from workbench.core.article import Article
from workbench.printable import columns, fitted, padded, printable, printable_block

N = 90_000
MANY = {
    "dots": "." * N,
    "dots and blanks": ". " * (N // 2),
    "quotation marks": "'a " * (N // 3) + "“" * N,
    "apostrophes": "'x'x" * (N // 4),
    "words": "subscribe " * (N // 10) + ".",
    "cues": "Sign up to our newsletter " * (N // 26) + ".",
    "prices": "$1" * (N // 2),
    "one letter": "a" * N,
    "brackets": "[" * N,
    "braces": '{"a":' * (N // 5),
    "tags": "<div>" * (N // 5),
    "open tags": "<a " * (N // 3),
    "comments": "<!--" * (N // 4),
    "page of tags": "<html><body>" + "<div>" * (N // 5) + "News of the day, she said." + "</div>" * (N // 6),
    "page of attributes": "<html><body><p " + "a=1 " * (N // 4) + ">News.</p></body></html>",
    "xml": '<?xml version="1.0"?>' + "<a>" * (N // 3),
    "doctype": "<!DOCTYPE " + "[" * N,
    "entities": "&#8211;" * (N // 7),
    "lines": "\n" * N + "News.",
    "carriage returns": "\r" * N + "News.",
    "short lines": "Read more\n" * (N // 10),
    "menu": "Home | " * (N // 7),
    "headers": "A: b\n" * (N // 5),
    "combining marks": "e" + "\u0301" * N,
    "bidirectional controls": "\u202e\u2066" * (N // 2) + "News.",
    "zero width": "\u200b" * N + "News.",
}
BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))


@pytest.mark.parametrize("name", MANY)
def test_no_text_takes_long(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(MANY[name], encoding="utf-8", newline="")
    began = time.perf_counter()
    (found,) = read_articles([path])
    assert time.perf_counter() - began < 30
    assert isinstance(found, Article) or found.reason


def test_scripts_and_handlers_are_no_text(tmp_path: Path) -> None:
    piece = (
        "<p onclick='alert(1)'>Edda Brok</p><script>steal()</script><img src=x onerror=steal()><svg onload=steal()>"
        "<script>steal()</script></svg><a href='javascript:steal()'>said</a> no.<iframe srcdoc='steal()'></iframe>"
    )
    page = f"<html><head><title>Brok{piece}</title></head><body><article>{piece * 4}<p>{'The council met. ' * 30}</p></article></body></html>"
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"text": piece, "title": piece}) + "\n" + json.dumps({"html": page}), encoding="utf-8")
    for found in read_articles([rows]):
        assert isinstance(found, Article), found
        assert "steal" not in found.text
        assert "<script" not in found.title
    plain = tmp_path / "plain.txt"
    plain.write_text("The worm wrote <script>alert(1) into each page, police said.", encoding="utf-8")
    (kept,) = read_articles([plain])
    assert isinstance(kept, Article)
    assert kept.text == plain.read_text(encoding="utf-8")


def test_no_file_is_opened_and_nothing_expands_for_an_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret word", encoding="utf-8")
    for entities, body in ((f'<!ENTITY x SYSTEM "{secret.as_uri()}">', "&x;"), (f'<!ENTITY a0 "lol">{BOMB}', "&a11;")):
        page = (
            f"<!DOCTYPE html [{entities}]><html><body><p>{'The council met on Monday. ' * 20}{body}</p></body></html>"
        )
        for name in ("a.html", "a.xhtml", "a.txt", "a.xml"):
            path = tmp_path / name
            path.write_text(page, encoding="utf-8")
            (found,) = read_articles([path])
            if isinstance(found, Article):
                assert "secret word" not in found.text
                assert len(found.text) < 2_000


def test_what_directs_the_text_stays_in_it_and_is_shown_as_an_escape(tmp_path: Path) -> None:
    text = "The file \u202egpj.exe\u202c was sent to Edda Brok, \u2066she said\u2069."
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    (found,) = read_articles([path])
    assert isinstance(found, Article)
    assert found.text == text
    assert printable(found.title) == text.translate(
        {code: f"\\u{code:04x}" for code in (0x202E, 0x202C, 0x2066, 0x2069)}
    )


def test_printing() -> None:
    assert printable("a\x1b[2Jb\r\nc\td\x85\udc80\u2028") == "a\\u001b[2Jb c d\\u0085\\udc80\\u2028"
    assert printable_block("a\x1bb\r\nc\td") == "a\\u001bb\nc\td"
    assert [columns(text) for text in ("abc", "会谈", "e\u0301", "שלום", "a\u200db")] == [3, 4, 1, 4, 2]
    assert fitted("会谈在维也纳失败", 7) == "会谈在…"
    assert fitted("short", 5) == "short"
    assert padded("会谈", 6) == "会谈  "
