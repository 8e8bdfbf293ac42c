"""The spaCy configs that training may follow: a user's own file, or that of a profile."""

from pathlib import Path
from typing import Literal, get_args

from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError
from workbench.pipeline import transformer_config

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


def profile_text(profile: str, scheme: LabelScheme, *, encoder: str = "") -> str:
    """The config of a profile, for a scheme.

    Raises:
        ModelError: there is no such profile, or what it needs is not installed.
    """
    if profile not in PROFILES:
        raise ModelError(f"there is no profile {profile!r}", hint=f"known: {', '.join(PROFILES)}")
    transformer_config.check_installed()
    return transformer_config.transformer_config(scheme, encoder or transformer_config.ENCODER)
