"""A user's own data files of the rules, as texts that a pipeline or an export can hold, and as files again."""

from collections.abc import Mapping
from pathlib import Path

from workbench.preannotate.rules import tables
from workbench.preannotate.rules.entities import ownpatterns

CONCEPTS, LEXICON, PATTERNS = "concepts", "lexicon", "patterns"
"""What files stand for, as workbench.toml calls them: two files, and a folder."""
NAMES = {CONCEPTS: "concepts.toml", LEXICON: "lexicon.tsv", PATTERNS: PATTERNS}
"""What they are called where they are written."""


def read_own(files: Mapping[str, Path | None]) -> dict[str, str]:
    """The text of each file, by what it stands for; that of a pattern file by `patterns/` and its name.

    Raises:
        SettingsError: one of them cannot be read, or there are no patterns in the folder.
    """
    found: dict[str, str] = {}
    for what, path in files.items():
        if path is None:
            continue
        if what == PATTERNS:
            found |= {f"{PATTERNS}/{file.name}": text for file, text in ownpatterns.texts(path).items()}
        else:
            found[what] = tables.text_of(path.name, path)
    return found


def file_names(texts: Mapping[str, str]) -> dict[str, str]:
    """The same texts by the names of their files."""
    return {NAMES.get(what, what): text for what, text in texts.items()}


def write_own(texts: Mapping[str, str], folder: Path) -> dict[str, Path | None]:
    """Where each file is in the folder that they were written to; None for what the user has no file of."""
    for name, text in file_names(texts).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
    every = {name.partition("/")[0] for name in texts}
    return {what: folder / name if what in every else None for what, name in NAMES.items()}
