"""Articles into a real store."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench import processes
from workbench.articles import catalogue, ingest
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer
from workbench.core.article import Article, Cut, apply_cuts, article_id, sha256
from workbench.core.documents import to_json
from workbench.errors import ArticleError
from workbench.store import Store, articles

DAM = (
    "Gates open at Karuma dam\n\nEngineers at the Karuma dam opened two gates on Friday after Minister Tesfu Abay "
    "ordered the Lenkora reservoir lowered. Downstream, the governor of Gezo, Halima Suad, said four villages had been "
    "told to leave.\n\nSign up for our newsletter\n"
)
BANK = (
    "Banker held in Orsova\n\nPolice in Orsova arrested the head of Danubia Kredit, Petru Voinescu, on Monday over "
    "loans to a shipyard that was never built. His lawyer, Ilinca Marin, called the arrest a farce.\n"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.db'}")
    yield opened
    opened.close()


def put(tmp_path: Path, **texts: str) -> Path:
    folder = tmp_path / "in"
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_bytes(text.encode())
    return folder


def test_articles_are_read_cleaned_and_kept(store: Store, tmp_path: Path) -> None:
    report = ingest.add(store, [put(tmp_path, dam=DAM, bank=BANK.replace("\n", "\r\n"), empty="")])
    assert [Path(one.name).name for one in report.added] == ["bank.txt", "dam.txt"]
    assert [one.reason for one in report.refused] == ["is empty"]
    assert report.cuts == {"newsletter": ingest.CutCount(cuts=1, characters=len("\nSign up for our newsletter\n"))}
    assert (report.new_groups, report.joined_groups) == (2, 0)
    with store.transaction() as session:
        article = articles.get(session, article_id(DAM))
        assert articles.raw(session, article.id) == (DAM, "text/plain")
    assert apply_cuts(DAM, article.cuts) == article.text
    assert article.title == "Gates open at Karuma dam"
    assert article.story_group is not None


def test_adding_again_adds_a_source_and_nothing_else(store: Store, tmp_path: Path) -> None:
    folder = put(tmp_path, dam=DAM)
    ingest.add(store, [folder])
    report = ingest.add(store, [folder, put(tmp_path, copy=DAM)])
    assert report.added == ()
    assert len(report.known) == 4
    with store.transaction() as session:
        assert articles.count(session) == 1
        assert [Path(one).name for one in articles.sources(session, article_id(DAM))] == ["dam.txt", "copy.txt"]


def test_stories_are_found_across_runs(store: Store, tmp_path: Path) -> None:
    ingest.add(store, [put(tmp_path, dam=DAM, bank=BANK)])
    later = "Gezo's governor, Halima Suad, blames Minister Tesfu Abay. The Karuma dam flooded four villages."
    copy = DAM.replace("Friday", "Saturday")
    (tmp_path / "more").mkdir()
    for name, text in (("later", later), ("zcopy", copy)):
        (tmp_path / "more" / f"{name}.txt").write_text(text, encoding="utf-8")
    report = ingest.add(store, [tmp_path / "more"])
    assert (report.new_groups, report.joined_groups) == (0, 2)
    assert [near.others for near in report.near_duplicates] == [(article_id(DAM),)]
    with store.transaction() as session:
        groups = articles.story_groups(session)
    assert sorted(len(members) for members in groups.values()) == [1, 3]


def test_articles_that_came_in_another_way_are_grouped(store: Store, tmp_path: Path) -> None:
    with store.transaction() as session:
        articles.add(session, Article.from_text(DAM), raw=DAM)
    report = ingest.add(store, [put(tmp_path, copy=DAM + "Nobody was hurt.\n")])
    assert report.joined_groups == 1
    with store.transaction() as session:
        assert len(articles.story_groups(session)) == 1


def test_a_split_keeps_groups_apart(store: Store, tmp_path: Path) -> None:
    report = ingest.add(store, [put(tmp_path, dam=DAM, bank=BANK)])
    groups = [one.story_group for one in report.added]
    with store.transaction() as session:
        articles.assign_split(session, groups[0], "train")
        articles.assign_split(session, groups[1], "test")
    report = ingest.add(store, [put(tmp_path, both=DAM + BANK)])
    (apart,) = report.kept_apart
    assert {apart.group, *apart.others} == set(groups)
    assert report.merged_groups == ()
    with store.transaction() as session:
        assert len(articles.story_groups(session)) == 2


def test_merged_groups_are_merged_in_the_store(store: Store, tmp_path: Path) -> None:
    ingest.add(store, [put(tmp_path, dam=DAM, bank=BANK)])
    report = ingest.add(store, [put(tmp_path, both=DAM + BANK)])
    assert len(report.merged_groups) == 1
    with store.transaction() as session:
        assert [len(members) for members in articles.story_groups(session).values()] == [3]


def document(article: Article) -> str:
    annotations = AnnotationSet(producer=Producer(kind="person", name="p"), scheme_digest="", layers={})
    return to_json(AnnotatedArticle(article=article, annotations=annotations)) + "\n"


def test_documents_keep_text_cuts_and_group(store: Store, tmp_path: Path) -> None:
    raw = "Advertisement\r\nRead more\r\nNews."
    text = "Advertisement\nRead more\nNews."
    cuts = tuple(Cut(start=n, end=n + 1, reason="line end", text="\r") for n in (13, 24))
    given = Article(
        id=article_id(raw),
        text=text,
        text_sha256=sha256(text),
        raw_sha256=sha256(raw),
        cuts=cuts,
        story_group="mine",
        source="x",
    )
    path = tmp_path / "gold.jsonl"
    path.write_text(document(given), encoding="utf-8")
    ingest.add(store, [path])
    with store.transaction() as session:
        kept = articles.get(session, given.id)
        assert articles.raw(session, given.id)[0] == raw
    assert kept == given
    other = given.model_copy(update={"text": "Other.", "text_sha256": sha256("Other."), "cuts": ()})
    path.write_text(document(given) + document(other), encoding="utf-8")
    report = ingest.add(store, [path])
    assert len(report.known) == 1
    assert "another text" in report.refused[0].reason


def test_what_is_odd_is_counted(store: Store, tmp_path: Path) -> None:
    rows = [
        {"text": DAM, "date": "soon", "tags": [1], "n": {"a": 1}},
        {"text": "Café owners in Orléans said “no” on Monday, officials said."},
    ]
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        json.dumps(rows[0]).encode() + b"\n" + json.dumps(rows[1], ensure_ascii=False).encode("cp1252") + b"\n"
    )
    report = ingest.add(store, [path])
    assert (report.dates_as_given, report.nested_values) == (1, 2)
    assert report.encodings == {"utf-8": 1, "cp1252": 1}


def test_the_catalogue(store: Store, tmp_path: Path) -> None:
    ingest.add(store, [put(tmp_path, dam=DAM, bank=BANK)])
    ingest.add(store, [put(tmp_path, copy=DAM + "Nobody was hurt.\n")])
    listed = catalogue.listed(store, by_story=True).articles
    assert [entry.title for entry in listed].count("Gates open at Karuma dam") == 2
    dam = next(entry for entry in listed if entry.id == article_id(DAM))
    whole = catalogue.details(store, dam.id[:8])
    shown = str(whole)
    assert shown.startswith(f"article       {dam.id}\n")
    assert shown.endswith(f"\n\n{whole.article.text}")
    assert json.loads(whole.as_json()) == whole.article.model_dump(mode="json")
    assert str(catalogue.details(store, dam.id, view="raw")) == DAM
    cuts = str(catalogue.details(store, dam.id, view="cuts")).splitlines()
    assert "1 cut; offsets count characters of the raw text" in cuts
    (cut,) = whole.boilerplate
    assert cuts[cuts.index(f"{cut.start}-{cut.end} newsletter") + 1].startswith("  | ")
    assert [cut.reason for cut in whole.boilerplate] == ["newsletter"]
    assert len(whole.same_story) == 1
    assert whole.raw == DAM
    with pytest.raises(ArticleError, match="no article"):
        catalogue.details(store, "zzz")
    with pytest.raises(ArticleError, match="beginning of"):
        catalogue.details(store, "a-")


@pytest.mark.parametrize("first", range(6))
def test_one_text_is_one_article_whatever_its_mark_encoding_and_line_ends(
    store: Store, tmp_path: Path, first: int
) -> None:
    kinds = [
        BANK.encode(),
        b"\xef\xbb\xbf" + BANK.encode(),
        BANK.replace("\n", "\r\n").encode(),
        BANK.replace("\n", "\r").encode(),
        BANK.replace("\n", "\r\n").encode("utf-16"),
        BANK.replace("\n", "\u2028").encode("utf-32"),
    ]
    folder = tmp_path / "in"
    folder.mkdir()
    order = [*kinds[first:], *kinds[:first]]
    for number, data in enumerate(order):
        (folder / f"{number}.txt").write_bytes(data)
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps({"text": BANK.replace("\n", "\r\n")}) + "\n", encoding="utf-8")
    report = ingest.add(store, [folder])
    assert (len(report.added), len(report.known)) == (1, 5)
    again = ingest.add(store, [rows, folder])
    assert (len(again.added), len(again.known)) == (0, 7)
    with store.reading() as session:
        (only,) = articles.ids(session)
        assert len(articles.sources(session, only)) == 7
        assert articles.raw(session, only)[0].strip("\ufeff").splitlines() == BANK.splitlines()


def test_bytes_that_were_no_utf_8_are_told(store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes(DAM.encode() + "Café “no”.\n".encode() + b"The mayor\x92s plan.\n")
    table = (
        f'text,n\n"{BANK} Zürich"\n'.encode() + b'"It\x92s over, Petru Voinescu said.\nAgain.",2\n"No stray here.",3\n'
    )
    (folder / "b.csv").write_bytes(table)
    report = ingest.add(store, [folder])
    assert [str(one) for one in report.stray_bytes] == [
        f"{folder / 'a.txt'}: line 7: 0x92 read as ’",
        f"row 3 of {folder / 'b.csv'}: line 6: 0x92 read as ’",
    ]
    assert report.encodings == {"utf-8 and cp1252": 2, "utf-8": 2}
    notes: list[ingest.StrayBytes] = []
    assert len(list(ingest.read_articles([folder], stray_bytes=notes))) == 4
    assert len(notes) == 2


def test_many_articles_are_prepared_by_several_processes_and_come_out_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(450):
        words = " ".join(f"Karlsund{number * 7 + k % 7} voted{k * number % 97}" for k in range(30))
        (folder / f"{number:03}.txt").write_text(
            f"Vote {number}\n\n{words} said Edda{number // 5} Brok{number // 3}.\n"
        )
    (folder / "empty.txt").write_text("")
    reports: list[ingest.AddReport] = []
    for cores in (1, 2):
        opened = Store.open(f"sqlite:///{tmp_path / f'{cores}.db'}")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(processes, "_cores", [cores].copy().pop)
            reports.append(ingest.add(opened, [folder]))
        with opened.reading() as session:
            assert articles.ids(session) == [one.article_id for one in reports[-1].added]
        opened.close()
    assert reports[0] == reports[1]
    assert len(reports[0].added) == 450
