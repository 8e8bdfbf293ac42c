from pathlib import Path

import pytest

from workbench.cli.lists import Lists
from workbench.core.report import LISTED, NAMED
from workbench.errors import ReleaseError, SettingsError


def shown(*entries: tuple[str, str], file: Path | None = None) -> list[str]:
    printed: list[str] = []
    Lists(printed.append, file).show("refused", entries)
    return printed


def test_nothing_is_no_list() -> None:
    assert shown() == []


def test_equal_reasons_are_counted_and_some_are_named() -> None:
    rows = [(f"line {number}", "has no text") for number in range(1, 7701)]
    assert shown(*rows[:1]) == ["1 refused:", "  line 1: has no text"]
    names = "; ".join(name for name, _ in rows[:NAMED])
    printed = shown(*rows, ("line 9000", "is no JSON"))
    assert printed == ["7701 refused:", f"  7700 × has no text: {names}; …", "  line 9000: is no JSON"]
    assert shown(("a", "x"), ("b", "x"))[1] == "  2 × x: a; b"
    assert shown(("", "x"), ("", "x"))[1] == "  2 × x"


def test_a_list_stops_and_says_how_many_more_there_are(tmp_path: Path) -> None:
    rows = [("a", "is first"), *((f"n{number}", f"reason {number}") for number in range(40)), ("z", "reason 39")]
    printed = shown(*rows)
    assert len(printed) == LISTED + 2
    assert printed[1:3] == ["  2 × reason 39: n39; z", "  a: is first"]
    assert printed[-1] == f"  … and {len(rows) - LISTED - 1} more (--report FILE writes all)"
    file = tmp_path / "all.txt"
    assert shown(*rows, file=file)[-1] == f"  … and {len(rows) - LISTED - 1} more (all in {file})"
    assert file.read_text().splitlines() == [f"refused: {name}: {reason}" for name, reason in rows]


def test_things_without_a_reason_are_listed_one_by_one() -> None:
    assert shown(("a ~ b", ""), ("c ~ d", "")) == ["2 refused:", "  a ~ b", "  c ~ d"]


def test_a_thing_and_its_reason_may_read_as_a_sentence(tmp_path: Path) -> None:
    printed: list[str] = []
    file = tmp_path / "all.txt"
    Lists(printed.append, file).show("refused", [("a.txt", "holds no text")], between=" ")
    assert printed == ["1 refused:", "  a.txt holds no text"]
    assert file.read_text() == "refused: a.txt holds no text\n"


def test_names_are_on_one_line_and_steer_no_terminal(tmp_path: Path) -> None:
    file = tmp_path / "all.txt"
    [_, line] = shown(("a\nb\x1b[31m" + "x" * 500, "bad\r\n\u202ereason"), file=file)
    assert "\n" not in line
    assert line.startswith("  a b\\u001b[31m")
    assert line.endswith("bad \\u202ereason")
    assert len(line) < 200
    assert file.read_text() == "refused: a b\\u001b[31m" + "x" * 500 + ": bad \\u202ereason\n"


def test_a_report_that_cannot_be_written_is_said_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written to"):
        Lists(None, tmp_path / "none" / "all.txt")
    with pytest.raises(SettingsError, match="cannot be written to"):
        Lists(None, tmp_path)


def test_an_earlier_report_gives_way_also_where_there_is_nothing_to_list(tmp_path: Path) -> None:
    file = tmp_path / "all.txt"
    file.write_text("of yesterday")
    Lists(None, file)
    assert file.read_text() == ""


def test_the_lists_of_an_error_are_shown_before_it(tmp_path: Path) -> None:
    printed: list[str] = []
    error = ReleaseError("two are wrong", lists={"wrong": [("a", "x"), ("b", "y")], "alone": [("c", "z")]})
    with pytest.raises(ReleaseError), Lists(printed.append).of_errors():
        raise error
    assert printed == ["2 wrong:", "  a: x", "  b: y"]
