"""Files that nobody but their owner may read: JSON, mode 0600 from the moment they exist."""

import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TextIO, cast

from workbench.errors import SettingsError


def make_folder(folder: Path) -> None:
    """Makes the folder, closed to others from the beginning; one that is open is closed.

    Raises:
        SettingsError: it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if open_to_others(folder):
            folder.chmod(0o700)
    except OSError as error:
        raise SettingsError(
            f"{folder} cannot be made: {error.strerror}", hint="check the permissions of the folder above it"
        ) from error


def write(path: Path, content: object) -> None:
    """Writes the file as JSON in one step: a reader finds the old content or the new, never a part of it.

    Raises:
        SettingsError: it cannot be written; what was there is as it was.
    """
    make_folder(path.parent)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.unlink(missing_ok=True)
        with open_new(new) as file:
            json.dump(content, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise SettingsError(
            f"{path} cannot be written: {error.strerror}", hint="check its permissions, and the room on its disk"
        ) from error


def open_new(path: Path) -> TextIO:
    """A new file, open for text, that nobody else can read at any moment.

    Raises:
        OSError: it is there already, or cannot be made.
    """
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")


def read(path: Path, *, secret: bool = True) -> object | None:
    """The file's content; None where there is no file.

    Raises:
        SettingsError: others can read it though it is secret, or it is no JSON.
    """
    try:
        if secret and open_to_others(path):
            raise SettingsError(f"{path} can be read by others", hint=f"chmod 600 {path}")
        return cast("object", json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise SettingsError(
            f"{path} is damaged: {error}", hint="move it away; a new one is made when it is next needed"
        ) from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}", hint="check its permissions") from error


def close_to_others(path: Path) -> None:
    """Takes the rights of the group and the world from a file, where there is one and somebody had left it open."""
    with suppress(FileNotFoundError):
        if open_to_others(path):
            path.chmod(0o600)


def open_to_others(path: Path) -> bool:
    """Whether its mode gives the group or the world any right to an existing file or folder."""
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
