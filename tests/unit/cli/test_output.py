"""What commands print under a pipe, in a narrow window or encoding, on a full disk, about hostile texts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from annotation_sets import SCHEME

from workbench.core import documents
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer, Span
from workbench.core.article import Article
from workbench.printable import shortened, visible

TITLES = ("[/bold] :smile: \x1b[31mred\x07", "two\nlines \u202eturned", "“q” café … " + "x" * 3000)
ANNOTATORS = ("[red]ann[/]", "zoë \x1b[2J", "☃")


def run(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "workbench", *words],
        capture_output=True,
        cwd=folder,
        env={**os.environ, **environment},
        check=False,
        timeout=120,
    )


def annotated(number: int, label: str = "PERSON") -> AnnotatedArticle:
    text = f"{number}. Anna Holm met Oslo in a café."
    start = text.index("Anna")
    span = Span(id="a", label=label, start=start - 1, end=start + 9, text=f" {text[start : start + 9]}")
    producer = Producer(kind="person", name=ANNOTATORS[number % 3])
    layers = {**SCHEME.empty_layers(), "entities": (span,)}
    return AnnotatedArticle(
        article=Article.from_text(text, title=TITLES[number % 3], source="f.txt"),
        annotations=AnnotationSet(producer=producer, scheme_digest=SCHEME.digest, layers=layers),
    )


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with articles of hostile titles, on which annotators of hostile names differ."""
    folder = tmp_path_factory.mktemp("workspace")
    assert run(folder, "init", ".").returncode == 0
    for name, label in (("one.jsonl", "PERSON"), ("two.jsonl", "ORG")):
        lines = [documents.to_json(annotated(number, label)) for number in range(30)]
        (folder / name).write_text("\n".join(lines), encoding="utf-8")
    done = run(folder, "import", "one.jsonl", "--report", "one.txt")
    assert done.returncode == 0, done.stderr
    assert "30 × entities PERSON ' Anna Holm' is taken as 'Anna Holm': one.jsonl, line 1; " in done.stdout.decode()
    assert len((folder / "one.txt").read_text(encoding="utf-8").splitlines()) == 30
    assert run(folder, "gold", "release", "one").returncode == 0
    assert run(folder, "import", "two.jsonl", "--annotator", "other").returncode == 0
    return folder


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("history", "a-"), 1),  # several articles begin so
        (("gold", "show", "one"), 0),
        (("gold", "release", "two"), 1),
        (("score", "one.jsonl", "two.jsonl"), 0),
        (("import", "two.jsonl", "--annotator", "other"), 0),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, tuple) else "",
)
def test_a_narrow_encoding_or_window_a_full_disk_and_a_pipe_that_ends_are_no_traceback(
    workspace: Path, words: tuple[str, ...], code: int
) -> None:
    done = run(workspace, *words, PYTHONIOENCODING="ascii", COLUMNS="40")
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr
    assert not {b"\x1b", b"\x07"} & {bytes([one]) for one in done.stdout + done.stderr}
    assert (done.stdout + done.stderr).isascii()
    command = [sys.executable, "-m", "workbench", *words]
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, cwd=workspace, check=False, timeout=120)
    assert ended.returncode == 1
    assert b"Traceback" not in ended.stderr
    assert b"Exception ignored" not in ended.stderr
    if code == 0:
        assert b"No space left on device\n  make room" in ended.stderr
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=workspace) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        process.wait(120)
    assert b"Traceback" not in said
    assert b"Exception ignored" not in said
    assert b"error:" not in said or code == 1


def test_lines_are_as_long_as_they_are_and_tables_are_whole_in_a_narrow_window(workspace: Path) -> None:
    for words in (("score", "one.jsonl", "two.jsonl"), ("gold", "list")):
        wide, narrow = (run(workspace, *words, COLUMNS=columns) for columns in ("200", "30"))
        assert wide.returncode == 0, wide.stderr
        assert wide.stdout == narrow.stdout


def test_json_stays_json_in_a_narrow_encoding(workspace: Path) -> None:
    for encoding in ("ascii", "iso-8859-1"):
        done = run(workspace, "status", "--json", PYTHONIOENCODING=encoding)
        found = json.loads(done.stdout.decode("utf-8" if encoding == "ascii" else encoding))
        assert {one["annotator"] for one in found["annotators"]} >= {*ANNOTATORS, "other"}


def test_names_of_a_locale_that_cannot_read_them_are_taken_as_text_or_named(workspace: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    with Path(os.fsdecode(os.fsencode(workspace) + b"/\xff.jsonl")).open("w", encoding="utf-8") as file:
        file.write(documents.to_json(annotated(1)))
    done = run(workspace, "import", os.fsdecode(b"\xff.jsonl"), "--annotator", "Ünal", **plain)
    assert done.returncode == 0, done.stderr
    found = json.loads(run(workspace, "status", "--json").stdout)
    assert "Ünal" in {one["annotator"] for one in found["annotators"]}
    done = run(workspace, "gold", "show", "Ünal", **plain)
    assert (done.returncode, b"Traceback" in done.stderr) == (1, False)


def test_what_annotators_differ_in_is_counted_and_a_report_has_all(workspace: Path) -> None:
    done = run(workspace, "gold", "release", "two", "--report", "differ.txt")
    assert done.returncode == 1
    assert done.stdout.decode().startswith("30 articles on which annotators differ:\n  10 × ")
    assert max(map(len, done.stderr.decode().splitlines())) < 1100
    assert len((workspace / "differ.txt").read_text(encoding="utf-8").splitlines()) == 30
    refused = run(workspace, "gold", "release", "two", "--report", "none/differ.txt")
    assert refused.returncode == 1
    assert b"the report cannot be written to none/differ.txt" in refused.stderr


def test_what_steers_a_terminal_is_written_out() -> None:
    assert visible("a\tb\nc 👩‍👧 é") == "a b\nc 👩‍👧 é"
    assert visible("\x1b[2J\x9b\u202e\udc80") == "\\u001b[2J\\u009b\\u202e\\udc80"
    assert shortened("x" * 30, 10) == "xxxxx … xxxxx"
    assert shortened("x" * 10, 10) == "x" * 10
