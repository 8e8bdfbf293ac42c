"""The spaCy configs that training may follow: a user's own file, or that of a profile."""

from pathlib import Path
from typing import Literal, get_args

from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError
from workbench.pipeline import transformer_config
from workbench.training.configured import text_beside
from workbench.training.report import TrainOptions

Profile = Literal["transformer"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
OF_OUR_LEARNER = frozenset({"base", "suggester", "epochs"})
"""Options that only the workbench's own learner follows."""


def with_config(
    scheme: LabelScheme, options: TrainOptions, *, config: Path | None, profile: str | None, encoder: str
) -> TrainOptions:
    """The options with the text of the config that is to be followed, where there is one.

    Raises:
        ModelError: it cannot be read; there is no such profile, or what it needs is not installed; something else is
            asked for that a config, or doing without one, leaves no room for.
    """
    if config is not None and profile is not None:
        raise ModelError(
            "a config and a profile, which is a config that ships, cannot both be followed",
            hint="leave out --config or --profile",
        )
    if encoder and profile is None:
        raise ModelError(f"the encoder {encoder} is asked for without a profile", hint="add --profile transformer")
    if config is None and profile is None:
        if options.gpu_id >= 0:
            raise ModelError(
                f"GPU {options.gpu_id} is asked for, and only configs and profiles are trained on one",
                hint="leave --gpu-id out: the workbench's own components learn on the CPU",
            )
        return options
    if without := OF_OUR_LEARNER & options.model_fields_set:
        raise ModelError(
            f"a config says itself what is trained on what, for how long: {', '.join(sorted(without))} would have no say",
            hint="set it in the config",
        )
    text = config_text(config) if config is not None else profile_text(profile or "", scheme, encoder=encoder)
    return options.model_copy(update={"config": text})


def config_text(path: Path) -> str:
    """The text of a config file; what its section [paths] names and lies beside it is found wherever training runs.

    Raises:
        ModelError: it cannot be read, is empty or no config.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ModelError(
            f"the config {path} cannot be read: {error.strerror}",
            hint="name a file; `python -m spacy init config` writes one, and so does `workbench export`",
        ) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ModelError(f"the config {path} is no UTF-8 in line {line}", hint="save it as UTF-8") from error
    if not text.strip():
        raise ModelError(
            f"the config {path} is empty",
            hint="leave --config out to train the workbench's own components; `python -m spacy init config` writes one",
        )
    return text_beside(text, path)


def profile_text(profile: str, scheme: LabelScheme, *, encoder: str = "") -> str:
    """The config of a profile, for a scheme.

    Raises:
        ModelError: there is no such profile, or what it needs is not installed.
    """
    if profile not in PROFILES:
        raise ModelError(f"there is no profile {profile!r}", hint=f"known: {', '.join(PROFILES)}")
    transformer_config.check_installed()
    return transformer_config.transformer_config(scheme, encoder or transformer_config.ENCODER)
