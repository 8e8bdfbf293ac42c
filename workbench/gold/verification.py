"""Whether a release is what it was when it was frozen: in the store, or in the files of an export.

Of an export everything is recomputed from the files alone, so that whoever was given them can check them, too.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from workbench import files
from workbench.core.counted import counted
from workbench.core.documents import AnnotatedArticleDocument
from workbench.core.frozen import Frozen
from workbench.core.parts import PARTS, Part
from workbench.core.report import Listing, Report, Shown
from workbench.core.stand_off import StandOffDocument
from workbench.core.validation import first_fault
from workbench.errors import ReleaseError, WorkbenchError
from workbench.gold import releases
from workbench.gold.manifest import ReleasedArticle, ReleaseManifest, WithdrawnArticle, digest_of
from workbench.printable import printable
from workbench.store import Transaction
from workbench.store.annotations import set_id

MANIFEST = "manifest.json"


class Touched(Frozen):
    """A file or an article that is not what was released, and in what."""

    what: str
    how: str

    def __str__(self) -> str:
        return f"{printable(self.what)}: {printable(self.how)}"


class Verified(Frozen):
    """What was recomputed of a release in one place, and what was touched there since it was frozen.

    `folder` is empty for the store. `checked` counts what was looked at; `remarks` says what could not be.
    Of `withdrawn` articles that were erased there are only the hashes that the release has of them.
    """

    name: str
    folder: str = ""
    digest: str
    articles: int
    checked: dict[str, int]
    touched: tuple[Touched, ...] = ()
    remarks: tuple[str, ...] = ()
    withdrawn: tuple[WithdrawnArticle, ...] = ()


class VerifyReport(Report):
    """What became of a release: in the store, or in each folder of an export."""

    places: tuple[Verified, ...]

    @property
    def touched(self) -> tuple[Touched, ...]:
        """Everything that is not as it was."""
        return tuple(one for place in self.places for one in place.touched)

    def shown(self) -> Iterator[Shown]:
        """What was checked in each place, and each thing that was touched."""
        for place in self.places:
            recomputed = ", ".join(counted(number, what) for what, number in place.checked.items())
            where = f" in {printable(place.folder)}" if place.folder else ""
            state = "was touched after it was frozen" if place.touched else "is as it was when it was frozen"
            yield f"{printable(place.name)}{where} {state}: {counted(place.articles, 'articles')}, digest {place.digest}"
            yield f"  recomputed: {recomputed or 'nothing'}"
            yield from (f"  {remark}" for remark in place.remarks)
            yield Listing("articles were withdrawn since", [(str(one), "") for one in place.withdrawn])
            yield Listing("things were touched", [(one.what, one.how) for one in place.touched])

    def failure(self) -> WorkbenchError | None:
        """What was touched first, and what to do."""
        if not self.touched:
            return None
        first = next(place for place in self.places if place.touched)
        if first.folder:
            return ReleaseError(
                f"{first.folder} was changed after it was exported: {self.touched[0]}",
                hint="export the release again, with --force",
            )
        return ReleaseError(
            f"the release {first.name} was changed after it was frozen: {self.touched[0]}",
            hint="restore the workspace from a backup",
        )


def verify(session: Transaction, name: str) -> VerifyReport:
    """What was touched of a release in the store: texts, gold, parts, stories, annotators, the scheme, the manifest.

    Raises:
        ReleaseError: there is no such release.
    """
    found = releases.load(session, name)
    manifest = found.manifest
    touched = [
        Touched(what=what, how=how) if how else Touched(what=name, how=what)
        for what, _, how in (one.partition(": ") for one in found.problems)
    ]
    touched += _scheme(manifest)
    if manifest.items:
        touched += _articles(
            {one.article_id: one for one in manifest.items},
            {one.article_id: one for one in found.inside},
            known={one.what for one in touched},
            fields=_FIELDS,
        )
    number = found.readable
    place = Verified(
        name=name,
        digest=found.release.digest,
        articles=len(found.release.items),
        checked={"texts": number, "annotation sets": number},
        touched=tuple(touched),
        remarks=() if manifest.items else (_BEFORE,),
        withdrawn=found.withdrawn,
    )
    return VerifyReport(places=(place,))


def verify_export(path: Path) -> VerifyReport:
    """What was touched of an exported release, in each folder with a manifest at `path` or below.

    A manifest that is none, or is missing, counts as touched, and keeps nobody from the others.

    Raises:
        ReleaseError: there is no manifest at `path` or below it.
    """
    return VerifyReport(places=tuple(map(_folder_or_not, _exported(path, also_without=True))))


def _folder_or_not(folder: Path) -> Verified:
    """What was touched in a folder, of whose manifest nothing may be left to compare it with."""
    try:
        return _folder(folder)
    except ReleaseError as error:
        there = (folder / MANIFEST).is_file()
        told = Touched(
            what=MANIFEST, how=error.message.removeprefix(f"{folder / MANIFEST} ") if there else "is missing"
        )
        return Verified(name=folder.name, folder=str(folder), digest="unknown", articles=0, checked={}, touched=(told,))


def exported(path: Path) -> list[Path]:
    """The folders of exports at `path` or below it; a file stands for its folder.

    Raises:
        ReleaseError: there is none, or one has lost its manifest.
    """
    return _exported(path, also_without=False)


def _exported(path: Path, *, also_without: bool) -> list[Path]:
    """The same; `also_without` their manifest, where they have lost it."""
    folder = path.parent if path.is_file() else path
    found = _holding(folder, MANIFEST)
    for one in _holding(folder, files.SUMS):
        if one in found or not _lists_a_manifest(one):
            continue
        if also_without:
            found.append(one)
        else:
            raise ReleaseError(
                f"{one / MANIFEST} is missing, and {one / files.SUMS} lists it",
                hint="export the release again, or remove the folder",
            )
    if not found:
        raise ReleaseError(
            f"no release was exported to {path}: there is no {MANIFEST} in it or below it",
            hint="`workbench export NAME` writes a folder with one; name that folder",
        )
    return sorted(set(found))


def _holding(folder: Path, name: str) -> list[Path]:
    """The folders with a file of this name: `folder`, and those up to two levels below."""
    places = [folder / name, *folder.glob(f"*/{name}"), *folder.glob(f"*/*/{name}")]
    return sorted(one.parent for one in places if one.is_file())


def _lists_a_manifest(folder: Path) -> bool:
    """Whether a folder's list of checksums says that it had a manifest."""
    try:
        lines = (folder / files.SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False
    return any(line.partition("  ")[2] == MANIFEST for line in lines)


def read_manifest(folder: Path) -> ReleaseManifest:
    """The manifest of an exported release.

    Raises:
        ReleaseError: it cannot be read, or is none.
    """
    path = folder / MANIFEST
    try:
        return ReleaseManifest.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ReleaseError(f"{path} cannot be read: {error}") from error
    except ValidationError as error:
        raise ReleaseError(
            f"{path} is no release manifest: {first_fault(error)}",
            hint="schemas/release-manifest.schema.json says what it holds",
        ) from error


_WITHOUT_TEXTS = (
    "it holds neither texts nor titles, so that neither their hashes nor the digest can be computed: "
    "`workbench import FILE --texts PATH` checks the texts"
)
_BEFORE = "the manifest lists no articles, so that which one was touched cannot always be told"


def _folder(folder: Path) -> Verified:
    manifest = read_manifest(folder)
    touched: list[Touched] = []
    remarks: list[str] = [] if manifest.items else [_BEFORE]
    checked: dict[str, int] = {}
    try:
        listed, there = files.listed(folder), files.checksums(folder)
        checked["files"] = len(listed)
        touched += [
            Touched(what=name, how="has another checksum" if name in there else "is missing")
            for name, digest in listed.items()
            if there.get(name) != digest
        ]
        data = {parent for name in listed if (parent := PurePosixPath(name).parent) != PurePosixPath(".")}
        beside = sorted(there.keys() - listed.keys())
        among = [name for name in beside if PurePosixPath(name).parent in data]
        touched += [Touched(what=name, how="lies among the exported files: move it away") for name in among]
        remarks += _beside([name for name in beside if name not in among])
    except OSError as error:
        touched.append(Touched(what=files.SUMS, how=f"cannot be read: {error.strerror or error}"))
    touched += _scheme(manifest)
    if manifest.stand_off:
        remarks.append(_WITHOUT_TEXTS)
    elif manifest.items:
        digest = digest_of(manifest.label_scheme.digest, manifest.items)
        if digest != manifest.digest:
            touched.append(
                Touched(what=MANIFEST, how=f"its articles have the digest {digest}, and it says {manifest.digest}")
            )
    documents, stand_off = parts_of(folder), parts_of(folder, ".stand-off.jsonl")
    expected = {one.article_id: one for one in manifest.items}
    if documents:
        found, broken = _lines(documents, _document)
        checked |= {"texts": len(found), "annotation sets": len(found)}
    elif stand_off:
        found, broken = _lines(stand_off, _stand_off)
        checked["sets of offsets"] = len(found)
        if manifest.stand_off:
            # What an annotation set quotes is part of its key; of the offsets there is a hash of their own.
            expected = {
                key: one.model_copy(update={"gold": manifest.stand_off.get(key, "")}) for key, one in expected.items()
            }
        else:
            expected = {}
    else:
        found, broken, expected = {}, [], {}
        remarks.append(
            "texts and annotations were checked by the sums of their files alone: jsonl holds them one by one"
        )
    touched += broken
    if expected:
        erased = {one.article_id for one in manifest.withdrawn if one.erased} - found.keys()
        fields = _FIELDS if documents else _STAND_OFF_FIELDS
        touched += _articles(expected, found, known={one.what for one in broken} | erased, fields=fields)
    return Verified(
        name=manifest.name,
        folder=str(folder),
        digest=manifest.digest,
        articles=manifest.articles,
        checked=checked,
        touched=tuple(touched),
        remarks=tuple(remarks),
        withdrawn=manifest.withdrawn,
    )


def parts_of(folder: Path, ending: str = ".jsonl") -> dict[Part, Path]:
    """The files of the parts that are there as jsonl has them; those of other formats may be called the same."""
    there: dict[Part, Path] = {
        part: folder / f"{part}{ending}" for part in PARTS if (folder / f"{part}{ending}").is_file()
    }
    return there if any(map(_is_jsonl, there.values())) else {}


def _is_jsonl(path: Path) -> bool:
    """Whether a file's first line is an article with its annotations, or nothing that can be read."""
    with path.open("rb") as file:
        first = next((line for line in file if line.strip()), b"")
    try:
        return "article" in json.loads(first)
    except (ValueError, TypeError, RecursionError):
        return True


def _beside(names: list[str]) -> Iterator[str]:
    """What is said of files that the export did not write, such as pipelines that were trained there."""
    if names:
        listing = ", ".join(map(printable, names[:3]))
        yield f"{counted(len(names), 'files were not looked at, which no export wrote')}: {listing}{', …' * (len(names) > 3)}"


def _scheme(manifest: ReleaseManifest) -> Iterator[Touched]:
    if manifest.label_scheme.digest != manifest.scheme_digest:
        yield Touched(
            what="label scheme", how=f"has the digest {manifest.label_scheme.digest}, and was {manifest.scheme_digest}"
        )


def _lines(
    paths: dict[Part, Path], read: Callable[[bytes, Part], ReleasedArticle]
) -> tuple[dict[str, ReleasedArticle], list[Touched]]:
    """The articles of the files, as they are now, and the lines that are none."""
    found: dict[str, ReleasedArticle] = {}
    broken: list[Touched] = []
    for part, path in paths.items():
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    one = read(line, part)
                except (ValidationError, WorkbenchError, ValueError) as error:
                    broken.append(Touched(what=_named(line) or f"{path.name}, line {number}", how=_reason(error)))
                else:
                    found[one.article_id] = one
    return found, broken


def _document(line: bytes, part: Part) -> ReleasedArticle:
    document = AnnotatedArticleDocument.model_validate_json(line)
    article = document.article
    return ReleasedArticle(
        article_id=article.id,
        article_version=article.version,
        title=article.title,
        text_sha256=article.text_sha256,
        gold=set_id(article.id, article.version, document.annotations),
        part=part,
        story_group=article.story,
        annotators=(),
    )


def _stand_off(line: bytes, part: Part) -> ReleasedArticle:
    """The same of a line without text; in the place of the key of its gold stands a hash of its offsets."""
    document = StandOffDocument.model_validate_json(line)
    article = document.article
    return ReleasedArticle(
        article_id=article.id,
        article_version=article.version,
        title="",
        text_sha256=article.text_sha256,
        gold=document.annotations.digest,
        part=part,
        story_group=article.story_group or article.id,
        annotators=(),
    )


def _named(line: bytes) -> str:
    """The article id that a line names, whatever else is wrong with it; empty where it names none."""
    try:
        found = json.loads(line)["article"]["id"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return found if isinstance(found, str) else ""


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return first_fault(error)
    return error.message if isinstance(error, WorkbenchError) else str(error)


def _articles(
    expected: Mapping[str, ReleasedArticle],
    found: dict[str, ReleasedArticle],
    *,
    known: set[str],
    fields: Mapping[str, str],
) -> Iterator[Touched]:
    """How the articles differ in these fields from those that were expected; of those `known` it was said already."""
    for one in expected.values():
        now = found.pop(one.article_id, None)
        if now is None:
            if one.article_id not in known:
                yield Touched(what=one.article_id, how="is missing")
            continue
        for field, said in fields.items():
            before, after = getattr(one, field), getattr(now, field)
            if before != after and not (field == "annotators" and not after):
                yield Touched(what=one.article_id, how=f"{said} is {after}, and was {before}")
    for article_id in found:
        yield Touched(what=article_id, how="is not in the release")


_FIELDS = {
    "article_version": "the version of its text",
    "title": "its title",
    "text_sha256": "the hash of its text",
    "gold": "the key of its gold",
    "part": "its part",
    "story_group": "its story",
    "annotators": "who annotated it",
}
_STAND_OFF_FIELDS = {
    **{field: said for field, said in _FIELDS.items() if field not in ("title", "annotators")},
    "text_sha256": "the hash that it names of its text",
    "gold": "the hash of its offsets and labels",
}
