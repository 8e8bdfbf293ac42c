"""One way to print a report: its lines, tables and lists, or its JSON, and all of its lists in a file."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from workbench.cli.output import Output
from workbench.cli.reporting import reporting
from workbench.core.report import LISTED, Line, Listing, Report, Row, Shown, Table
from workbench.errors import PartlyDone, ReleaseError, SettingsError, WorkbenchError


class Read(Report):
    """What was read."""

    refused: tuple[tuple[str, str], ...] = ()

    def shown(self) -> Iterator[Shown]:
        yield Line("bad  ", "\x1b[2Jone [/bold]", "bad")
        yield Table(("", "n"), (Row(("all", "12"), strong=True), Row(()), Row(("rest", "1"))))
        yield Listing("refused", self.refused, between=" ")
        yield Listing("told in full elsewhere", ("a", "b"), printed=False)

    def failure(self) -> WorkbenchError | None:
        return PartlyDone("some were refused") if self.refused else None


def printed(report: Report, file: Path | None = None) -> str:
    console = Output()
    console.file = stream = StringIO()
    with reporting(lambda: console, file) as show:
        show(report)
    return stream.getvalue()


def test_a_report_is_printed_part_by_part():
    lines = [line.rstrip() for line in printed(Read()).splitlines()]
    assert lines[0] == "bad  \\u001b[2Jone [/bold]"
    assert lines[1:] == ["", "        n", " ────────", " all   12", "", " rest   1", ""]


def test_a_list_is_cut_off_and_stands_in_the_file_in_full(tmp_path: Path):
    rows = tuple((f"n{number}", f"reason {number}") for number in range(LISTED + 3))
    file = tmp_path / "all.txt"
    with pytest.raises(PartlyDone):
        printed(Read(refused=rows), file)
    assert file.read_text().splitlines() == [
        *(f"refused: {name} {reason}" for name, reason in rows),
        "told in full elsewhere: a",
        "told in full elsewhere: b",
    ]
    assert str(Read(refused=rows)).endswith("  … and 3 more")


def test_a_report_that_cannot_be_written_is_said_before_anything_is_done(tmp_path: Path):
    with pytest.raises(SettingsError, match="cannot be written to"), reporting(Output, tmp_path):
        pytest.fail("it began")


def test_an_earlier_report_gives_way_also_where_there_is_nothing_to_list(tmp_path: Path):
    file = tmp_path / "all.txt"
    file.write_text("of yesterday")
    with reporting(Output, file):
        pass
    assert file.read_text() == ""


def test_json_takes_the_place_of_the_report_and_the_file_still_has_the_lists(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    file = tmp_path / "all.txt"
    with pytest.raises(PartlyDone), reporting(Output, file, as_json=True) as show:
        show(Read(refused=(("é", "is bad"),)))
    assert json.loads(capsys.readouterr().out) == {"refused": [["é", "is bad"]]}
    assert file.read_text(encoding="utf-8").startswith("refused: é is bad\n")


def test_the_lists_of_an_error_are_shown_before_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    error = ReleaseError("two are wrong", lists={"wrong": [("a", "x"), ("b", "y")], "alone": [("c", "z")]})
    file = tmp_path / "all.txt"
    with pytest.raises(ReleaseError), reporting(Output, file):
        raise error
    assert capsys.readouterr().out.splitlines() == ["2 wrong:", "  a: x", "  b: y"]
    assert file.read_text() == "wrong: a: x\nwrong: b: y\n"


def test_a_notebook_takes_nothing_for_markup():
    html = Read(refused=(("<i>", "<b>"),))._repr_html_()
    assert "<b>bad  </b>" in html
    assert "&lt;i&gt; &lt;b&gt;" in html
    assert "told in full" not in html
