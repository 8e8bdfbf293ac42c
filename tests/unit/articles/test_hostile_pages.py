"""A page that means harm becomes an article of plain text, or is refused: at once, and with a reason."""

import time
from pathlib import Path

import pytest

from workbench.articles import ingest
from workbench.core.ports import Silent
from workbench.store import Store, articles

NEWS = (
    "<p>Tomas Reyl was elected mayor of Harnstadt on Monday. He said the city would rebuild its bridge by 2027, and "
    "thanked all who had voted for him in spite of the snow.</p>"
)
PAGE = "<html><head><title>{title}</title></head><body>{before}<article>{inside}</article></body></html>"
LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "{}"><!ENTITY c "{}">]>'.format("&a;" * 100, "&b;" * 100)


def added(folder: Path, name: str, content: str) -> tuple[ingest.AddReport, list[str], float]:
    (folder / name).write_text(content, encoding="utf-8")
    store = Store.open(f"sqlite:///{folder / 'workbench.db'}")
    began = time.process_time()  # what others do on the machine does not count
    report = ingest.add(store, [folder / name], progress=Silent())
    seconds = time.process_time() - began
    with store.reading() as session:
        texts = [f"{one.title}\n{one.text}" for one in articles.get_many(session, articles.ids(session))]
    store.close()
    return report, texts, seconds


def test_scripts_and_handlers_of_a_page_are_no_text(tmp_path: Path):
    script = "<script>alert('in')</script><img src=x onerror=alert('event')><style>p{color:red}</style>"
    page = PAGE.format(title="Reyl wins", before=script, inside=NEWS * 3 + script + NEWS)
    report, (text,), _ = added(tmp_path, "page.html", page)

    assert len(report.added) == 1
    for harm in ("<", "alert", "onerror", "color:red"):
        assert harm not in text


def test_what_a_page_says_about_scripts_stays(tmp_path: Path):
    said = "<p>The page held &lt;script&gt;alert(1)&lt;/script&gt;, the mayor of Harnstadt said on Tuesday evening.</p>"
    _, (text,), _ = added(tmp_path, "page.html", PAGE.format(title="Reyl", before="", inside=NEWS * 3 + said))

    assert "The page held <script>alert(1)</script>, the mayor" in text


@pytest.mark.parametrize(
    "page",
    [
        PAGE.format(title="t", before="", inside="<div>" * 100_000 + NEWS * 4 + "</div>" * 100_000),
        PAGE.format(title="t", before="<b><i><u>" * 100_000, inside=NEWS * 4),
        PAGE.format(title="t", before="", inside=NEWS * 4 + "<table>" * 5_000 + "<tr><td>x"),
        PAGE.format(title="t", before="", inside=NEWS * 4 + "<!--" * 200_000),
        PAGE.format(title="t" * 2_000_000, before="", inside=NEWS * 4),
        PAGE.format(title="t", before="", inside="<p>word word word word word.</p>" * 100_000),
        LAUGHS + PAGE.format(title="t", before="", inside=NEWS * 4 + "<p>&c;&c;</p>"),
        '<!DOCTYPE l [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        + PAGE.format(title="t", before="", inside=NEWS * 4 + "&f;"),
    ],
    ids=["deep", "unclosed", "tables", "comments", "title", "huge", "entities", "outer entity"],
)
def test_a_page_that_is_meant_to_fill_the_memory_ends_soon(tmp_path: Path, page: str):
    report, texts, seconds = added(tmp_path, "page.html", page)

    assert len(report.added) + len(report.refused) == 1
    assert all(one.reason for one in report.refused)
    assert all("root:" not in text and "hahaha" not in text and len(text) < 1_100_000 for text in texts)
    assert seconds < 180  # it would be hours


def test_marks_that_turn_a_line_round_are_kept_as_they_are(tmp_path: Path):
    """They are of the text, whose offsets must not move; where it is printed they are shown by number."""
    turned = "Police \u202eeht ni\u202c \u2066arrested\u2069 two men on Friday. Judge Ina Volk criticised the arrest as hasty."
    _, (text,), _ = added(tmp_path, "turned.txt", turned)

    assert turned in text


def test_a_text_that_moves_the_cursor_is_refused(tmp_path: Path):
    report, texts, _ = added(tmp_path, "cursor.txt", "\x1b[2J\x1b]0;owned\x07Police arrested two men on Friday. " * 5)

    assert "control characters" in report.refused[0].reason
    assert texts == []
