"""Folders that appear whole or not at all."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from workbench import files

WRITER = """
import sys, time
from pathlib import Path
from workbench import files
with files.work_folder(Path(sys.argv[1])) as work:
    (work / "half").write_text("x")
    print("writing", flush=True)
    time.sleep(60)
"""


def unfinished(parent: Path) -> list[str]:
    return sorted(path.name for path in parent.iterdir())


def test_a_folder_appears_whole_with_checksums(tmp_path: Path) -> None:
    with files.work_folder(tmp_path) as work:
        (work / "a.txt").write_text("a")
        (work / "deep").mkdir()
        (work / "deep" / "b.txt").write_text("b")
        digest = files.write_checksums(work)
        assert not (tmp_path / "model").exists()
        files.put(work, tmp_path / "model")
    assert unfinished(tmp_path) == ["model"]
    assert files.differing(tmp_path / "model") == ([], digest)
    assert (
        subprocess.run(["sha256sum", "-c", "--quiet", files.SUMS], cwd=tmp_path / "model", check=False).returncode == 0
    )
    (tmp_path / "model" / "deep" / "b.txt").write_text("c")
    (tmp_path / "model" / "new").write_text("")
    assert files.differing(tmp_path / "model")[0] == ["deep/b.txt", "new"]


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with files.work_folder(tmp_path) as work:
            (work / "a").write_text("a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert unfinished(tmp_path) == []


def test_folders_that_were_made_for_nothing_go(tmp_path: Path) -> None:
    folder, empty = tmp_path / "a" / "b", tmp_path / "empty"
    with files.gone_if_empty(folder), files.work_folder(folder) as work:
        (work / "x").write_text("x")
    with files.gone_if_empty(folder):
        pass
    assert unfinished(tmp_path) == []
    with files.gone_if_empty(folder), files.work_folder(folder) as work:
        files.put(work, folder / "kept")
    assert unfinished(folder) == ["kept"]
    empty.mkdir()
    with files.gone_if_empty(empty), files.work_folder(empty):
        pass
    assert empty.is_dir()


def test_what_is_there_stays_until_the_new_one_stands(tmp_path: Path) -> None:
    target = tmp_path / "export"
    target.mkdir()
    (target / "old").write_text("old")
    with files.work_folder(tmp_path) as work:
        (work / "new").write_text("new")
        files.put(work, target)
    assert unfinished(tmp_path) == ["export"]
    assert unfinished(target) == ["new"]


def test_what_a_killed_writer_left_goes_with_the_next_and_a_living_ones_stays(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE) for _ in range(2)
    ]
    try:
        for one in writers:
            assert one.stdout is not None
            assert one.stdout.readline() == b"writing\n"
        assert len(unfinished(tmp_path)) == 2
        os.kill(writers[0].pid, signal.SIGKILL)
        writers[0].wait(60)
        deadline = time.monotonic() + 120
        while len(files.sweep(tmp_path)) != 1:
            assert time.monotonic() < deadline
        assert len(unfinished(tmp_path)) == 1
    finally:
        for one in writers:
            one.kill()
            one.wait(60)
            assert one.stdout is not None
            one.stdout.close()
    with files.work_folder(tmp_path):
        pass
    assert unfinished(tmp_path) == []


def test_writers_that_begin_and_sweep_at_once_do_not_take_each_others_folders(tmp_path: Path) -> None:
    def write(number: int) -> str:
        with files.work_folder(tmp_path) as work:
            (work / "kept").write_text(str(number))
            files.put(work, tmp_path / f"done-{number}")
        return (tmp_path / f"done-{number}" / "kept").read_text()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(write, range(400))) == [str(number) for number in range(400)]
    assert not list(tmp_path.glob(".writing-*"))
