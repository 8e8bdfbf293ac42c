import io
import json
from pathlib import Path

import pytest

from workbench.articles import cleaning
from workbench.articles.ingest import article_of, read_articles
from workbench.articles.readers import PassedOver, Read, Refusal, Source, read
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer
from workbench.core.article import Article, apply_cuts
from workbench.core.documents import to_json

NEWS = "Talks fail in Vienna\n\nThe talks failed on Tuesday, officials said."

PAGE = """<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>Talks fail in Vienna - The Valley Herald</title>
<meta property="og:title" content="Talks fail in Vienna"><meta property="og:site_name" content="The Valley Herald">
<meta property="article:published_time" content="2025-03-14T10:00:00Z">
<link rel="canonical" href="https://herald.example/world/talks"></head>
<body><nav><a href="/">Home</a> <a href="/w">World</a></nav><h1>Talks fail in Vienna</h1>
<article><p>The two delegations met in Vienna on Tuesday and parted without a deal, officials said. It was the third time.</p>
<p>Sign up for our newsletter</p><h2>A mother waits</h2>
<p>In the town of Adre a mother waits for news of her son, who was taken in January by men in uniform, she said.</p>
<p>“I only want him back,” she said. The ministry declined to comment, as it has done for months.</p></article>
<div id="comments" class="comments"><p>What a nice article this is, I have read it with joy.</p></div>
<footer>© 2025 The Valley Herald.</footer></body></html>"""


