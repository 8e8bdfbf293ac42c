"""Files that nobody but their owner may read: JSON, mode 0600 from the moment they exist."""

import json
import os
import stat
from pathlib import Path
from typing import cast

from workbench.errors import SettingsError


def make_folder(folder: Path) -> None:
    """Makes the folder, closed to others."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


def write(path: Path, content: object) -> None:
    """Writes the file as JSON in one step: a reader finds the old content or the new, never a part of it."""
    make_folder(path.parent)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


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


def open_to_others(path: Path) -> bool:
    """Whether its mode gives the group or the world any right to an existing file or folder."""
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
