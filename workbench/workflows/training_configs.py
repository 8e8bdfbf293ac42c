"""The spaCy configs that training may follow: a user's own file, or a profile that ships."""

from importlib.resources import files
from pathlib import Path
from typing import Literal, get_args

from workbench.errors import ModelError

Profile = Literal["transformer"]
PROFILES: tuple[Profile, ...] = get_args(Profile)


def config_text(path: Path) -> str:
    """The text of a config file.

    Raises:
        ModelError: it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ModelError(f"the config {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ModelError(f"the config {path} is no text: {error}") from error


def profile_text(profile: Profile) -> str:
    """The text of the config that ships for a profile."""
    return (files("workbench.training") / "profiles" / f"{profile}.cfg").read_text(encoding="utf-8")
