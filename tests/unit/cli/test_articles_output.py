"""What commands about articles print, wherever it goes: a pipe, an ASCII locale, a full disk, a narrow terminal."""

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from unprivileged import Nobody

from workbench.cli.app import main

ROWS = [
    {"text": "Café owners in Orléans said “no” to the mayor, 会谈 and 👩‍🚀.", "title": "Évil \x1b[31mred\x1b[0m \u202efdp.exe\u202c 会谈在维也纳失败\x07\ntwo"},
    {"text": "<p>Edda <script>alert(1)</script>Brok said no.</p>", "title": "A title " * 30, "url": "https://x.example/" + "a" * 300},
]  # fmt: skip
COMMANDS = [
    ("articles", "list"),
    ("articles", "list", "--story"),
    ("articles", "list", "--json"),
    ("articles", "show", "ID"),
    ("articles", "show", "ID", "--cuts"),
    ("articles", "show", "ID", "--raw"),
    ("articles", "show", "ID", "--json"),
    ("articles", "add", "rows.jsonl"),
    ("articles", "add", "rows.jsonl", "--json"),
]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace")
    assert run(folder, "init", ".").returncode == 0
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    assert run(folder, "articles", "add", "rows.jsonl").returncode == 0
    return folder


def run(folder: Path, *words: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **{key: str(value) for key, value in more.items() if key != "stdout"}}
    command = [sys.executable, "-m", "workbench", *words]
    stdout = more.get("stdout", subprocess.PIPE)
    assert isinstance(stdout, int)
    return subprocess.run(
        command, stdout=stdout, stderr=subprocess.PIPE, cwd=folder, env=environment, check=False, timeout=100
    )


def first_id(workspace: Path) -> str:
    return json.loads(run(workspace, "articles", "list", "--json").stdout.splitlines()[0])["id"]


def words_of(workspace: Path, command: tuple[str, ...]) -> list[str]:
    return [first_id(workspace) if word == "ID" else word for word in command]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_any_locale_will_do(workspace: Path, command: tuple[str, ...], encoding: str) -> None:
    ended = run(workspace, *words_of(workspace, command), PYTHONIOENCODING=encoding, PYTHONUTF8=0)
    assert ended.returncode == 0, ended.stderr
    if "--json" in command:
        lines = ended.stdout.decode().splitlines() if command[1] == "list" else [ended.stdout.decode()]
        assert all(json.loads(line) for line in lines)


@pytest.mark.parametrize("command", [COMMANDS[0], COMMANDS[2], COMMANDS[3], COMMANDS[8]], ids=" ".join)
def test_a_full_disk_is_one_message(workspace: Path, command: tuple[str, ...]) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        ended = run(workspace, *words_of(workspace, command), stdout=full)
    finally:
        os.close(full)
    assert ended.returncode == 1
    assert b"No space left" in ended.stderr
    assert b"Traceback" not in ended.stderr
    assert b"make room" in ended.stderr


def test_a_pipe_that_nobody_reads_is_no_error(workspace: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        ended = run(workspace, "articles", "list", stdout=write)
    finally:
        os.close(write)
    assert b"Traceback" not in ended.stderr
    assert b"Exception" not in ended.stderr


def on_a_terminal(folder: Path, *words: str, columns: int) -> str:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-m", "workbench", *words],
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=environment,
    ):
        os.close(theirs)
        shown: list[bytes] = []
        while True:
            try:
                some = os.read(ours, 65536)
            except OSError:  # Linux ends a terminal so
                break
            if not some:
                break
            shown.append(some)
    os.close(ours)
    return b"".join(shown).decode()


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_list_fits_a_terminal_of_any_width(workspace: Path, columns: int) -> None:
    lines = on_a_terminal(workspace, "articles", "list", columns=columns).splitlines()
    assert len(lines) == len(ROWS) + 1
    assert all(line.startswith("a-") for line in lines[:-1])
    if columns < 90:
        assert all(len(line) <= columns for line in lines)


@pytest.mark.parametrize("command", [one for one in COMMANDS if "--json" not in one], ids=" ".join)
def test_a_terminal_obeys_no_article(workspace: Path, command: tuple[str, ...]) -> None:
    shown = on_a_terminal(workspace, *words_of(workspace, command), columns=120)
    ours = re.sub(r"\x1b\[[0-9;]*m", "", shown) if "--cuts" in command or "add" in command else shown
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", ours), ours


def test_a_pipe_gets_the_text_exactly(workspace: Path) -> None:
    shown = run(workspace, "articles", "show", first_id(workspace), "--raw").stdout.decode()
    assert shown == ROWS[0]["text"]


@pytest.mark.parametrize(
    "words", [("articles", "add", "rows.jsonl"), ("annotate", "rows.jsonl", "-o", "out.jsonl")], ids=" ".join
)
def test_a_folder_that_cannot_be_written_is_one_message(
    nobody: Nobody,
    workspace: Path,
    words: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("workbench.toml", "label_config.xml", "rows.jsonl"):
        (nobody.folder / name).write_bytes((workspace / name).read_bytes())
    nobody.folder.chmod(0o555)
    monkeypatch.setattr(sys, "argv", ["workbench", *words])
    # Once as ourselves: what is imported then need not be readable for the other account.
    monkeypatch.chdir(workspace)
    with pytest.raises(SystemExit):
        main()
    capsys.readouterr()
    monkeypatch.chdir(nobody.folder)
    with nobody.acting(), pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code in (1, 3)
    assert capsys.readouterr().err.startswith("error: ")
