"""What commands print, wherever it goes: a pipe, a locale of ASCII, a full disk; and never a secret."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.workflows.init import init


def run(folder: Path, *words: str, stdout: int = subprocess.PIPE, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workbench", *words],
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=folder,
        env={**os.environ, **variables},
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("café") / "ws"
    init(folder)
    return folder


@pytest.mark.parametrize("words", ["init .", "doctor", "server status", "annotators list"])
@pytest.mark.parametrize(
    "variables", [{"PYTHONIOENCODING": "ascii", "COLUMNS": "40"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}]
)
def test_a_locale_of_ascii_stops_no_command(workspace: Path, words: str, variables: dict[str, str]):
    done = run(workspace, *words.split(), **variables)

    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr
    assert done.returncode in (0, 1, 3)
    if words == "init ." and "LC_ALL" not in variables:
        assert str(workspace).encode("ascii", "backslashreplace").decode().replace("\\xe9", "\\u00e9") in done.stdout


def test_a_line_is_not_broken_where_it_goes_into_a_pipe(workspace: Path):
    lines = run(workspace, "doctor", COLUMNS="40").stdout.splitlines()

    assert any(str(workspace) in line and len(line) > 60 for line in lines)


@pytest.mark.parametrize("words", ["init .", "doctor --json", "--help"])
def test_a_full_disk_is_said_in_a_line(workspace: Path, words: str):
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        done = run(workspace, *words.split(), stdout=full)
    finally:
        os.close(full)

    assert done.returncode == 1
    assert done.stderr.startswith("error: No space left on device\n")
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("key", ["s3cr3t\rk3y", "s3cr3t k3y", "s3cr3t\u2019k3y", "'s3cr3tk3y'", "s3cr3t\udcffk3y"])
def test_a_key_with_a_character_that_none_has_is_never_printed(workspace: Path, key: str):
    done = run(workspace, "--debug", "doctor", LABEL_STUDIO_URL="http://127.0.0.1:9", LABEL_STUDIO_API_KEY=key)
    printed = done.stdout + done.stderr
    assert "one that no key has" in printed
    assert "s3cr3t" not in printed
    assert "k3y" not in printed
    assert done.returncode == 1


@pytest.mark.parametrize("words", ["doctor --json", "annotators list"])
@pytest.mark.parametrize("url", ["http://ann:hunter2@127.0.0.1:9", "http://ann:hunter2", "ann:hunter2@127.0.0.1:9"])
def test_a_password_in_label_studios_address_is_never_printed(workspace: Path, words: str, url: str):
    done = run(workspace, "--debug", *words.split(), LABEL_STUDIO_URL=url, LABEL_STUDIO_API_KEY="key")

    assert "hunter2" not in done.stdout + done.stderr
    assert done.returncode == 1


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://ann:hunter2@127.0.0.1:1/news",
        "postgresql+psycopg://127.0.0.1:1/news?user=ann&password=hunter2",
        "postgresql+psycopg://ann:hunter2@127.0.0.1:port/news",
        "postgresql://ann:hunter2@x@127.0.0.1:1/news",
        "mysql://ann:hunter2@127.0.0.1:1/news",
        "ann:hunter2@127.0.0.1",
    ],
)
def test_a_password_in_the_databases_address_is_never_printed(workspace: Path, url: str):
    done = run(workspace, "--debug", "status", WORKBENCH_STORE_URL=url)

    assert "hunter2" not in done.stdout + done.stderr
    assert done.returncode in (1, 3)


def test_a_wrong_value_in_the_secrets_is_not_quoted(tmp_path: Path):
    init(tmp_path)
    (tmp_path / "secrets.toml").touch(0o600)
    (tmp_path / "secrets.toml").write_text("[preannotate]\nllm_key = 31415926535\n")
    done = run(tmp_path, "--debug", "status")

    assert done.returncode == 1
    assert "llm_key" in done.stderr
    assert "31415926535" not in done.stderr
