"""Reads the rules' data files: tab-separated tables with a header, `#` comments, several values in a cell by `|`."""

import csv
import hashlib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from workbench.errors import SettingsError

CODE = Path(__file__).parent
DATA = resources.files("workbench.preannotate.rules") / "data"


def text_of(name: str, own: Path | None = None) -> str:
    """The text of a data file that ships, or of the user's own in its place.

    Raises:
        SettingsError: the user's file cannot be read.
    """
    if own is None:
        return (DATA / name).read_text(encoding="utf-8")
    try:
        return own.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{own} cannot be read: {error}", hint="correct the path in workbench.toml") from error


def rows(name: str, *, text: str | None = None) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells, by column, of every row of a table.

    Raises:
        SettingsError: a row has more cells than the header.
    """
    lines = (text_of(name) if text is None else text).splitlines()
    header: list[str] | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in next(csv.reader([line], delimiter="\t", quoting=csv.QUOTE_NONE))]
        if header is None:
            header = cells
            continue
        if len(cells) > len(header):
            raise SettingsError(f"{name}, line {number}: {len(cells)} cells, the header has {len(header)}")
        yield number, dict(zip(header, cells + [""] * (len(header) - len(cells)), strict=True))


def values(cell: str) -> tuple[str, ...]:
    """What stands in a cell between its `|`."""
    return tuple(part.strip() for part in cell.split("|") if part.strip())


def classes(text: str | None = None) -> dict[str, frozenset[str]]:
    """The classes of words.tsv, in lower case.

    Raises:
        SettingsError: a class has two rows, of which one would be lost.
    """
    found: dict[str, frozenset[str]] = {}
    for number, row in rows("words.tsv", text=text):
        if row["class"] in found:
            raise SettingsError(f"words.tsv, line {number}: the class {row['class']} has a row already")
        found[row["class"]] = frozenset(values(row["words"].lower()))
    return found


def code_digest() -> str:
    """A short hash of the rules' code, which can change what they suggest without their version."""
    modules = sorted(CODE.rglob("*.py"))
    return hashlib.sha256(b"\0".join(module.read_bytes() for module in modules)).hexdigest()[:8]


def digest(*texts: str) -> str:
    """A short hash of data files: it changes when any of them does."""
    shipped = [path for path in DATA.iterdir() if path.name.endswith((".tsv", ".toml"))]
    content = [path.read_bytes() for path in sorted(shipped, key=lambda path: path.name)]
    return hashlib.sha256(b"\0".join([*content, *(text.encode() for text in texts)])).hexdigest()[:8]