def sources(found: list[Read]) -> list[Source]:
    assert all(isinstance(one, Source) for one in found), found
    return [one for one in found if isinstance(one, Source)]


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_folder_is_read_in_order_and_what_is_no_article_is_told(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/b.TXT"):
        write(tmp_path, name, NEWS + name)
    write(tmp_path, "notes.md", "# Notes")
    write(tmp_path, ".hidden/c.txt", NEWS)
    write(tmp_path, ".d.txt", NEWS)
    write(tmp_path, "empty.txt", "")
    write(tmp_path, "x.txt", b"a\0b\0\0")
    found = list(read([tmp_path, tmp_path / "missing.txt"]))
    assert [Path(one.name).name for one in found] == [
        "b.txt",
        "empty.txt",
        "notes.md",
        "x.txt",
        "b.TXT",
        "z.txt",
        "missing.txt",
    ]
    assert isinstance(found[2], PassedOver)
    reasons = [one.reason for one in found if isinstance(one, Refusal)]
    assert reasons == ["is empty", "holds NUL characters, so it is binary", "does not exist"]


def test_a_file_named_by_hand_is_read_as_text(tmp_path: Path) -> None:
    (one,) = sources(list(read([write(tmp_path, "article.md", NEWS)])))
    assert one.raw == NEWS


def test_line_ends_survive_reading(tmp_path: Path) -> None:
    raw = "One.\r\nTwo.\rThree.\n\u2028Four.\x0c"
    (one,) = sources(list(read([write(tmp_path, "a.txt", raw)])))
    assert one.raw == raw


def test_standard_input_may_be_text_a_page_or_rows() -> None:
    for data, kind in ((NEWS, "text/plain"), (PAGE, "text/html"), (json.dumps({"text": NEWS}) + "\n", "text/plain")):
        (one,) = sources(list(read(["-"], standard_input=io.BytesIO(data.encode()))))
        assert one.media_type == kind
        assert one.raw == (PAGE if kind == "text/html" else NEWS)
    (one,) = sources(list(read(["-"], kind="csv", standard_input=io.BytesIO(b"text,x\nNews.,1\n"))))
    assert one.meta == {"x": "1"}


def test_rows_of_jsonl(tmp_path: Path) -> None:
    rows = [
        json.dumps(
            {
                "text": NEWS,
                "Headline": "Talks",
                "url": "https://x.example/1",
                "publishedAt": "Oct. 21, 2025",
                "lang": "en",
                "n": 7,
                "ok": True,
                "share": 0.5,
                "none": None,
                "tags": ["a", {"b": 1}],
                "source": {"name": "X"},
            }
        ),
        "",
        json.dumps({"body": NEWS + " More.", "date": "last week", "content": "unused"}),
        '{"title": "no text"}',
        "[1]",
        "{broken",
        json.dumps({"text": "half \ud83d"}),
        json.dumps({"html": PAGE}),
    ]
    found = list(read([write(tmp_path, "a.jsonl", b"\xef\xbb\xbf" + "\r\n".join(rows).encode())]))
    first, second, page = [one for one in found if isinstance(one, Source)]
    assert (first.title, first.source, first.language) == ("Talks", "https://x.example/1", "en")
    assert first.meta == {"n": 7, "ok": True, "share": 0.5, "tags": '["a", {"b": 1}]', "source": '{"name": "X"}'}
    assert first.nested == 2
    assert second.source == f"line 3 of {tmp_path / 'a.jsonl'}"
    assert second.meta == {"content": "unused"}
    assert page.media_type == "text/html"
    reasons = [str(one) for one in found if isinstance(one, Refusal)]
    assert [reason.split(" of ")[0] for reason in reasons] == ["line 4", "line 5", "line 6", "line 7"]
    article = article_of(first)
    assert isinstance(article, Article)
    assert article.published == "2025-10-21"
    undated = article_of(second)
    assert isinstance(undated, Article)
    assert undated.published is None
    assert undated.meta["published"] == "last week"


@pytest.mark.parametrize(
    ("value", "said"),
    [(5, "a number"), (True, "true or false"), ([NEWS], "a list"), ({"en": NEWS}, "an object")],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_text_that_is_none_is_refused(tmp_path: Path, name: str, value: object, said: str) -> None:
    found = [*read([write(tmp_path, name, json.dumps({"Body": value, "title": "Talks"}).encode())])]
    assert [type(one) for one in found] == [Refusal]
    assert f"{tmp_path / name} has no text: the field 'Body' holds {said}" in str(found[0])


def test_a_row_with_a_number_and_a_text_has_that_text(tmp_path: Path) -> None:
    (found,) = read([write(tmp_path, "a.jsonl", json.dumps({"text": 5, "body": NEWS}).encode())])
    assert isinstance(found, Source)
    assert (found.raw, found.meta) == (NEWS, {"text": 5})


def test_a_document_keeps_its_text(tmp_path: Path) -> None:
    article = Article.from_text("Advertisement\r\nRead more\n", source="x.txt", meta={"k": 1})
    annotations = AnnotationSet(producer=Producer(kind="person", name="p"), scheme_digest="", layers={})
    line = to_json(AnnotatedArticle(article=article, annotations=annotations))
    (found,) = read_articles([write(tmp_path, "gold.jsonl", line + "\n" * 3)])
    assert found == article
    damaged = line.replace('"text": "Adv', '"text": "adv')
    (refused,) = read_articles([write(tmp_path, "bad.jsonl", damaged)])
    assert isinstance(refused, Refusal)


def test_dialects_of_csv(tmp_path: Path) -> None:
    long = "The talks, officials said; failed.\t“So what?”\n" * 5000
    for delimiter in ",;\t|":
        for end in ("\n", "\r\n"):
            quoted = long.replace('"', '""')
            rows = [
                delimiter.join(["Title", " TEXT ", "Author"]),
                delimiter.join(["One", f'"{quoted}"', '"A ""B"" C"']),
                delimiter.join(["Two", '"x, y; z | w"', "D"]),
            ]
            path = write(tmp_path, "a.csv", b"\xef\xbb\xbf" + end.join(rows).encode())
            first, second = sources(list(read([path])))
            assert (first.raw, first.title, first.meta) == (long, "One", {"Author": 'A "B" C'})
            assert (second.raw, second.source) == ("x, y; z | w", f"row 3 of {path}")


def test_csv_with_backslashes(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'id,text\n1,"He said \\"no\\", she said."\n')
    (one,) = sources(list(read([path])))
    assert one.raw == 'He said "no", she said.'


def test_csv_in_another_encoding(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a.csv", "text;x\nCafé owners in Orléans said “no” to the plan of the town.;1\n".encode("cp1252")
    )
    (one,) = sources(list(read([path])))
    assert one.raw == "Café owners in Orléans said “no” to the plan of the town."
    assert one.encoding == "cp1252"


def test_faults_of_csv_are_told_row_by_row(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", 'text,x\nGood.,1\nToo,many,fields\n,2\nShort.\n\n"open,3\n')
    found = list(read([path]))
    assert [one.raw for one in found if isinstance(one, Source)] == ["Good.", "Short."]
    assert [str(one).split(" of ")[0] for one in found if isinstance(one, Refusal)] == ["row 3", "row 4", "row 7"]
    (refused,) = read([write(tmp_path, "b.csv", "a,b\n1,2\n")])
    assert isinstance(refused, Refusal)
    assert "no column of text" in refused.reason
    (refused,) = read([write(tmp_path, "c.csv", "text,b\n")])
    assert isinstance(refused, Refusal)


def test_a_page_keeps_headline_and_sub_heading_and_is_cleaned(tmp_path: Path) -> None:
    path = write(tmp_path, "p.html", PAGE)
    (article,) = read_articles([path])
    assert isinstance(article, Article)
    lines = article.text.split("\n")
    assert lines[0] == article.title == "Talks fail in Vienna"
    assert "A mother waits" in lines
    assert not {"newsletter", "Home", "joy", "©"} & set(article.text.replace("\n", " ").split())
    assert "newsletter" in [cut.reason for cut in article.cuts]
    assert (article.published, article.language, article.source) == ("2025-03-14", "en", str(path))
    assert article.meta == {"url": "https://herald.example/world/talks", "site": "The Valley Herald"}
    (refused,) = read_articles([write(tmp_path, "q.html", "<html><body><img src='x.png'></body></html>")])
    assert isinstance(refused, Refusal)


def test_articles_without_a_store(tmp_path: Path) -> None:
    raw = f"{NEWS}\n\nRead more\n"
    (article,) = read_articles([write(tmp_path, "a.txt", raw)])
    assert isinstance(article, Article)
    assert article.source.endswith("a.txt")
    assert (article.title, article.text) == ("Talks fail in Vienna", NEWS + "\n")
    assert article.cleaner == cleaning.cleaner()
    assert apply_cuts(raw, article.cuts) == article.text
    (refused,) = read_articles([write(tmp_path, "b.txt", "Advertisement\n\nRead more\n")])
    assert isinstance(refused, Refusal)
