"""Folders that appear whole or not at all, and the checksums by which anybody can tell whether they are as written."""

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path

SUMS = "SHA256SUMS"
"""A folder's list of checksums, as `sha256sum -c` reads it."""
_UNFINISHED = ".writing-"
_LOCK = ".lock"
_JUST_BEGUN = 60
"""Seconds within which a writer has its lock for sure."""


@contextmanager
def work_folder(parent: Path) -> Generator[Path]:
    """An empty folder below `parent`, to write into and then `put` in place; whatever is left of it goes in the end.

    What earlier writers left there when they were killed goes, too.

    Raises:
        OSError: `parent` cannot be written to.
    """
    parent.mkdir(parents=True, exist_ok=True)
    sweep(parent)
    outer, lock = _own_folder(parent)
    try:
        work = outer / "new"
        work.mkdir(mode=0o755)
        yield work
    finally:
        shutil.rmtree(outer, ignore_errors=True)
        os.close(lock)


@contextmanager
def gone_if_empty(folder: Path) -> Generator[None]:
    """Takes the folder and those above it away again, where they were made meanwhile and hold nothing."""
    new = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        yield
    finally:
        with suppress(OSError):  # it holds something, or was not made
            for one in new:
                one.rmdir()


def _own_folder(parent: Path) -> tuple[Path, int]:
    """A new folder below `parent` and its lock, which is held.

    Another writer that sweeps at this very moment may take the folder for one that was left, until the lock is held, and
    one that ends may take `parent` away: then a new one is made.
    """
    while True:
        parent.mkdir(parents=True, exist_ok=True)
        try:
            outer = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=parent))
            lock = os.open(outer / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if (outer / _LOCK).stat().st_ino == os.fstat(lock).st_ino:
                return outer, lock
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(lock)


def is_unfinished(folder: Path) -> bool:
    """Whether a folder is somebody's work folder, or what was left of one."""
    return folder.name.startswith(_UNFINISHED)


def put(work: Path, target: Path) -> None:
    """Moves a work folder to where it belongs; what is there goes once the new one stands.

    Raises:
        OSError: the disk refuses; `target` is then as it was.
    """
    old = work.parent / "old"
    if target.exists():
        target.rename(old)
    try:
        work.rename(target)
    except OSError:
        with suppress(FileNotFoundError):
            old.rename(target)
        raise


def put_over(work: Path, target: Path, gone: Iterable[str]) -> None:
    """Moves each file of a work folder over its like in `target`, and deletes those that are `gone`; all else there stays.

    The list of checksums comes last: where this was interrupted, it doesn't fit the files.

    Raises:
        OSError: the disk refuses; some files may be moved already.
    """
    for path in sorted(work.rglob("*"), key=lambda one: one.name == SUMS):
        if path.is_file():
            place = target / path.relative_to(work)
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
    for name in gone:
        (target / name).unlink(missing_ok=True)


def sweep(parent: Path) -> list[Path]:
    """The unfinished folders below `parent` that nobody writes to any more, after they were deleted."""
    gone: list[Path] = []
    for outer in parent.glob(f"{_UNFINISHED}*"):
        with suppress(OSError):
            lock = os.open(outer / _LOCK, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a writer that lives holds it
                shutil.rmtree(outer, ignore_errors=True)
                gone.append(outer)
            finally:
                os.close(lock)
            continue
        with suppress(OSError):  # killed before it could lock anything; one that has just begun will
            if time.time() - outer.stat().st_mtime > _JUST_BEGUN:
                outer.rmdir()
                gone.append(outer)
    return gone


def checksums(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file below the folder but the list itself, by its path in the folder, in order."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != SUMS:
            with path.open("rb") as file:
                found[path.relative_to(folder).as_posix()] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def write_checksums(folder: Path) -> str:
    """The digest of the folder's list of checksums, after it was written."""
    sums = "".join(f"{digest}  {name}\n" for name, digest in checksums(folder).items())
    (folder / SUMS).write_text(sums, encoding="utf-8", newline="\n")
    return hashlib.sha256(sums.encode()).hexdigest()


def differing(folder: Path) -> tuple[list[str], str]:
    """The files that are not what the folder's list says, or are not in it; and the digest of the list.

    Raises:
        OSError: the list or a file cannot be read.
    """
    written, found = listed(folder), checksums(folder)
    names = sorted(name for name in written.keys() | found.keys() if written.get(name) != found.get(name))
    return names, hashlib.sha256((folder / SUMS).read_bytes()).hexdigest()


def listed(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file by its path in the folder, as the folder's list says.

    Raises:
        OSError: the list cannot be read.
    """
    sums = (folder / SUMS).read_text(encoding="utf-8")
    return {name: digest for digest, _, name in (line.partition("  ") for line in sums.splitlines())}


def size(folder: Path) -> int:
    """How many bytes the files of a folder have; 0 where there is none."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
