"""A gold release as files that others can use: one folder a format, with manifest, card and checksums."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from workbench import files
from workbench.core.annotations import AnnotatedArticle
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.parts import PARTS, Part
from workbench.core.ports import Format, FormatReport, Progress
from workbench.core.report import Listing, Report, Shown
from workbench.core.scheme import LabelScheme
from workbench.core.stand_off import places
from workbench.core.whitespace import trim, without_blank
from workbench.errors import FormatError, ReleaseError
from workbench.formats import SHIPPED, Accompanied, OfRelease, RuleSetup, choose
from workbench.formats import without_text as stand_off
from workbench.gold import releases
from workbench.gold.manifest import ReleaseManifest, WithdrawnArticle
from workbench.preannotate.own_files import file_names
from workbench.store import Store, Transaction
from workbench.store.releases import ReleaseItem
from workbench.workflows.cards import card
from workbench.workflows.context import Context
from workbench.workflows.known_formats import known_formats
from workbench.workflows.preannotate import rule_texts

MANIFEST, CARD, PROBLEMS = "manifest.json", "README.md", "problems.txt"
SHOWN = 3
"""How many of a format's problems are printed."""


class Exported(Frozen):
    """One folder that was written. `existed`: it was there, byte for byte; `problems` is what the format cannot hold."""

    format: str
    folder: Path
    files: tuple[str, ...]
    articles: int
    spans: int
    existed: bool
    problems: tuple[str, ...]


class ExportReport(Report):
    """What was exported of a release."""

    release: str
    digest: str
    exported: tuple[Exported, ...]

    def shown(self) -> Iterator[Shown]:
        for one in self.exported:
            state = (
                "is there already, unchanged"
                if one.existed
                else f"{counted(one.articles, 'articles')}, {counted(one.spans, 'spans')}"
            )
            yield f"{one.format}: {state}: {one.folder}"
            yield Listing(
                f"cases that {one.format} does not hold as they are",
                one.problems,
                file=str(one.folder / PROBLEMS),
                limit=SHOWN,
            )


def export_release(
    context: Context,
    release: str,
    *,
    formats: Sequence[str] = ("spacy", "jsonl"),
    output: Path | None = None,
    force: bool = False,
    without_text: bool = False,
) -> ExportReport:
    """The folders that were written of a release; see `export`. `output` is the workspace's exports/ where none is named."""
    return export(
        context.store,
        release,
        formats,
        output or context.settings.exports,
        context.progress,
        force=force,
        without_text=without_text,
        rules=RuleSetup(context.settings.preannotate.pipeline, file_names(rule_texts(context))),
    )


def export(
    store: Store,
    name: str,
    format_names: Sequence[str],
    exports: Path,
    progress: Progress,
    *,
    force: bool = False,
    without_text: bool = False,
    rules: RuleSetup = SHIPPED,
) -> ExportReport:
    """The folders `exports`/NAME/FORMAT, each with a file a part, a manifest, a card, and checksums.

    The release is read page by page for each format, so that its articles are never all in memory. A folder appears as a
    whole or not at all. One that is there and says the same is left as it is. Of a release from
    before spans were trimmed, white space at their edges and spans of nothing else are left out, and listed.

    `without_text` writes hashes and offsets in the place of texts, and quotes none anywhere. `rules` says how the rules
    are set up, for formats whose exports are trained on.

    Raises:
        ReleaseError: there is no such release, or it is not what it was when it was frozen.
        FormatError: no format is named, one is unknown, cannot hold the release or cannot do without the texts; or, without `force`, a
            folder that is there differs from what would be written.
    """
    known = known_formats()
    formats = [choose(known, one, "written") for one in dict.fromkeys(format_names or ("",))]
    if without_text:
        formats = [stand_off(one) for one in formats]
    formats = [one.of_release(name) if isinstance(one, OfRelease) else one for one in formats]
    exported: list[Exported] = []
    with _saying_what_is_whole(exports / name, exported), store.reading() as session:
        loaded = releases.load(session, name)
        if loaded.problems:
            raise ReleaseError(
                f"the release {name} was changed after it was frozen: {loaded.problems[0]}",
                hint=f"`workbench gold verify {name}`",
            )
        manifest = loaded.manifest.model_copy(update={"withdrawn": _withdrawn(loaded)})
        items = loaded.release.items
        parts = _Parts(session, {part: [one for one in items if one.part == part] for part in PARTS})
        if without_text:
            written = (one for part in PARTS for one in parts.tidy(part, []))
            manifest = _quoting_nothing(manifest, {one.article.id: places(one).digest for one in written})
        for one in formats:
            folder = exports / name / one.name
            done = _folder(one, manifest, parts, folder, progress, force=force, without_text=without_text, rules=rules)
            exported.append(done)
    return ExportReport(release=name, digest=manifest.digest, exported=tuple(exported))


class _Parts(NamedTuple):
    """The parts of a release, whose articles are read from the store whenever they are asked for."""

    session: Transaction
    items: Mapping[Part, Sequence[ReleaseItem]]

    def tidy(self, part: Part, tidied: list[str]) -> Iterator[AnnotatedArticle]:
        """The articles of a part without white space as an annotation, of which `tidied` is told."""
        for one in releases.read_items(self.session, self.items[part]):
            yield _tidy(one, part, tidied)


