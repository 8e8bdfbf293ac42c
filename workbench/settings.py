"""workbench.toml and WORKBENCH_* variables, read once and passed on as a value.

Every key of workbench.toml can be set by a variable: `port` of `[label_studio]` by WORKBENCH_LABEL_STUDIO_PORT.
Secrets stand in `secrets.toml` (mode 0600) or in the environment, never in workbench.toml.
"""

import os
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

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
    """Shares of the story groups; what `train` and `dev` leave is the test part."""

    train: float = Field(default=0.7, gt=0, lt=1)
    dev: float = Field(default=0.1, ge=0, lt=1)
    test: float = Field(default=0.2, ge=0, lt=1)


class Settings(_Section):
    """All that a workspace settles. `root` is the workspace's folder."""

    root: Path
    store: StoreSettings = StoreSettings()
    label_studio: LabelStudioSettings = LabelStudioSettings()
    preannotate: PreannotateSettings = PreannotateSettings()
    split: SplitSettings = SplitSettings()
    api_key: str = Field(default="", repr=False)

    @property
    def database_url(self) -> str:
        return self.store.url or f"sqlite:///{self.root / 'workbench.db'}"

    @property
    def label_config(self) -> Path:
        return self.root / "label_config.xml"

    @property
    def label_studio_folder(self) -> Path:
        return self.root / "label-studio"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def exports(self) -> Path:
        return self.root / "exports"

    @property
    def backups(self) -> Path:
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
    """The settings of the workspace at `root`; variables win over files.

    Raises:
        SettingsError: a file cannot be read, or a value cannot be used; it names the file and the key.
    """
    environment = os.environ if environment is None else environment
    values = _read(root / FILE)
    secrets = root / SECRETS
    if secrets.exists():
        if stat.S_IMODE(secrets.stat().st_mode) & 0o077:
            raise SettingsError(f"{secrets} can be read by others", hint=f"chmod 600 {secrets}")
        for section, keys in _read(secrets).items():
            values.setdefault(section, {}).update(keys)
    for section, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, _Section):
            for key, sub in kind.model_fields.items():
                given = environment.get(f"WORKBENCH_{section}_{key}".upper())
                if given is not None:
                    several = sub.annotation is not None and "tuple" in str(sub.annotation)
                    values.setdefault(section, {})[key] = given.split(",") if several else given
    if environment.get("LABEL_STUDIO_URL"):
        values.setdefault("label_studio", {})["url"] = environment["LABEL_STUDIO_URL"]
    # What is pasted or read from a file often ends with a line end or a blank, which no header can hold.
    api_key = environment.get("LABEL_STUDIO_API_KEY", "").strip()
    try:
        return Settings(root=root.resolve(), api_key=api_key, **values)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            f"{root / FILE}: {path}: {first['msg']}", hint="mend it there, or the variable that sets it"
        ) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is no TOML: {error}") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from error
