"""The file formats that annotated articles are written to and read from, one module each."""

from importlib.metadata import entry_points

from workbench.core.ports import Format
from workbench.errors import FormatError
from workbench.formats.docbin import DocBinFormat
from workbench.formats.jsonl import JsonLinesFormat

ENTRY_POINTS = "workbench.formats"
"""The entry-point group by which other packages add formats: each names a class without arguments."""


def registry(*more: Format) -> dict[str, Format]:
    """Every format by its name: ours, `more`, and those that installed packages add.

    Raises:
        FormatError: two formats have one name, or one that a package adds cannot be loaded.
    """
    found: dict[str, Format] = {}
    for known in (JsonLinesFormat(), DocBinFormat(), *more, *_from_packages()):
        if known.name in found:
            raise FormatError(f"two formats are called {known.name!r}", way_out="remove the package that adds one")
        found[known.name] = known
    return found


def choose(formats: dict[str, Format], name: str) -> Format:
    """The format with this name.

    Raises:
        FormatError: there is none.
    """
    if name not in formats:
        raise FormatError(f"no format {name!r}; known: {', '.join(sorted(formats))}")
    return formats[name]


def _from_packages() -> list[Format]:
    formats: list[Format] = []
    for point in entry_points(group=ENTRY_POINTS):
        try:
            formats.append(point.load()())
        except (ImportError, AttributeError, TypeError) as error:
            raise FormatError(
                f"the format {point.name} ({point.value}) cannot be loaded: {error}",
                way_out="mend or remove the package that adds it",
            ) from error
    return formats