def _quoting_nothing(manifest: ReleaseManifest, stand_off: dict[str, str]) -> ReleaseManifest:
    """The manifest without titles, and without reasons, which may quote what somebody marked.

    Without titles its digest cannot be computed from the list of articles; `stand_off` has what can be, by article.
    """
    items = tuple(one.model_copy(update={"title": ""}) for one in manifest.items)
    left_out = tuple(one.model_copy(update={"title": "", "reason": ""}) for one in manifest.left_out)
    set_aside = tuple(one.model_copy(update={"unusable": ()}) for one in manifest.set_aside)
    return manifest.model_copy(
        update={"left_out": left_out, "set_aside": set_aside, "items": items, "stand_off": stand_off}
    )


def _withdrawn(loaded: releases.Loaded) -> tuple[WithdrawnArticle, ...]:
    """The articles of the release that are withdrawn now, and those of releases before it that the manifest names."""
    now = {one.article_id: one for one in loaded.withdrawn}
    inside = {item.article_id for item in loaded.release.items}
    before = [one for one in loaded.manifest.withdrawn if one.article_id not in inside]
    return tuple(sorted((*now.values(), *before), key=lambda one: one.article_id))


def _folder(
    form: Format,
    manifest: ReleaseManifest,
    parts: _Parts,
    folder: Path,
    progress: Progress,
    *,
    force: bool,
    without_text: bool,
    rules: RuleSetup,
) -> Exported:
    tidied: list[str] = []
    with files.gone_if_empty(folder.parent), files.work_folder(folder.parent) as work:
        reports = _write(form, parts, tidied, work, manifest.label_scheme, progress)
        beside = (
            form.accompany(parts.tidy("train", []), work, manifest.label_scheme, rules)
            if isinstance(form, Accompanied)
            else ()
        )
        if without_text and tidied:
            tidied = [counted(len(tidied), "spans had white space at their edges, or were nothing else")]
        problems = (*tidied, *(f"{part}: {problem}" for part, report in reports.items() for problem in report.problems))
        if problems:
            (work / PROBLEMS).write_text("\n".join(problems) + "\n", encoding="utf-8", newline="\n")
        (work / MANIFEST).write_text(manifest.to_json(indent=2) + "\n", encoding="utf-8", newline="\n")
        (work / CARD).write_text(card(manifest, form, reports), encoding="utf-8", newline="\n")
        files.write_checksums(work)
        existed = folder.exists()
        ours, theirs = files.checksums(work), files.checksums(folder)
        foreign = _foreign(folder, ours, theirs)
        differing = [
            name for name in sorted(ours.keys() | theirs.keys() - foreign) if ours.get(name) != theirs.get(name)
        ]
        if existed and not _same_list(work, folder):
            differing.append(files.SUMS)
        if existed and differing and not force:
            raise FormatError(
                f"{folder} is there and differs from what would be written: {', '.join(differing)}",
                hint="move it away, or write over it with --force",
            )
        if differing and foreign:
            files.put_over(work, folder, theirs.keys() - ours.keys() - foreign)
        elif differing or not existed:
            files.put(work, folder)
        return Exported(
            format=form.name,
            folder=folder,
            files=(*(file for report in reports.values() for file in report.files), *beside),
            articles=sum(report.articles for report in reports.values()),
            spans=sum(report.spans for report in reports.values()),
            existed=existed and not differing,
            problems=problems,
        )


@contextmanager
def _saying_what_is_whole(parent: Path, exported: Sequence[Exported]) -> Generator[None]:
    """What the disk refuses is an error of the format's; that and an interruption say which folders are there."""

    def whole() -> str:
        names = ", ".join(one.format for one in exported)
        return (
            f"{names} {'is' if len(exported) == 1 else 'are'} there whole, and no more"
            if names
            else "nothing was written"
        )

    try:
        yield
    except KeyboardInterrupt as stopped:
        raise KeyboardInterrupt(f"interrupted; {whole()}") from stopped
    except OSError as error:
        raise FormatError(
            f"the export could not be written below {parent}: {error.strerror or error}; {whole()}",
            hint="make room, or correct the permissions, then export again",
        ) from error


def _tidy(annotated: AnnotatedArticle, part: Part, tidied: list[str]) -> AnnotatedArticle:
    """The article without white space as an annotation, of which `tidied` is told."""
    annotations, trimmed = trim(annotated.annotations)
    annotations, left_out = without_blank(annotations)
    tidied += [f"{part}: {annotated.article.id}: {one}" for one in (*map(str, trimmed), *left_out)]
    return annotated.model_copy(update={"annotations": annotations})


def _write(
    form: Format, parts: _Parts, tidied: list[str], work: Path, scheme: LabelScheme, progress: Progress
) -> dict[Part, FormatReport]:
    reports: dict[Part, FormatReport] = {}
    for part in PARTS:
        found = parts.tidy(part, tidied)
        tracked = progress.track(found, f"writing {form.name} {part}", total=len(parts.items[part]))
        reports[part] = form.write(tracked, work, part, scheme)
    return reports


def _foreign(folder: Path, ours: Mapping[str, str], theirs: Mapping[str, str]) -> set[str]:
    """Of the files that are there (`theirs`) those that others put beside an export, such as pipelines that were trained.

    Without the folder's list of checksums these are all that would not be written now (`ours`).
    """
    try:
        listed = files.listed(folder)
    except (OSError, UnicodeDecodeError):
        listed = ours
    return {name for name in theirs if name not in listed}


def _same_list(new: Path, old: Path) -> bool:
    """Whether the list of checksums is there as it would be written now."""
    there = old / files.SUMS
    return there.is_file() and there.read_bytes() == (new / files.SUMS).read_bytes()
