"""What a file holds counts for more than its name."""

import io
import json
from pathlib import Path

import pytest

from workbench.articles.readers import Read, Refusal, Source, read

ROWS = [{"text": "Mayor Edda Brok closed the ferry.", "title": "One"}, {"text": "Ola Rist praised her.", "n": 2}]
TEXTS = [row["text"] for row in ROWS]
FEED = '<?xml version="1.0"?>\n<rss version="2.0"><channel><title>News</title><item><title>a</title></item></channel></rss>'
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry><title>a</title></entry></feed>'
NITF = '<?xml version="1.0"?><!DOCTYPE nitf SYSTEM "x.dtd"><nitf><body>Edda Brok said no.</body></nitf>'


def named(folder: Path, name: str, text: str | bytes) -> list[Read]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(read([path]))


def given(text: str | bytes) -> list[Read]:
    return list(read(["-"], standard_input=io.BytesIO(text if isinstance(text, bytes) else text.encode())))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(ROWS),
        json.dumps(ROWS, indent=2),
        "\n\n" + json.dumps(ROWS, indent=2).replace("\n", "\r\n"),
        "\n".join(map(json.dumps, ROWS)),
        "\n".join(json.dumps(row, indent=1) for row in ROWS),
        "\ufeff" + json.dumps(ROWS),
        "\n".join(json.dumps([row]) for row in ROWS),
    ],
)
def test_rows_of_json_are_rows_under_any_name(tmp_path: Path, text: str) -> None:
    for found in (*(named(tmp_path, name, text) for name in ("a.json", "a.txt", "a.jsonl", "a.data")), given(text)):
        assert [one.raw for one in found if isinstance(one, Source)] == TEXTS, found
    for encoding in ("utf-16", "utf-8-sig"):
        assert [one.raw for one in given(text.lstrip("\ufeff").encode(encoding)) if isinstance(one, Source)] == TEXTS


def test_a_bad_item_is_refused_alone_with_its_line(tmp_path: Path) -> None:
    text = '[{"text": "One."},\n{"title": "no text"},\n"x",\n{"text": "Two.", "n": NaN},\n{"text": "Three."}]'
    found = named(tmp_path, "a.json", text)
    assert [one.raw for one in found if isinstance(one, Source)] == ["One.", "Three."]
    assert [one.name.split(" of ")[0] for one in found if isinstance(one, Refusal)] == [
        "item 2 (line 2)",
        "item 3 (line 3)",
        "item 4 (line 4)",
    ]
    found = named(tmp_path, "b.json", '[{"text": "One."},\n{"text": "Two."')
    assert [type(one) for one in found] == [Source, Refusal]
    assert "line 2" in str(found[1])


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (json.dumps({"articles": ROWS}), "jq -c"),
        (json.dumps({"articles": ROWS}, indent=2), "jq -c"),
        (json.dumps({"a": {"b": 1}}, indent=2), "without a field of text"),
        (json.dumps(TEXTS), "first item is a string"),
        ("[1, 2, 3]", "first item is a number"),
        ("[" * 100_000, "nested too deeply"),
        ('[{"text": "cut o', "is no JSON"),
        (FEED, "feed"),
        (ATOM, "feed"),
        ("\ufeff" + FEED, "feed"),
        (NITF, "XML (<nitf>)"),
        ("<Records><Sentence>Edda said no.</Sentence></Records>", "XML (<Records>)"),
        ("From: a@x.example\nMIME-Version: 1.0\nSubject: News\n\nText.", "e-mail"),
    ],
)
def test_other_shapes_are_refused_with_what_to_do(tmp_path: Path, text: str, hint: str) -> None:
    is_json = text.lstrip("\ufeff")[0] in "[{"
    names = (
        ("a.json",)
        if text.startswith("[[")
        else ("a.json", "a.txt")
        if is_json
        else ("a.txt", "a.html", "a.xml", "a.rss")
    )
    for name in names:
        (refused,) = named(tmp_path, name, text)
        assert isinstance(refused, Refusal)
        assert hint in refused.reason
    if not text.startswith("[["):
        (refused,) = given(text)
        assert isinstance(refused, Refusal)
        assert hint in refused.reason


@pytest.mark.parametrize(
    "prose",
    [
        "[Update: the vote is over.] Mayor Edda Brok closed the ferry.",
        '["No", she said.] Edda Brok left.',
        "{Karlsund} Mayor Edda Brok closed the ferry.",
        "<Reuters> Mayor Edda Brok closed the ferry.",
        "Karlsund: Mayor Edda Brok\nOslo: closed the ferry.",
        "Title, text and date\nEdda Brok said no.",
        "1. [x] 2. {y}",
    ],
)
def test_prose_stays_prose(tmp_path: Path, prose: str) -> None:
    for found in (named(tmp_path, "a.txt", prose), given(prose)):
        assert [(one.raw, one.media_type) for one in found if isinstance(one, Source)] == [(prose, "text/plain")]


def test_a_table_in_a_text_file_is_a_table(tmp_path: Path) -> None:
    table = "id,title,text\n1,One,Mayor Edda Brok closed the ferry.\n2,Two,Ola Rist praised her.\n"
    for found in (named(tmp_path, "a.txt", table), given(table), given(table.replace(",", "\t"))):
        assert [one.raw for one in found if isinstance(one, Source)] == TEXTS


def test_xhtml_is_a_page(tmp_path: Path) -> None:
    page = '<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><body><p>Edda.</p></body></html>'
    (found,) = named(tmp_path, "a.txt", page)
    assert isinstance(found, Source)
    assert (found.media_type, found.fragment) == ("text/html", False)


def test_who_says_what_it_is_is_believed(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(ROWS), encoding="utf-8")
    (found,) = read([path], kind="txt")
    assert isinstance(found, Source)
    assert found.raw == json.dumps(ROWS)
