"""The model shelf: a folder with one folder a model version, written whole or not at all, checked when it is read."""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from spacy.language import Language

from workbench.errors import ModelError
from workbench.pipeline import base

SUMS = "SHA256SUMS"
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def check_writable(shelf: Path) -> None:
    """Checks that the shelf can be written to, before anything is learnt that could not be kept.

    Raises:
        ModelError: it cannot.
    """
    there = next(folder for folder in (shelf.absolute(), *shelf.absolute().parents) if folder.exists())
    try:
        with tempfile.TemporaryDirectory(prefix=".trying-", dir=there):
            pass
    except OSError as error:
        raise ModelError(
            f"models cannot be written to {shelf}: {error.strerror}", way_out="make room, or mend its permissions"
        ) from error


def put(nlp: Language, shelf: Path, version: str) -> str:
    """The digest of the pipeline's files, after it was written to `shelf`/`version`.

    Raises:
        ModelError: the version is no name for a folder or is taken, or the disk refuses.
    """
    if not _VERSION.fullmatch(version):
        raise ModelError(f"{version!r} cannot be a model's version", way_out="use letters, digits, '.', '_' and '-'")
    target = shelf / version
    if target.exists():
        raise ModelError(f"there is a model {version} on the shelf already: {target}")
    unfinished: Path | None = None
    try:
        shelf.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=f".{version}-", dir=shelf))
        nlp.to_disk(unfinished)
        sums = "".join(f"{digest}  {name}\n" for name, digest in _files(unfinished))
        (unfinished / SUMS).write_text(sums, encoding="utf-8")
        unfinished.chmod(0o755)
        os.rename(unfinished, target)  # noqa: PTH104 # one system call: whole or not at all
    except OSError as error:
        raise ModelError(
            f"the model cannot be written to {target}: {error}", way_out="make room, then train again"
        ) from error
    finally:
        if unfinished is not None and unfinished.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
    return _digest(sums)


def take(folder: Path, digest: str | None = None) -> Language:
    """The pipeline in a folder of the shelf; `digest` is what its files must add up to.

    Raises:
        ModelError: it is not there, or its files are not what was written.
    """
    if not folder.is_dir():
        raise ModelError(f"the model's folder {folder} is gone", way_out="train it again, or put the folder back")
    check(folder, digest)
    return base.load(str(folder))


def check(folder: Path, digest: str | None = None) -> None:
    """Checks that a folder holds exactly the files that were written.

    Raises:
        ModelError: it does not; it names the files.
    """
    try:
        sums = (folder / SUMS).read_text(encoding="utf-8")
        found = dict(_files(folder))
    except OSError as error:
        raise ModelError(f"the model in {folder} cannot be read: {error}") from error
    wanted = {name: one for one, _, name in (line.partition("  ") for line in sums.splitlines())}
    differ = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if differ or (digest is not None and digest != _digest(sums)):
        raise ModelError(
            f"the model in {folder} is not what was trained: {', '.join(differ[:5]) or SUMS} changed",
            way_out="train it again, or put back the folder from a backup",
        )


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    """Path and SHA-256 of every file, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != SUMS:
            with path.open("rb") as file:
                yield path.relative_to(folder).as_posix(), hashlib.file_digest(file, "sha256").hexdigest()


def _digest(sums: str) -> str:
    return hashlib.sha256(sums.encode()).hexdigest()
