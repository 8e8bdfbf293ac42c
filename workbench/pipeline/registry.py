"""The model registry: a folder with one folder a model version, written whole or not at all, checked when it is read."""

import re
import tempfile
from pathlib import Path

from spacy.language import Language

from workbench import files
from workbench.errors import ModelError
from workbench.pipeline import base

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def check_writable(registry: Path) -> None:
    """Checks that the registry can be written to, before anything is learned that could not be kept.

    Raises:
        ModelError: it cannot.
    """
    there = next(folder for folder in (registry.absolute(), *registry.absolute().parents) if folder.exists())
    try:
        with tempfile.TemporaryDirectory(prefix=".trying-", dir=there):
            pass
    except OSError as error:
        raise ModelError(
            f"models cannot be written to {registry}: {error.strerror}", hint="make room, or mend its permissions"
        ) from error


def put(nlp: Language, registry: Path, version: str) -> str:
    """The digest of the pipeline's files, after it was written to `registry`/`version`.

    Raises:
        ModelError: the version is no name for a folder or is taken, or the disk refuses.
    """
    if not _VERSION.fullmatch(version):
        raise ModelError(f"{version!r} cannot be a model's version", hint="use letters, digits, '.', '_' and '-'")
    target = registry / version
    if target.exists():
        raise ModelError(f"there is a model {version} in the registry already: {target}")
    try:
        with files.work_folder(registry) as work:
            nlp.to_disk(work)
            digest = files.write_checksums(work)
            files.put(work, target)
    except OSError as error:
        raise ModelError(
            f"the model cannot be written to {target}: {error}", hint="make room, then train again"
        ) from error
    return digest


def take(folder: Path, digest: str | None = None) -> Language:
    """The pipeline in a folder of the registry; `digest` is what its files must add up to.

    Raises:
        ModelError: it is not there, or its files are not what was written.
    """
    if not folder.is_dir():
        raise ModelError(f"the model's folder {folder} is gone", hint="train it again, or put the folder back")
    check(folder, digest)
    return base.load(str(folder))


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
            f"the model in {folder} is not what was trained: {', '.join(differ[:5]) or files.SUMS} changed",
            hint="train it again, or put back the folder from a backup",
        )
