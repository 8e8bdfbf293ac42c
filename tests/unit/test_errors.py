"""What an error says never holds a password that stood in a URL."""

from io import StringIO

import pytest
from rich.table import Table

from workbench.cli.output import Output, print_table
from workbench.errors import WorkbenchError, masked
from workbench.printable import printable_block as printable


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("postgresql://ann:hunter2@db/news is away", "postgresql://ann:***@db/news is away"),
        ("at http://ann:hunter2@ls.example.org:8080/x?y=1", "at http://ann:***@ls.example.org:8080/x?y=1"),
        ("postgresql://ann:hun@ter2@db/news", "postgresql://ann:***@db/news"),
        ("postgresql://ann:hun/ter2@db/news", "postgresql://ann:***@db/news"),
        ("postgresql://ann:5432@db/news", "postgresql://ann:***@db/news"),
        ("postgresql://db/news?user=ann&password=hunter2&x=1", "postgresql://db/news?user=ann&password=***&x=1"),
        ("http://x/signup?token=hunter2#top", "http://x/signup?token=***#top"),
        ("http://x/?API_KEY=hunter2", "http://x/?API_KEY=***"),
        ("'http://a:hunter2@x' and 'http://b:hunter2@y'", "'http://a:***@x' and 'http://b:***@y'"),
    ],
)
def test_a_password_in_a_url_becomes_three_stars(said: str, shown: str):
    assert masked(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "http://127.0.0.1:8080/projects/1",
        "https://example.org:443/@ann/1",
        "write to ann@example.org: it is no URL",
        "https://example.org/a?page=2&author=ann@example.org",
        "postgresql+psycopg://ann@db:5432/news",
        "at 12:30 ann@example.org",
    ],
)
def test_what_holds_no_password_stays(said: str):
    assert masked(said) == said


def test_every_error_masks_its_message_and_its_hint():
    error = WorkbenchError("http://a:hunter2@x", hint="try postgresql://a:hunter2@y/z")

    assert "hunter2" not in f"{error} {error!r} {error.args}"
    assert str(error) == "http://a:***@x\n  try postgresql://a:***@y/z"


HARM = "a\x1b[2J\x1b]0;owned\x07b\u202etxt.exe\u2066\x9b1mc\ud800"
SHOWN = r"a\u001b[2J\u001b]0;owned\u0007b\u202etxt.exe\u2066\u009b1mc\ud800"


def test_what_moves_a_terminal_is_shown_by_its_number():
    assert printable(HARM) == SHOWN
    assert printable("zwölf\tKühe\n«שלום» 👩‍👩‍👧 e\u0301") == "zwölf\tKühe\n«שלום» 👩‍👩‍👧 e\u0301"
    assert str(WorkbenchError(HARM, hint=HARM)) == f"{SHOWN}\n  {SHOWN}"


def test_neither_a_line_nor_a_table_lets_it_through():
    console = Output()
    console.file = StringIO()
    table = Table("title", HARM)
    table.add_row(HARM, "x")
    console.print(HARM, markup=False)
    print_table(console, table)
    assert isinstance(console.file, StringIO)
    printed = console.file.getvalue()

    assert printed.count(SHOWN) == 3
    for sequence in ("\x1b[2J", "\x1b]", "\x07", "\u202e", "\x9b"):
        assert sequence not in printed
