import csv
import subprocess
import sys
from pathlib import Path

import pytest
from annotation_sets import SCHEME
from format_cases import files, one_article
from hypothesis import HealthCheck, given, settings
from pyarrow import parquet

from workbench.core.annotations import AnnotatedArticle
from workbench.core.scheme import LabelScheme
from workbench.errors import FormatError
from workbench.formats import tokens
from workbench.formats.records import EventsCsv, EventsParquet, Records, StancesCsv, StancesParquet, defused

TEXT = "=Mr. Berg 🙂 of Oslo\N{NO-BREAK SPACE}City met Minsk’s envoy. The U.S. said no.\r\nBern “will not accept” that meeting. שלום"


def article() -> AnnotatedArticle:
    found = one_article(
        TEXT,
        ("PERSON", "=Mr. Berg"),
        ("GPE", "Oslo\N{NO-BREAK SPACE}City"),
        ("GPE", "Minsk"),
        ("CONSULT", "met"),
        ("GPE", "Bern"),
        ("AGAINST", "will not accept"),
        ("WORK", "no"),
        roles=((3, "actor", 0), (3, "actor", 1), (3, "recipient", 2), (5, "holder", 4), (5, "target", 3)),
    )
    layers = {
        layer: tuple(span.model_copy(update={"norm": "Belarus"}) if span.text == "Minsk" else span for span in spans)
        for layer, spans in found.annotations.layers.items()
    }
    layers["events"] = tuple(one.model_copy(update={"attributes": {"modality": "negated"}}) for one in layers["events"])
    return AnnotatedArticle(
        article=found.article.model_copy(update={"published": "2025-10-21"}),
        annotations=found.annotations.model_copy(update={"layers": layers}),
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_an_event_and_a_row_a_stance(tmp_path: Path) -> None:
    report = EventsCsv().write([article()], tmp_path, "train", SCHEME)
    assert report.files == ("train.events.csv",)
    assert report.spans == 1
    assert "spans of the layer stances that fill no role (1)" in report.problems[0]
    assert "spans of the layer entities that fill no role (2)" in report.problems[0]
    start = TEXT.index("met")
    [event] = rows(tmp_path / "train.events.csv")
    assert event == {
        "article": article().article.id,
        "date": "2025-10-21",
        "category": "CONSULT",
        "modality": "negated",
        "actor": "'=Mr. Berg; Oslo City",
        "recipient": "Belarus",
        "place": "",
        "time": "",
        "trigger": "met",
        "title": "'=Mr. Berg 🙂 of Oslo City met Minsk’s envoy. The U.S. said no.",
        "source": "f.txt",
        "sentence": "'=Mr. Berg 🙂 of Oslo City met Minsk’s envoy.",
        "start": str(start),
        "end": str(start + 3),
    }
    StancesParquet().write([article()], tmp_path, "train", SCHEME)
    [stance] = parquet.read_table(tmp_path / "train.stances.parquet").to_pylist()
    assert [stance[one] for one in ("polarity", "expressed", "holder", "target", "expression", "start")] == [
        "AGAINST",
        "stated",
        "Bern",
        "met",
        "will not accept",
        TEXT.index("will"),
    ]
    assert stance["sentence"] == "Bern “will not accept” that meeting."
    EventsParquet().write([article()], tmp_path, "train", SCHEME)
    [event] = parquet.read_table(tmp_path / "train.events.parquet").to_pylist()
    assert event["actor"] == "=Mr. Berg; Oslo City"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_cells_that_spreadsheets_would_run_are_defused(cell: str) -> None:
    assert defused(cell) == f"'{cell}"
    assert defused(f"x{cell}") == f"x{cell}"


@given(given_=files())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_span_of_the_layer_is_a_row_and_both_kinds_of_file_say_the_same(
    tmp_path: Path, given_: tuple[LabelScheme, list[AnnotatedArticle]]
) -> None:
    scheme, articles = given_
    layer_name = scheme.layers[0].name

    class First:
        layer, label, words, name = layer_name, "label", "words", "first"

    class AsCsv(First, EventsCsv):
        pass

    class AsParquet(First, EventsParquet):
        pass

    reports = [form.write(articles, tmp_path, "x", scheme) for form in (AsCsv(), AsParquet())]
    as_csv = rows(tmp_path / f"x.{layer_name}.csv")
    as_parquet = parquet.read_table(tmp_path / f"x.{layer_name}.parquet").to_pylist()
    assert (
        len(as_csv)
        == len(as_parquet)
        == reports[0].spans
        == sum(len(one.annotations.layers[layer_name]) for one in articles)
    )
    assert reports[0].problems == reports[1].problems
    assert [{k: defused(str(v)) for k, v in one.items()} for one in as_parquet] == as_csv
    for one in as_parquet:
        assert one["words"] in one["sentence"]


def test_the_columns_are_documented_and_stay_apart() -> None:
    page = (Path(__file__).parents[3] / "schemas" / "README.md").read_text(encoding="utf-8").split("## Columns")[1]
    cells = [[cell.strip(" `") for cell in line.split("|")[1:3]] for line in page.splitlines() if line.startswith("| ")]
    events, stances = ([row[number] for row in cells[1:] if row[number]] for number in (0, 1))
    assert EventsCsv().columns(SCHEME) == EventsParquet().columns(SCHEME) == events
    assert StancesCsv().columns(SCHEME) == StancesParquet().columns(SCHEME) == stances
    scheme = LabelScheme.from_xml(
        '<View><Labels name="events" toName="t"><Label value="A"/></Labels><Text name="t" value="$t"/>'
        '<Choices name="start" toName="t" perRegion="true" whenTagName="events"><Choice value="x"/></Choices>'
        '<Relations><Relation value="source" from="events" to="events"/></Relations></View>'
    )
    columns = EventsCsv().columns(scheme)
    assert len(set(columns)) == len(columns)
    assert {"role source", "attribute start", "source", "start"} <= set(columns)


@pytest.mark.parametrize("form", [EventsCsv(), EventsParquet(), StancesCsv(), StancesParquet()])
def test_what_records_cannot_do_is_refused(tmp_path: Path, form: Records) -> None:
    with pytest.raises(FormatError, match="records do not hold the texts"):
        form.read(tmp_path / "x", SCHEME)
    scheme = LabelScheme.from_xml(
        '<View><Labels name="names" toName="t"><Label value="A"/></Labels><Text name="t" value="$t"/></View>'
    )
    with pytest.raises(FormatError, match="which the scheme lacks"):
        form.write([], tmp_path, "x", scheme)


def test_sentences_end_at_line_ends_and_full_stops_but_not_within_names() -> None:
    def said(text: str) -> list[str]:
        return [text[a:b] for a, b in tokens.sentences(text)]

    assert said("Mr. A. Berg met J. Smith. He left!  “So soon?” she asked.\r\n\r\nAt 3.5 p.m. it ended") == [
        "Mr. A. Berg met J. Smith.",
        "He left!",
        "“So soon?” she asked.",
        "At 3.5 p.m. it ended",
    ]
    assert said(" \n\t ") == []


def test_pyarrow_is_not_loaded_until_it_is_needed() -> None:
    code = "import sys; from workbench.formats import registry; registry(); assert 'pyarrow' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
