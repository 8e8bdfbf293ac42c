"""Which of a pipeline's labels are the scheme's: THEIRS=OURS, on the command line or in a file."""

from collections.abc import Iterable
from pathlib import Path

from workbench.errors import ModelError

HINT = "write THEIRS=OURS, as in `PER=PERSON`; `THEIRS=` leaves a label out"
IN_FILE = "one a line: "


def label_map(pairs: Iterable[str], file: Path | None = None) -> dict[str, str]:
    """Our label of each of theirs; what `pairs` say counts more than what the file says.

    Empty lines of the file and those that begin with # say nothing.

    Raises:
        ModelError: a pair is none, or a label is said to be two; the file cannot be read.
    """
    found: dict[str, str] = {}
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines() if file is not None else []
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ModelError(f"the map of labels {file} cannot be read: {why}", hint=IN_FILE + HINT) from error
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            _take(found, line, f"{file}, line {number}: ")
    own: dict[str, str] = {}
    for pair in pairs:
        _take(own, pair, "")
    return found | own


def _take(found: dict[str, str], pair: str, where: str) -> None:
    hint = (IN_FILE if where else "") + HINT
    theirs, equals, ours = (part.strip() for part in pair.partition("="))
    if not theirs or not equals:
        raise ModelError(f"{where}{pair.strip()!r} does not say which label another one is", hint=hint)
    if found.setdefault(theirs, ours) != ours:
        raise ModelError(f"{where}{theirs} cannot be two labels, {found[theirs]!r} and {ours!r}", hint=hint)
