"""A new workspace: settings, label scheme, store."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from workbench import settings
from workbench.core.report import Report, Shown
from workbench.core.scheme import LabelScheme
from workbench.errors import SchemeError, SettingsError
from workbench.samples import shipped
from workbench.settings import LabelStudioSettings, PreannotateSettings, SplitSettings
from workbench.store import Store

SCHEME, IGNORED = "label_config.xml", ".gitignore"

_PASSWORD = re.compile(r"^(?P<before>[^:]+://[^/@:]*):(?P<password>.*)@(?P<after>[^@]*)$")
_QUERY_PASSWORD = re.compile(r"([?&])(?:ssl)?password=[^&]*&?")
_LABEL_STUDIO, _PREANNOTATE, _SPLIT = LabelStudioSettings(), PreannotateSettings(), SplitSettings()

_TOML = """\
# The workspace's settings. Every key can be set by a variable too: WORKBENCH_LABEL_STUDIO_PORT is port below.
# Secrets don't belong here: they stand in secrets.toml (mode 0600), under the same names, or in the environment.

[store]
# Where articles and annotations are kept. Empty: workbench.db in this folder.
# A server: "postgresql+psycopg://USER@HOST/NAME"
{store}

[label_studio]
# A Label Studio that runs already, its key in LABEL_STUDIO_API_KEY. Empty: `workbench server start` runs one here.
url = ""
# Where our own one listens; 0.0.0.0 opens it to a team, then name the hosts it may be called by. Where port 8080 is
# taken the next free one is used, now and later; any other port that stands here is used or refused.
host = {host}
port = {port}
allowed_hosts = []
# The title of the project that articles are pushed to, and how many annotators each article is meant for.
project = {project}
overlap = {overlap}
# Where `workbench pull --watch --webhook` listens, as Label Studio reaches this machine; port 0 is any free one.
webhook = {webhook}

[preannotate]
# The spaCy pipeline below the rules: a package's name, or a folder.
pipeline = {pipeline}
# The rules' own data, as files of this folder in the place of those that ship. Empty: those that ship.
concepts = {concepts}
lexicon = {lexicon}
# A folder of JSONL patterns, as spaCy's EntityRuler takes them: they add to the rules' entities, and override them.
patterns = {patterns}
# For `workbench preannotate --with`: GLiNER's weights, by name or path; an endpoint that speaks OpenAI's chat
# completions, its model, and what a million tokens cost. Its key belongs into secrets.toml.
gliner_model = {gliner_model}
llm_url = {llm_url}
llm_model = {llm_model}
llm_key = ""
llm_input_price = {llm_input_price}
llm_output_price = {llm_output_price}

[split]
# How articles are divided into parts: "story" (no story lies in two of them), "date:YYYY-MM-DD,YYYY-MM-DD" (where dev
# and test begin), "article" or "file:PARTS.csv". Articles of dev and test are annotated without suggestions.
by = {by}
# The share of each part.
train = {train}
dev = {dev}
test = {test}
"""

_GITIGNORE = """\
# What a workspace must not give away, and what it can make again.
secrets.toml
workbench.db*
label-studio/
models/
backups/
exports/
"""


class InitReport(Report):
    """What was made and what was there. `database` is the store's URL without its password."""

    root: Path
    made: tuple[str, ...]
    kept: tuple[str, ...]
    database: str

    def shown(self) -> Iterator[Shown]:
        """What was made, what was left, and where the store is."""
        if self.made:
            yield f"{self.root}: made {', '.join(self.made)}"
        if self.kept:
            yield f"{self.root}: left as they are: {', '.join(self.kept)}"
        yield f"store: {self.database}"


