"""A file of what simulations found, to which every point is added once it is known, so that a run can go on from it."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from workbench.core.annotations import AnnotatedArticle, Producer
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError
from workbench.workflows.replay import Point


def digest(
    pool: Sequence[AnnotatedArticle], test: Sequence[AnnotatedArticle], scheme: LabelScheme, rules: Producer
) -> str:
    """A hash of everything that points can be compared over: the gold, and the rules that suggest at first."""
    told = [
        [item.article.text_sha256, item.annotations.model_dump_json(include={"layers", "document"})]
        for items in (pool, test)
        for item in items
    ]
    return hashlib.sha256(json.dumps([scheme.digest, str(rules), len(pool), told]).encode()).hexdigest()


def known_points(output: Path, digest: str) -> list[Point]:
    """The points that a run before left in the file.

    Raises:
        DocumentError: a line is no point, or belongs to other gold or other rules.
    """
    try:
        content = output.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(
            f"{output} cannot be read: {error}", path=str(output), hint="name another file as --output"
        ) from error
    found: list[Point] = []
    whole, _, unfinished = content.rpartition("\n")
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            row = json.loads(line)
            of, point = row["digest"], Point.model_validate(row["point"])
        except (ValueError, KeyError, TypeError) as error:
            raise DocumentError(
                f"{output}, line {number}, is no point of a simulation", hint="name another file as --output"
            ) from error
        if of != digest:
            raise DocumentError(
                f"{output}, line {number}, belongs to a simulation of other gold, or with other rules",
                hint="name another file as --output",
            )
        found.append(point)
    if unfinished:  # by a run that was killed while it wrote
        output.write_text(whole + "\n" * bool(whole), encoding="utf-8")
    return found


def add_point(output: Path, digest: str, point: Point) -> None:
    """Adds a point to the file.

    Raises:
        DocumentError: it cannot be written.
    """
    try:
        with output.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"digest": digest, "point": point.model_dump(mode="json")}) + "\n")
    except OSError as error:
        raise DocumentError(
            f"{output} cannot be written: {error.strerror}", path=str(output), hint="name another file as --output"
        ) from error
