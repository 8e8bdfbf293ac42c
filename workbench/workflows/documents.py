"""The documents of a file in any format: those that are annotated, and what is to be said of the others."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from errno import ENOENT
from pathlib import Path

from pydantic import Field

from workbench import files
from workbench.core.annotations import AnnotatedArticle
from workbench.core.counted import counted
from workbench.core.ports import ByDocument, Format, Remark
from workbench.core.report import Listing, Shown
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError
from workbench.foreign import reading
from workbench.formats import by_suffix, choose, with_layers
from workbench.gold.verification import MANIFEST
from workbench.workflows.known_formats import known_formats

LEFT_OUT = "documents without annotation were left out"
REFUSED = "documents were refused"
Found = tuple[str, AnnotatedArticle]
"""Where an annotated article stands, and itself."""


def format_to_read(path: Path, name: str | None, layers: Sequence[str] = (), *, option: str = "--format") -> Format:
    """The format with this name; else that of the export that `path` is of, or the one whose files end like it.

    Args:
        path: a file or a folder.
        name: a format's name.
        layers: GROUP=LAYER for its span groups.
        option: what names a format on the command line.

    Raises:
        DocumentError: the file is an archive.
        FormatError: there is no such format, neither folder nor name of the file tells, or the format has no groups.
    """
    known = known_formats()
    if path.is_file():
        reading.not_packed(path)
    if name is not None:
        return with_layers(choose(known, name, "read", option), layers)
    return with_layers(_exported_as(known, path) or by_suffix(known, path, "read", option), layers)


def format_to_write(path: Path, name: str | None, *, option: str = "--to") -> Format:
    """The format with this name, or the one whose files end like `path`.

    Raises:
        FormatError: there is no such format, or the name of the file does not tell.
    """
    known = known_formats()
    if name is not None:
        return choose(known, name, "written", option)
    return by_suffix(known, path, "written", option)


def _exported_as(known: Mapping[str, Format], path: Path) -> Format | None:
    """The format of the export that the file or folder is of: a folder with a manifest, called as its format is."""
    inside = path.resolve()
    for folder in (inside, *inside.parents):
        if folder.name in known and (folder / MANIFEST).is_file():
            written, name = _written(folder), inside.relative_to(folder).as_posix()
            if inside == folder or any(one == name or one.startswith(f"{name}/") for one in written):
                return known[folder.name]
    return None


def _written(folder: Path) -> Iterable[str]:
    """The files that an export wrote there."""
    try:
        return files.listed(folder)
    except (OSError, UnicodeDecodeError):
        return ()


def readings(form: Format, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, AnnotatedArticle | Remark]]:
    """What the file holds, and where; a document that is refused is a remark, and the next one is read."""
    if not path.exists():
        yield str(path), Refusal.of(reading.unreadable(path, FileNotFoundError(ENOENT, os.strerror(ENOENT))))
        return
    whole = ((str(path), form.read(path, scheme)) for _ in range(1))
    try:
        for where, document in form.documents(path, scheme) if isinstance(form, ByDocument) else whole:
            try:
                for one in document:
                    yield where, one
            except DocumentError as error:
                yield where, Refusal.of(error)
    except DocumentError as error:
        yield str(path), Refusal.of(error)


@dataclass
class Given:
    """What a reader says besides the annotated articles."""

    left_out: list[Remark] = field(default_factory=list[Remark])
    remarks: list[Remark] = field(default_factory=list[Remark])
    refused: list[Remark] = field(default_factory=list[Remark])

    def annotated(self, documents: Iterable[tuple[str, AnnotatedArticle | Remark]]) -> Iterator[Found]:
        """The annotated articles, and where they stand; what else there is, is kept."""
        for where, one in documents:
            if isinstance(one, AnnotatedArticle):
                yield where, one
            elif one.refused:
                self.refused.append(one)
            elif one.left_out:
                self.left_out.append(one)
            else:
                self.remarks.append(one)

    def raise_for(self, path: Path) -> None:
        """Says why nothing of the file was taken, where there is anything to say.

        Raises:
            DocumentError: every document was refused, or none is annotated.
        """
        if self.refused:
            first = self.refused[0]
            more = (
                f" (and {counted(len(self.refused) - 1, 'more documents were refused')})"
                if len(self.refused) > 1
                else ""
            )
            lists: Mapping[str, Sequence[tuple[str, str]]] = {
                REFUSED: [(one.where, one.message) for one in self.refused]
            }
            if isinstance(first, Refusal) and len(self.refused) == 1:
                lists = first.lists
            hint = (isinstance(first, Refusal) and first.hint) or "mend it, or take it out of what is read"
            raise DocumentError(
                f"{first.where + ': ' if first.where else ''}{first.message}{more}", hint=hint, lists=lists
            )
        if self.left_out:
            more = f", the first of {counted(len(self.left_out), 'documents')}," if len(self.left_out) > 1 else ""
            raise DocumentError(
                f"nothing in {path} is annotated: {self.left_out[0].where}{more} {self.left_out[0].message}",
                hint="`workbench articles add` takes texts without annotations",
                lists={LEFT_OUT: [(one.where, one.message) for one in self.left_out]},
            )


def listings(left_out: Sequence[Remark], remarks: Sequence[Remark], refused: Sequence[Remark]) -> Iterator[Shown]:
    """The lists of what was left out, remarked and refused, in this order."""
    for heading, several in ((LEFT_OUT, left_out), ("remarks", remarks), (REFUSED, refused)):
        yield Listing(heading, tuple((one.where, one.message) for one in several))


class Refusal(Remark):
    """A document that was refused, with the error that says why."""

    hint: str = ""
    lists: dict[str, tuple[tuple[str, str], ...]] = Field(default_factory=dict)

    @classmethod
    def of(cls, error: DocumentError) -> "Refusal":
        """The refusal that an error stands for."""
        plain = Remark.refusal(error)
        lists = {heading: tuple(entries) for heading, entries in error.lists.items()}
        return cls(where=plain.where, message=plain.message, refused=True, hint=error.hint, lists=lists)
