"""`workbench articles` as its user runs it."""

import json
import subprocess
import sys
from pathlib import Path

from workbench.articles.ingest import AddReport


def run(folder: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "workbench", *words]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, input=given, check=False, timeout=60)


def test_add_list_show(tmp_path: Path) -> None:
    (tmp_path / "workbench.toml").write_text("")
    (tmp_path / "in").mkdir()
    raw = "Talks [fail]\r\n\r\nThe talks failed on Tuesday, officials said.\r\nSign up for our newsletter\r\n"
    (tmp_path / "in" / "a.txt").write_bytes(raw.encode())
    (tmp_path / "in" / "b.txt").write_bytes(b"a\0b")
    added = run(tmp_path, "articles", "add", "in", "missing.txt")
    assert added.returncode == 4, added.stderr
    assert "1 article added" in added.stdout
    assert "in/b.txt holds NUL" in added.stdout
    assert "missing.txt does not exist" in added.stdout
    assert (
        run(tmp_path, "articles", "add", "-", given=raw.replace("\r\n", "\n") + "More is expected.\n").returncode == 0
    )
    listed = [json.loads(line) for line in run(tmp_path, "articles", "list", "--json").stdout.splitlines()]
    assert [entry["title"] for entry in listed] == ["Talks [fail]", "Talks [fail]"]
    assert listed[0]["story_group"] == listed[1]["story_group"]
    assert listed[0]["story_group"] in run(tmp_path, "articles", "list", "--story").stdout
    cuts = run(tmp_path, "articles", "show", listed[0]["id"][:9], "--cuts").stdout
    assert "newsletter" in cuts
    assert "| Sign up for our newsletter" in cuts
    assert "line end" in cuts
    unknown = run(tmp_path, "articles", "show", "zzz")
    assert unknown.returncode == 1
    assert "Traceback" not in unknown.stderr


def test_one_date_reads_as_one() -> None:
    told = str(AddReport(added=(), known=(), refused=(), dates_as_given=1, nested_values=1))
    assert "1 date could not be told and is kept in meta as it was given" in told
    assert "1 nested value is kept in meta as JSON text" in told
