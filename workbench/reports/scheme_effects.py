"""What a changed label scheme does to what was annotated: which annotations and predictions would not fit any more."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from workbench.core.annotations import AnnotationSet
from workbench.core.config_edit import CHOICE
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.report import Listing, Report, Shown
from workbench.core.scheme import LabelScheme
from workbench.core.scheme_change import Change, carried, diff
from workbench.printable import titled
from workbench.store import (
    Transaction,
    annotations,
    articles,
    prediction_ledger,
    projects,
    revisions,
    schemes,
)


class Touched(Frozen):
    """An article in which a change takes something away: from how many annotations and predictions, how often."""

    article_id: str
    title: str
    annotations: int
    predictions: int
    uses: int


class Effect(Frozen):
    """One change of the scheme, in words, with the articles that it touches.

    `orphans` says that what it touches does not fit any more, or would be read as something else.
    """

    text: str
    change: Change
    orphans: bool
    annotations: int
    predictions: int
    articles: tuple[Touched, ...]


class Orphan(Frozen):
    """An annotation that does not fit the new scheme. It stays in the store as the set `set_id`."""

    article_id: str
    title: str
    annotator: str
    origin: str
    external_id: str
    set_id: str
    scheme_digest: str
    because: tuple[str, ...]


class SchemeChangeReport(Report):
    """What label_config.xml does to the project's scheme, and to what was annotated.

    `checked` are the current submitted annotations that fit the project's scheme; `unfit` ones were made under yet
    another and don't fit it now, so that this change takes nothing from them. `redrawn` says that the file differs in
    looks or hints. `edited` says what somebody changed since in the project's label config on its settings page: its
    changes in words, or that looks differ; nothing where nobody did. `asked` is false where the server did not answer, so
    that nobody knows.
    """

    schema_: Literal["workbench/scheme-change/1"] = Field(default="workbench/scheme-change/1", alias="schema")
    title: str
    project_id: int
    before: str
    after: str
    redrawn: bool
    effects: tuple[Effect, ...]
    checked: int
    unfit: int
    orphaned: tuple[Orphan, ...]
    orphaned_predictions: int
    edited: tuple[str, ...] = ()
    asked: bool = True

    @property
    def same(self) -> bool:
        """Whether both schemes mean the same."""
        return self.before == self.after and not self.effects

    def shown(self) -> Iterator[Shown]:
        """What the change does, the worst first, with what to do about an edit on the server; and the articles."""
        yield from self.told(hint=True)

    def told(self, *, hint: bool) -> Iterator[Shown]:
        """The same; `hint` says whether to tell what to do about an edit on the server."""
        yield from self._lines(hint=hint)
        for effect in self.effects:
            yield Listing(
                f"articles are touched by: {effect.text}",
                [
                    (
                        titled(one.article_id, one.title),
                        f"{one.uses} times, in {counted(one.annotations, 'annotations')} and {counted(one.predictions, 'predictions')}",
                    )
                    for one in effect.articles
                ],
            )

    def _lines(self, *, hint: bool) -> Iterator[str]:
        if not self.asked:
            yield "Label Studio does not answer, so this is about the label config that the project was given last"
        if self.edited:
            yield f"the label config was edited in Label Studio: {counted(len(self.edited), 'changes')}"
            yield from (f"~ {one}" for one in self.edited)
            if hint:
                yield CHOICE
        if self.same:
            given = "the config that the project was given" if self.edited else "the project's config"
            yield f"label_config.xml means what {given} means" + ("; looks or hints differ" if self.redrawn else "")
            return
        yield f"scheme {self.before} → {self.after}, {counted(self.checked, 'annotations')} that fit the old one"
        if self.unfit:
            yield f"{self.unfit} more were made under another scheme and did not fit before"
        for effect in self.effects:
            sign = "!" if effect.orphans and effect.articles else " "
            counts = (
                f": {counted(effect.annotations, 'annotations')}, {counted(effect.predictions, 'predictions')}"
                if effect.articles
                else ""
            )
            yield f"{sign} {effect.text}{counts}"
        yield (
            f"{counted(len(self.orphaned), 'annotations')} and {counted(self.orphaned_predictions, 'predictions')} would not fit any more"
            if self.orphaned or self.orphaned_predictions
            else "everything that is there still fits"
        )

    def orphans(self) -> Listing:
        """The annotations that do not fit any more."""
        return Listing(
            "annotations stay in the store under the scheme they were made under",
            [
                (
                    f"{titled(one.article_id, one.title)}, {one.annotator} ({one.origin} {one.external_id})",
                    "; ".join(one.because),
                )
                for one in self.orphaned
            ],
        )


def effects(
    session: Transaction, project: projects.Project, scheme: LabelScheme, label_config: str
) -> SchemeChangeReport:
    """What another scheme would do to what was annotated, and to what the project's tasks show as predictions.

    Args:
        session: reads the annotations.
        project: the one whose scheme is changed.
        scheme: the new one.
        label_config: the new one as its file has it.
    """
    now = scheme_of(project)
    counts = [_Count(change) for change in diff(now, scheme).changes]
    readers: dict[str, LabelScheme | None] = {now.digest: now}
    orphaned: list[tuple[revisions.Revision, annotations.StoredSet, list[Change]]] = []
    checked = unfit = orphaned_predictions = 0
    for revision, stored in revisions.submitted_sets(session) if counts else ():
        found = _under(session, stored.annotations, now, readers)
        if found is None:
            unfit += 1
            continue
        checked += 1
        against = list(_take(counts, found, stored.article_id, prediction=False))
        if against:
            orphaned.append((revision, stored, against))
    for stored in _shown(session, project) if counts else ():
        found = _under(session, stored.annotations, now, readers)
        if found is not None and list(_take(counts, found, stored.article_id, prediction=True)):
            orphaned_predictions += 1
    touched = {article_id for count in counts for article_id in count.uses}
    titles = {article.id: article.title for article in articles.get_many(session, sorted(touched))}
    return SchemeChangeReport(
        title=project.title,
        project_id=project.project_id,
        before=now.digest,
        after=scheme.digest,
        redrawn=project.config != label_config,
        effects=tuple(count.effect(titles) for count in counts),
        checked=checked,
        unfit=unfit,
        orphaned=tuple(
            Orphan(
                article_id=stored.article_id,
                title=titles.get(stored.article_id, ""),
                annotator=revision.annotator,
                origin=revision.origin,
                external_id=revision.external_id,
                set_id=stored.id,
                scheme_digest=stored.annotations.scheme_digest,
                because=tuple(str(change) for change in against),
            )
            for revision, stored, against in orphaned
        ),
        orphaned_predictions=orphaned_predictions,
    )


def scheme_of(project: projects.Project) -> LabelScheme:
    """The scheme that a project was given last."""
    return LabelScheme.from_xml(project.config, name=f"the config of project {project.title}")


@dataclass
class _Count:
    """What one change touches."""

    change: Change
    annotations: Counter[str] = field(default_factory=Counter[str])
    predictions: Counter[str] = field(default_factory=Counter[str])
    uses: Counter[str] = field(default_factory=Counter[str])

    def effect(self, titles: Mapping[str, str]) -> Effect:
        return Effect(
            text=str(self.change),
            change=self.change,
            orphans=self.change.orphans,
            annotations=self.annotations.total(),
            predictions=self.predictions.total(),
            articles=tuple(
                Touched(
                    article_id=one,
                    title=titles.get(one, ""),
                    annotations=self.annotations[one],
                    predictions=self.predictions[one],
                    uses=self.uses[one],
                )
                for one in sorted(self.uses)
            ),
        )


def _shown(session: Transaction, project: projects.Project) -> Iterator[annotations.StoredSet]:
    """The sets that the project's tasks show as predictions."""
    keys = list(prediction_ledger.present_sets(session, project.id))
    for first in range(0, len(keys), annotations.BATCH):
        batch = keys[first : first + annotations.BATCH]
        found = annotations.get_sets(session, batch)
        yield from (found[key] for key in batch)


def _take(counts: list[_Count], found: AnnotationSet, article_id: str, *, prediction: bool) -> Iterator[Change]:
    """Counts what each change touches in the set, and gives those that orphan it."""
    for count in counts:
        uses = count.change.uses(found)
        if uses:
            count.uses[article_id] += uses
            (count.predictions if prediction else count.annotations)[article_id] += 1
            if count.change.orphans:
                yield count.change


def _under(
    session: Transaction, found: AnnotationSet, scheme: LabelScheme, readers: dict[str, LabelScheme | None]
) -> AnnotationSet | None:
    """The set under the project's scheme; None where it was made under another one and does not fit it."""
    if found.scheme_digest == scheme.digest:
        return found
    if found.scheme_digest not in readers:
        readers[found.scheme_digest] = schemes.find(session, found.scheme_digest)
    before = readers[found.scheme_digest]
    return carried(found, before, scheme) if before else None
