"""Fields that no database or file can keep: the row is refused alone, with its file and line, on both databases."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.articles import ingest
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer
from workbench.core.article import Article
from workbench.core.documents import to_json
from workbench.store import Store, articles

TEXT = "The mayor of Karlsund, Edda Brok, closed ferry {} on Monday, and the crew of it protested."


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 's.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    opened = Store.open(url)
    yield opened
    opened.close()


def row(number: int, more: str = "") -> str:
    return f'{{"text": "{TEXT.format(number)}"{", " + more if more else ""}}}'


BAD = {
    '"title": "half \\ud83d"': "'title' that holds half of a surrogate pair",
    '"title": "nul \\u0000"': "'title' that holds a NUL",
    '"url": "https://x.example/\\udc00"': "'url' that holds half",
    '"date": "2025\\u0000"': "'date' that holds a NUL",
    '"lang": "e\\ud800"': "'lang' that holds half",
    '"author": "\\ud83d"': "'author' that holds half",
    '"author": "\\u0000"': "'author' that holds a NUL",
    '"au\\u0000thor": "x"': "a field whose name holds a NUL",
    '"\\udfff": 1': "a field whose name holds half",
    '"tags": ["a", {"b": ["\\u0000"]}]': "'tags' that holds a NUL",
    '"tags": {"\\ud83d": 1}': "'tags' that holds half",
    f'"n": {"9" * 5000}': "'n' that holds an integer of 5000 digits",
    f'"n": {2**63}': "'n' that holds an integer of 19 digits",
    f'"n": [{-(10**30)}]': "'n' that holds an integer of 31 digits",
    '"n": NaN': "'n' that holds NaN",
    '"n": -Infinity': "'n' that holds -Infinity",
    '"n": 1e999': "'n' that holds a number",
    f'"title": "{"long " * 3000}"': "a title of",
    '"url": "' + "".join(f"{number:x}/" for number in range(2000)) + '"': "an address of",
}


def test_a_row_with_a_bad_field_is_refused_alone(store: Store, tmp_path: Path) -> None:
    rows = [row(-1)]
    for number, field in enumerate(BAD):
        rows += [row(2 * number, field), row(2 * number + 1, f'"n": {2**63 - 1}, "title": "Fine \\ud83d\\ude00"')]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    report = ingest.add(store, [path])
    assert len(report.added) == 1 + len(BAD)
    assert len(report.refused) == len(BAD)
    for number, (refusal, reason) in enumerate(zip(report.refused, BAD.values(), strict=True)):
        assert refusal.name == f"line {2 * number + 2} of {path}"
        assert reason in refusal.reason
    report.model_dump_json()
    with store.reading() as session:
        kept = [one.title for one in articles.get_many(session, articles.ids(session))]
    assert kept.count("Fine 😀") == len(BAD)


def test_documents_are_held_to_the_same(store: Store, tmp_path: Path) -> None:
    annotations = AnnotationSet(producer=Producer(kind="person", name="p"), scheme_digest="", layers={})

    def document(number: int, **fields: object) -> str:
        article = Article.from_text(TEXT.format(number)).model_copy(update=fields)
        return to_json(AnnotatedArticle(article=article, annotations=annotations))

    lines = [
        document(0),
        document(1).replace('"title": "The', '"title": "\\u0000The'),
        document(2, id="x" * 5000),
        document(3, story_group="\x00"),
        document(4).replace('"meta": {}', '"meta": {"n": 1' + "0" * 5000 + "}"),
        document(5).replace('"language": "en"', '"language": "\\ud83d"'),
        document(6, source="s" * 5000),
        document(7),
    ]
    path = tmp_path / "documents.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    report = ingest.add(store, [path])
    assert len(report.added) == 2
    assert [one.name.split(" of ")[0] for one in report.refused] == [f"line {number}" for number in range(2, 8)]


def test_a_nul_in_one_row_of_a_table_refuses_that_row(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(f'text,title\n"{TEXT.format(1)}",a\n"{TEXT.format(2)}",b\0\n"{TEXT.format(3)}",c\n'.encode())
    report = ingest.add(store, [path])
    assert len(report.added) == 2
    assert [one.name for one in report.refused] == [f"row 3 of {path}"]


def test_a_file_whose_name_is_no_utf_8_is_refused_and_can_be_told(store: Store, tmp_path: Path) -> None:
    odd = Path(str(tmp_path).encode().decode() + "/b\udcffd.txt")
    odd.write_text(TEXT.format(1), encoding="utf-8")
    (tmp_path / "good.txt").write_text(TEXT.format(2), encoding="utf-8")
    (tmp_path / "\udcff.md").write_text("# Notes", encoding="utf-8")
    report = ingest.add(store, [tmp_path])
    assert [Path(one.name).name for one in report.added] == ["good.txt"]
    assert "no UTF-8" in report.refused[0].reason
    assert "\\udcff.md" in report.passed_over[-1] + report.passed_over[0]
    report.model_dump_json()


def test_what_a_page_says_of_itself_is_no_reason_to_lose_it(store: Store, tmp_path: Path) -> None:
    address = "https://x.example/" + "".join(f"{number:x}-" for number in range(3000))
    body = "".join(f"<p>{TEXT.format(number)} The council met again, it said.</p>" for number in range(5))
    page = (
        f'<html><head><link rel="canonical" href="{address}"><meta property="og:url" content="{address}"><title>Ferry '
        f"&#0;closed {'long ' * 9000}</title></head><body><article><h1>Ferry closed</h1>{body}</article></body></html>"
    )
    path = tmp_path / "page.html"
    path.write_text(page, encoding="utf-8")
    report = ingest.add(store, [path])
    assert report.refused == ()
    with store.reading() as session:
        (kept,) = articles.get_many(session, articles.ids(session))
    assert len(kept.title) <= 300
    assert json.dumps(kept.meta).count("x.example") <= 1


def test_two_runs_that_read_the_same_texts_keep_each_once(store: Store, tmp_path: Path) -> None:
    paths: list[Path] = []
    for number, end in enumerate(("\n", "\r\n", "\n", "\r")):
        path = tmp_path / f"{number}.jsonl"
        texts = (f"Vote {n}{end}{TEXT.format(n)}" for n in range(120))
        path.write_text("\n".join(json.dumps({"text": text}) for text in texts), encoding="utf-8")
        paths.append(path)
    reports: list[ingest.AddReport] = []

    def take(path: Path) -> None:
        reports.append(ingest.add(store, [path]))

    threads = [threading.Thread(target=take, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(len(report.added) for report in reports) == 120
    assert sum(len(report.known) for report in reports) == 360
    with store.reading() as session:
        assert articles.count(session) == 120
