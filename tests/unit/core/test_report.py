"""How the lists of a report are told: equal reasons once with their number, on lines that steer no terminal, and in full."""

from workbench.core.report import LISTED, NAMED, Exact, Listing, Table, as_html, as_lines
from workbench.printable import titled


def shown(*entries: tuple[str, str], more: str = "") -> list[str]:
    return list(Listing("refused", entries).lines(more))


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


def test_things_without_a_reason_are_listed_one_by_one() -> None:
    assert shown(("a ~ b", ""), ("c ~ d", "")) == ["2 refused:", "  a ~ b", "  c ~ d"]


def test_a_list_stops_and_says_how_many_more_there_are() -> None:
    rows = [("a", "is first"), *((f"n{number}", f"reason {number}") for number in range(40)), ("z", "reason 39")]
    printed = shown(*rows, more="--report FILE writes all")
    assert len(printed) == LISTED + 2
    assert printed[1:3] == ["  2 × reason 39: n39; z", "  a: is first"]
    assert printed[-1] == f"  … and {len(rows) - LISTED - 1} more (--report FILE writes all)"
    listing = Listing("refused", rows, file="all.txt", limit=2)
    assert [*listing.lines("--report FILE writes all")][-1] == f"  … and {len(rows) - 3} more (all in all.txt)"
    assert list(Listing("refused", rows).in_full()) == [f"refused: {name}: {reason}" for name, reason in rows]


def test_names_are_on_one_line_and_steer_no_terminal() -> None:
    entry = ("a\nb\x1b[31m" + "x" * 500, "bad\r\n\u202ereason")
    [_, line] = shown(entry)
    assert "\n" not in line
    assert line.startswith("  a b\\u001b[31m")
    assert line.endswith("bad \\u202ereason")
    assert len(line) < 200
    [whole] = Listing("refused", [entry]).in_full()
    assert whole == "refused: a b\\u001b[31m" + "x" * 500 + ": bad \\u202ereason"


def test_a_text_alone_is_an_entry_and_a_thing_and_its_reason_may_read_as_a_sentence() -> None:
    assert list(Listing("remarks", ("b", "a", "a")).lines()) == ["3 remarks:", "  2 × a", "  b"]
    listing = Listing("refused", [("a.txt", "holds no text")], between=" ")
    assert list(listing.lines()) == ["1 refused:", "  a.txt holds no text"]
    assert list(Listing("elsewhere", ("a",), printed=False).lines()) == []


def test_an_article_goes_by_its_id_and_its_title_where_it_has_one() -> None:
    assert titled("a-1", "Talks\n in\x1b[31m Oslo") == "a-1 (Talks in\\u001b[31m Oslo)"
    assert (titled("a-1", ""), titled("a-1", " \n")) == ("a-1", "a-1")


def test_one_thing_is_told_in_the_singular() -> None:
    assert next(Listing("things were touched", ("a",)).lines()) == "1 thing was touched:"


def test_a_table_without_names_has_no_head_and_an_exact_text_is_left_as_it_is() -> None:
    table = Table.of("", "", rows=[("title", "Talks"), ("on the story", "a-1")], left=(0, 1))
    assert list(as_lines(table)) == ["title         Talks", "on the story  a-1"]
    assert "<thead>" not in as_html(table)
    assert list(as_lines(Exact("a\tb <i>\n"))) == ["a\tb <i>\n"]
    assert "a\tb &lt;i&gt;\n" in as_html(Exact("a\tb <i>\n"))
