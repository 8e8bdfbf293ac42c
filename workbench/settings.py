"""workbench.toml and WORKBENCH_* variables, read once and passed on as a value.

Every key of workbench.toml can be set by a variable: `port` of `[label_studio]` by WORKBENCH_LABEL_STUDIO_PORT.
Secrets stand in `secrets.toml` (mode 0600) or in the environment, never in workbench.toml.
"""

import json
import os
import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from workbench.core.validation import first_fault
from workbench.errors import SettingsError

FILE = "workbench.toml"
SECRETS = "secrets.toml"
_Stripped = Annotated[str, StringConstraints(strip_whitespace=True)]


class _Section(BaseModel):
    # A message about a wrong value must not quote it: it may be a secret.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class StoreSettings(_Section):
    """`url`: where articles and annotations are kept; empty for workbench.db in the workspace."""

    url: _Stripped = Field(default="", repr=False)


class LabelStudioSettings(_Section):
    """`url` empty means the embedded server, which then listens on `host` and `port`.

    `webhook`: where `pull --watch --webhook` listens, as HOST:PORT by which Label Studio reaches this machine; port 0 for
    any that is free.
    """

    url: _Stripped = Field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    project: str = Field(default="News", min_length=3, max_length=50)
    overlap: int = Field(default=1, ge=1)
    webhook: str = "127.0.0.1:0"
    allowed_hosts: tuple[str, ...] = ()

    @property
    def port_named(self) -> int | None:
        """The port, where somebody chose one; None where it is the usual one, which workbench.toml writes out."""
        return None if self.port == type(self).model_fields["port"].default else self.port


class PreannotateSettings(_Section):
    """`pipeline`: the spaCy pipeline below the rules, by name or path.

    `concepts` and `lexicon`: files of the workspace in the place of the rules' own; empty for those. `patterns`: a
    folder of JSONL patterns. `gliner_model`: weights by name or path. `llm_*`: an endpoint that speaks OpenAI's chat
    completions, its model, and what a million tokens cost; `llm_key` belongs into secrets.toml.
    """

    pipeline: str = "en_core_web_sm"
    concepts: str = ""
    lexicon: str = ""
    patterns: str = ""
    gliner_model: str = ""
    llm_url: _Stripped = Field(default="", repr=False)
    llm_model: str = ""
    llm_key: _Stripped = Field(default="", repr=False)
    llm_input_price: str = ""
    llm_output_price: str = ""


class SplitSettings(_Section):
    """The share of articles that each part gets, of which only the proportions count.

    `by`: how articles are divided, as `gold release --split` takes it. What will be dev or test is held out of suggestions.
    """

    by: str = "story"

    train: float = Field(default=0.7, gt=0, lt=1)
    dev: float = Field(default=0.1, ge=0, lt=1)
    test: float = Field(default=0.2, ge=0, lt=1)


class Settings(BaseSettings):
    """All that a workspace settles. `root` is the workspace's folder.

    Made by itself it holds what it is given; `load` reads files and variables.
    """

    model_config = SettingsConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    root: Path
    store: StoreSettings = StoreSettings()
    label_studio: LabelStudioSettings = LabelStudioSettings()
    preannotate: PreannotateSettings = PreannotateSettings()
    split: SplitSettings = SplitSettings()
    api_key: str = Field(default="", repr=False)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What a value made by itself is made of: its arguments alone."""
        return (init_settings,)

    @property
    def database_url(self) -> str:
        """The store's SQLAlchemy URL: the one that was set, else of workbench.db in the workspace."""
        return self.store.url or f"sqlite:///{self.root / 'workbench.db'}"

    @property
    def label_config(self) -> Path:
        """The file of the label scheme."""
        return self.root / "label_config.xml"

    @property
    def label_studio_folder(self) -> Path:
        """The folder of the embedded Label Studio: its data, its login, its accounts."""
        return self.root / "label-studio"

    @property
    def models(self) -> Path:
        """The folder of trained models."""
        return self.root / "models"

    @property
    def exports(self) -> Path:
        """The folder that releases are exported to."""
        return self.root / "exports"

    @property
    def backups(self) -> Path:
        """The folder of backups, and of files that were replaced."""
        return self.root / "backups"


def find_workspace(start: Path) -> Path:
    """The nearest folder, from `start` upwards, that holds a workbench.toml.

    Raises:
        SettingsError: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder
    raise SettingsError(
        f"{start} is not in a workspace: no {FILE} here or above",
        hint="make one with `workbench init`, or name one with `--workspace DIR`",
    )


def load(root: Path, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of the workspace at `root`; variables win over secrets.toml, which wins over the rest.

    Raises:
        SettingsError: a file cannot be read, or a value cannot be used; it names the file and the key.
    """
    given = os.environ if environment is None else environment

    class Sources(Settings):
        """The settings with all that they can come from, the first that has a key wins."""

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, _Variables(settings_cls, given), *files.values()

    files = {name: source for name in (SECRETS, FILE) if (source := _file(root / name)) is not None}
    try:
        loaded = Sources(root=root.resolve())
    except ValidationError as error:
        place = error.errors(include_input=False)[0]["loc"]
        holder = SECRETS if SECRETS in files and _holds(files[SECRETS](), place) else FILE
        raise SettingsError(
            f"{root / holder}: {first_fault(error)}", hint="correct it there, or in the variable that sets it"
        ) from error
    # What is passed on are the settings alone, without where they came from.
    return Settings(**{name: getattr(loaded, name) for name in Settings.model_fields})


class _Variables(EnvSettingsSource):
    """The variables of an environment that set a key; any other, whatever it is called, is nobody's mistake."""

    def __init__(self, settings_cls: type[BaseSettings], environment: Mapping[str, str]) -> None:
        self._environment = environment
        super().__init__(settings_cls, env_prefix="WORKBENCH_", env_nested_delimiter="_", env_nested_max_split=1)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        found: dict[str, str | None] = {}
        for section, kind in _sections():
            for key, field in kind.model_fields.items():
                name = f"WORKBENCH_{section}_{key}"
                given = self._environment.get(name.upper())
                if given is not None:
                    several = field.annotation is not None and "tuple" in str(field.annotation)
                    found[name.lower()] = json.dumps(given.split(",")) if several else given
        if self._environment.get("LABEL_STUDIO_URL"):
            found["workbench_label_studio_url"] = self._environment["LABEL_STUDIO_URL"]
        # What is pasted or read from a file often ends with a line end or a blank, which no header can hold.
        found["workbench_api_key"] = self._environment.get("LABEL_STUDIO_API_KEY", "").strip()
        return found


def _sections() -> Iterator[tuple[str, type[_Section]]]:
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, _Section):
            yield name, field.annotation


def _holds(values: Mapping[str, Any], path: Sequence[int | str]) -> bool:
    """Whether a file's values say something at this path."""
    there: Any = values
    for step in path:
        if not isinstance(there, Mapping) or step not in there:
            return False
        there = cast("Mapping[int | str, Any]", there)[step]
    return True


def _file(path: Path) -> TomlConfigSettingsSource | None:
    """The values of a TOML file; None where it is not there."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise SettingsError(f"{path} cannot be read: it is no file", hint="put a file in its place")
        if path.name == SECRETS and stat.S_IMODE(mode) & 0o077:
            raise SettingsError(f"{path} can be read by others", hint=f"chmod 600 {path}")
        source = TomlConfigSettingsSource(Settings, path)
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
    sections = [name for name, _ in _sections()]
    for name in source():
        if name not in sections:
            raise SettingsError(
                f"{path}: {name}: there is no such section", hint=f"the sections are: {', '.join(sections)}"
            )
    return source