def init(root: Path, database_url: str = "", label_config: Path | None = None) -> InitReport:
    """The workspace at `root`, with a store that can be opened; what is there already is left as it is.

    A password in the database URL goes to secrets.toml, which only its owner can read. `label_config` is a file that is
    copied to label_config.xml; without one, it is the scheme that ships.

    Raises:
        SettingsError: the folder cannot be written to, or the workspace is there with another database or another label
            config.
        SchemeError: `label_config` cannot be read, or is no label scheme; nothing was made.
        StoreUnavailable: the database does not answer.
        StoreError: the database cannot be used.
    """
    root = root.resolve()
    here = root / settings.FILE
    if database_url and here.exists() and settings.load(root).store.url != database_url:
        raise SettingsError(
            f"{root} is a workspace already, with another database",
            hint=f"change `url` of [store] in {here}; articles don't move by themselves",
        )
    xml = shipped.label_config() if label_config is None else _read_scheme(label_config, root / SCHEME)
    public, secret = without_password(database_url)
    line = f"url = {_quoted(public)}" + ("  # with its password in secrets.toml" if secret else "")
    files = {settings.FILE: _settings(line), SCHEME: xml, IGNORED: _GITIGNORE}
    made: list[str] = []
    try:
        root.mkdir(parents=True, exist_ok=True)
        # The store first: where it cannot be opened, no half workspace is left.
        url = database_url or (settings.load(root).database_url if here.exists() else f"sqlite:///{root}/workbench.db")
        store = Store.open(url, backups=root / "backups")
        database = store.name
        store.close()
        if secret and not here.exists():
            if not _write(root / settings.SECRETS, f"[store]\nurl = {_quoted(secret)}\n", mode=0o600):
                raise SettingsError(
                    f"{root / settings.SECRETS} is there, so the database's password cannot be put into it",
                    hint="move it away, or write `url` of [store] into it yourself",
                )
            made.append(settings.SECRETS)
        made += [name for name, text in files.items() if _write(root / name, text)]
    except OSError as error:
        raise SettingsError(
            f"{root} cannot be made a workspace: {error.strerror}",
            hint="make room, correct its permissions, or name another folder",
        ) from error
    return InitReport(
        root=root, made=tuple(made), kept=tuple(name for name in files if name not in made), database=database
    )


def _read_scheme(label_config: Path, place: Path) -> str:
    """The label config in a file, after a look whether it can be the one at `place`."""
    try:
        xml = label_config.read_text(encoding="utf-8-sig")
        LabelScheme.from_xml(xml, name=str(label_config))
        there = place.read_text(encoding="utf-8-sig") if place.exists() else xml
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SchemeError(
            f"{label_config} cannot be read: {reason}", hint="name a file with a label config, in UTF-8"
        ) from error
    if there != xml:
        raise SettingsError(
            f"{place} is there already, with another label config than {label_config}",
            hint=f"copy it there yourself, then `workbench scheme diff`; or name another folder: {place} stays as it is",
        )
    return xml


def without_password(url: str) -> tuple[str, str]:
    """The URL as it may be read by anyone, and the whole URL if it holds a password, else ""."""
    public = _QUERY_PASSWORD.sub(r"\1", _PASSWORD.sub(r"\g<before>@\g<after>", url)).rstrip("?&")
    return public, "" if public == url else url


def _settings(store_line: str) -> str:
    """workbench.toml with every default written out."""
    return _TOML.format(
        store=store_line,
        host=_quoted(_LABEL_STUDIO.host),
        port=_LABEL_STUDIO.port,
        project=_quoted(_LABEL_STUDIO.project),
        overlap=_LABEL_STUDIO.overlap,
        webhook=_quoted(_LABEL_STUDIO.webhook),
        pipeline=_quoted(_PREANNOTATE.pipeline),
        concepts=_quoted(_PREANNOTATE.concepts),
        lexicon=_quoted(_PREANNOTATE.lexicon),
        patterns=_quoted(_PREANNOTATE.patterns),
        gliner_model=_quoted(_PREANNOTATE.gliner_model),
        llm_url=_quoted(_PREANNOTATE.llm_url),
        llm_model=_quoted(_PREANNOTATE.llm_model),
        llm_input_price=_quoted(_PREANNOTATE.llm_input_price),
        llm_output_price=_quoted(_PREANNOTATE.llm_output_price),
        by=_quoted(_SPLIT.by),
        train=_SPLIT.train,
        dev=_SPLIT.dev,
        test=_SPLIT.test,
    )


def _quoted(text: str) -> str:
    # A JSON string of printable characters is a TOML basic string.
    return json.dumps(text, ensure_ascii=False)


def _write(path: Path, text: str, mode: int = 0o644) -> bool:
    """Whether the file is new; one that is there is left as it is."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return True
