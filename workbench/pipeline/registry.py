"""The model registry: a folder with one folder a model version, written whole or not at all, checked when it is read."""

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

from spacy.language import Language

from workbench import files
from workbench.errors import ModelError
from workbench.pipeline import base

ABOUT = ("meta.json", "config.cfg")
"""The files of a pipeline that describe it, and hold nothing that was learned."""
LEARNED = 32_000_000
"""About how many bytes of a model were learned."""
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def check_writable(registry: Path, room: int = 0) -> None:
    """Checks that the registry can be written to, before anything is learned that could not be kept.

    Raises:
        ModelError: it cannot, or the disk has less room than so many bytes.
    """
    there = next(folder for folder in (registry.absolute(), *registry.absolute().parents) if folder.exists())
    try:
        with tempfile.TemporaryDirectory(prefix=".trying-", dir=there):
            pass
    except OSError as error:
        raise ModelError(
            f"models cannot be written to {registry}: {error.strerror}", hint="make room, or correct its permissions"
        ) from error
    free = shutil.disk_usage(there).free
    if free < room:
        raise ModelError(
            f"a model takes about {room / 1e6:.0f} MB, and {registry} has room for {free / 1e6:.0f} MB",
            hint="make room, or remove models with `workbench models remove`",
        )


class Written(NamedTuple):
    """A pipeline that was written beside the registry, with the digest of its files; `place` puts it there."""

    digest: str
    place: Callable[[], None]


@contextmanager
def writing(nlp: Language, registry: Path, version: str) -> Generator[Written]:
    """A pipeline that was written, and is in the registry once it is placed; else nothing of it stays.

    Raises:
        ModelError: the version is no name for a folder or is taken, or the disk refuses.
    """
    check_free(registry, version)
    target = registry / version
    try:
        with files.work_folder(registry) as work:
            nlp.to_disk(work)
            yield Written(files.write_checksums(work), lambda: files.put(work, target))
    except OSError as error:
        raise ModelError(
            f"the model cannot be written to {target}: {error}", hint="make room, then do it again"
        ) from error


def put(nlp: Language, registry: Path, version: str) -> str:
    """The digest of the pipeline's files, after it was written to `registry`/`version`.

    Raises:
        ModelError: as `writing`.
    """
    with writing(nlp, registry, version) as written:
        written.place()
    return written.digest


def holds(folder: Path) -> bool:
    """Whether a folder holds a model as the registry writes it."""
    return (folder / files.SUMS).is_file()


def versions(registry: Path) -> list[str]:
    """The models that lie in a registry's folder, in order of their names."""
    return sorted(sums.parent.name for sums in registry.glob(f"*/{files.SUMS}"))


def check_free(registry: Path, version: str) -> None:
    """Checks that a model can have this version.

    Raises:
        ModelError: it is no name for a folder, or is taken.
    """
    if not _VERSION.fullmatch(version):
        raise ModelError(f"{version!r} cannot be a model's version", hint="use letters, digits, '.', '_' and '-'")
    if (registry / version).exists():
        raise ModelError(f"there is a model {version} in the registry already: {registry / version}")


def meta(folder: Path) -> dict[str, Any]:
    """What a pipeline says of itself.

    Raises:
        ModelError: its meta.json cannot be read.
    """
    try:
        return cast("dict[str, Any]", json.loads((folder / "meta.json").read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ModelError(f"the model in {folder} cannot be read: {error}") from error


def weights(folder: Path) -> str:
    """The hash of all files of a pipeline but those that say when and by whom it was made."""
    sums = files.checksums(folder)
    lines = "".join(f"{digest}  {name}\n" for name, digest in sums.items() if name not in ABOUT)
    return hashlib.sha256(lines.encode()).hexdigest()


def take(folder: Path, digest: str | None = None) -> Language:
    """The pipeline in a folder of the registry; `digest` is what its files must add up to.

    Raises:
        ModelError: it is not there, or its files are not what was written.
    """
    if not folder.is_dir():
        raise ModelError(f"the model's folder {folder} is gone", hint="train it again, or put the folder back")
    check(folder, digest)
    return base.read(str(folder))


def check(folder: Path, digest: str | None = None) -> None:
    """Checks that a folder holds exactly the files that were written.

    Raises:
        ModelError: it does not; it names the files.
    """
    try:
        differ, found = files.differing(folder)
    except OSError as error:
        raise ModelError(f"the model in {folder} cannot be read: {error}") from error
    if differ or (digest is not None and digest != found):
        raise ModelError(
            f"the model in {folder} was changed after training: {', '.join(differ[:5]) or files.SUMS}",
            hint="train it again, or put back the folder from a backup",
        )
