"""What is done with models that stand in the registry: taken in from elsewhere, removed, rebuilt."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from workbench import files
from workbench.core.report import Report, Shown
from workbench.errors import ModelError, ReleaseError
from workbench.pipeline import base, registry
from workbench.pipeline.assemble import describe, facts_of, note_facts, ours
from workbench.pipeline.external import LABELS, LEFT_OUT, annotator_of, labels_of, mapped
from workbench.pipeline.labels import label_map
from workbench.preannotate.component import rule_files_of
from workbench.store import models, releases
from workbench.store.database import now
from workbench.store.models import Model
from workbench.training import corpus
from workbench.training.configured import train_configured
from workbench.training.corpus import Corpus
from workbench.training.learn import Trained, train_pipeline
from workbench.training.report import ADDED, TRAINING, TrainReport
from workbench.training.train import free_version
from workbench.workflows.comparison import Comparison
from workbench.workflows.context import Context
from workbench.workflows.learning import keep_comparisons, start


class AddedModel(Report):
    """A pipeline that was trained elsewhere and stands in the registry now.

    `labels` says which label of the scheme each of its own is; `left_out` are those that are none; `missing` are the
    scheme's labels that it does not know. `comparisons` measure it on the parts of `release` that it is judged on.
    """

    version: str
    source: str
    pipeline: str
    release: str
    digest: str
    labels: dict[str, str]
    left_out: tuple[str, ...]
    missing: tuple[str, ...]
    comparisons: tuple[Comparison, ...] = ()

    def shown(self) -> Iterator[Shown]:
        """What it is called, whose labels are whose, and how it compares."""
        yield f"{self.version}: {self.pipeline} from {self.source}, judged on {self.release}"
        if renamed := [f"{theirs} is {mine}" for theirs, mine in self.labels.items() if theirs != mine]:
            yield f"  {', '.join(renamed)}"
        if self.left_out:
            yield f"  left out, as the scheme lacks them: {', '.join(self.left_out)}"
        if self.missing:
            yield f"  never suggested, as it does not know them: {', '.join(self.missing)}"
        for comparison in self.comparisons:
            yield comparison.table()
        yield f"let annotators see it, if it is better: workbench models promote {self.version}"


class RemovedModel(Report):
    """A model that is in the registry no more. `bytes` is what its folder took; 0 where it was gone already."""

    version: str
    bytes: int

    def shown(self) -> Iterator[Shown]:
        """What was removed."""
        freed = f"{self.bytes / 1e6:.1f} MB" if self.bytes else "its folder was gone already"
        yield f"{self.version} is removed ({freed}); what was measured and decided about it is kept"


class Reproduction(Report):
    """A model beside what its release, options, seed and versions give now.

    `same`: its weights are those that it has. `other_versions` says what is of another version than then,
    `unknown_versions` of what it was not noted then. `max_minutes`: the time that its training was given.
    """

    version: str
    same: bool
    weights: str
    rebuilt: str
    differing: tuple[str, ...]
    other_versions: dict[str, tuple[str, str]]
    unknown_versions: tuple[str, ...] = ()
    max_minutes: float | None = None
    seconds: float

    def shown(self) -> Iterator[Shown]:
        """Whether it came out the same."""
        yield f"{self.version} {'came out the same' if self.same else 'came out otherwise'}, in {self.seconds:.0f} s"
        yield f"  weights {self.weights}"
        if not self.same:
            yield f"  rebuilt {self.rebuilt}"
            yield f"  files that differ: {', '.join(self.differing)}"
        for name, (then, today) in self.other_versions.items():
            yield f"  {name} was {then}, and is {today}"
        if not self.same and self.unknown_versions:
            yield f"  of which version these were then was not noted: {', '.join(self.unknown_versions)}"

    def failure(self) -> ModelError | None:
        """That it came out otherwise."""
        if self.same:
            return None
        if self.other_versions:
            hint = "rebuild it with the versions of then"
        elif self.max_minutes is not None:
            hint = f"it was given {self.max_minutes:g} minutes, and what is learned in them is not the same twice"
        elif self.unknown_versions:
            hint = "what has changed since cannot be told; of a model that is trained now it could be"
        else:
            hint = "processors differ in the last digit of what they compute: was it trained on another machine?"
        return ModelError(f"{self.version} cannot be rebuilt as it is", hint=hint)


def add_model(
    context: Context,
    source: str,
    *,
    name: str | None = None,
    release: str | None = None,
    labels: Iterable[str] = (),
    label_file: Path | None = None,
    force: bool = False,
) -> AddedModel:
    """A pipeline that was trained elsewhere, after it was taken into the registry and measured.

    Args:
        context: the workspace.
        source: an installed package or a folder.
        name: what it is called here; None for its own name and a number.
        release: what it is judged on; None for the newest.
        labels: THEIRS=OURS for each of its labels that is called otherwise in the scheme; THEIRS= leaves one out.
        label_file: the same in a file, one a line.
        force: take it although it was made for another language or another spaCy.

    Raises:
        ModelError: there is no such pipeline, it cannot be loaded, was trained under another scheme, or has no label of
            the scheme; the name is taken.
        ReleaseError: there is no such release, or none at all.
    """
    given = label_map(labels, label_file)
    with context.store.reading() as session:
        known = releases.names(session)
        if not known:
            raise ReleaseError(
                "there is no release yet, so nothing shows how good a pipeline is", hint="`workbench gold release NAME`"
            )
        release = known[-1] if release is None else release
        gold = corpus.read(session, release, context.scheme)
        taken = models.versions(session)
    registry.check_writable(context.settings.models)
    context.progress.say(f"loading {source}")
    nlp = base.read(source)
    base.check_fit(nlp, (item.article.language for item in chain(*gold.items.values())), force=force)
    version = name or free_version(_plain(base.identity(nlp)), taken, context.settings.models)
    if version in taken:
        raise ModelError(f"there is or was a model {version} already", hint="give it another name with --name")
    registry.check_free(context.settings.models, version)
    described = base.identity(nlp)
    theirs: dict[str, str] = {}
    if ours(nlp):
        if given:
            raise ModelError(
                f"{described} was trained by the workbench, whose labels are the scheme's", hint="leave --label out"
            )
        if "scheme" not in facts_of(nlp):
            describe(nlp, context.scheme)
    else:
        theirs = mapped(nlp, context.scheme, given)
        note_facts(nlp, **{LABELS: given})
    if code := base.code_of(source):
        note_facts(nlp, **{base.CODE: code})
        nlp.meta["requirements"] = [*(nlp.meta.get("requirements") or []), code]
    annotator = annotator_of(nlp, version, context.scheme)
    added = AddedModel(
        version=version,
        source=source,
        pipeline=described,
        release=release,
        digest="",
        labels=theirs,
        left_out=() if ours(nlp) else tuple(one for one in labels_of(nlp) if theirs.get(one, LEFT_OUT) == LEFT_OUT),
        missing=()
        if ours(nlp)
        else tuple(label for label in context.scheme.layer_of_label if label not in theirs.values()),
    )
    # What cannot annotate is noticed before it is kept.
    for item in islice(chain(*gold.items.values()), 1):
        context.scheme.check(next(iter(annotator.annotate([item.article]))), item.article.text)
    with (
        registry.writing(nlp, context.settings.models, version) as written,
        context.store.transaction() as session,
    ):
        added = added.model_copy(update={"digest": written.digest})
        about = added.model_dump(mode="json", exclude={"comparisons"})
        row = Model(
            version=version,
            release=release,
            base=described,
            digest=written.digest,
            created=now(),
            report={ADDED: about},
        )
        models.add(session, row)
        written.place()
    return added.model_copy(update={"comparisons": keep_comparisons(context, release, version)})


def remove_model(context: Context, version: str) -> RemovedModel:
    """What was removed: the model's folder. What is known of it, and its version, are kept, as suggestions name it.

    Raises:
        ModelError: there is no such model, or annotators see it now.
    """
    with context.store.reading() as session:
        models.get(session, version)
        shown = models.champion(session).model
    if shown == version:
        raise ModelError(f"annotators see {version} now", hint="promote another model first")
    folder = context.settings.models / version
    size = files.size(folder)
    try:
        with files.work_folder(context.settings.models) as work:
            moved = work / version
            if folder.is_dir():
                folder.rename(moved)
            try:
                with context.store.transaction() as session:
                    models.remove(session, version)
            except BaseException:  # whatever it was, an interruption too, the folder goes back
                if moved.is_dir():
                    moved.rename(folder)
                raise
    except OSError as error:
        raise ModelError(
            f"the model's folder {folder} cannot be removed: {error.strerror or error}",
            hint="correct its permissions, then do it again",
        ) from error
    return RemovedModel(version=version, bytes=size)


def reproduce_model(context: Context, version: str) -> Reproduction:
    """A model beside one that was trained again from its release, options and seed.

    Raises:
        ModelError: there is no such model, it was trained elsewhere or by an earlier version, or it cannot be trained.
        ReleaseError: its release is not what it was.
    """
    with context.store.reading() as session:
        found = models.get(session, version)
        if TRAINING not in found.report:
            raise ModelError(
                f"{version} was not trained here, so there is nothing to rebuild it from",
                hint="`workbench models card` says where it came from",
            )
        report = TrainReport.model_validate(found.report[TRAINING])
        gold = corpus.read(session, found.release, context.scheme)
    if report.release_digest and report.release_digest != gold.digest:
        raise ReleaseError(
            f"release {found.release} is not what {version} was trained on: {gold.digest[:12]} instead of "
            f"{report.release_digest[:12]}",
            hint=f"`workbench gold verify {found.release}`",
        )
    if report.scheme_digest != context.scheme.digest:
        raise ModelError(
            f"{version} was trained under another label scheme", hint="put back the label_config.xml of then"
        )
    folder = context.settings.models / version
    nlp, again, _ = _rebuilt(context, gold, report, rule_files_of(registry.take(folder, found.digest)))
    try:
        with files.work_folder(context.settings.models) as work:
            nlp.to_disk(work)
            mine, its = files.checksums(work), files.checksums(folder)
            rebuilt = registry.weights(work)
    except OSError as error:
        raise ModelError(f"the rebuilt model cannot be written: {error}", hint="make room") from error
    weights = registry.weights(folder)
    today = again.versions
    return Reproduction(
        version=version,
        same=weights == rebuilt,
        weights=weights,
        rebuilt=rebuilt,
        differing=tuple(
            sorted(
                file
                for file in mine.keys() | its.keys()
                if file not in registry.ABOUT and mine.get(file) != its.get(file)
            )
        ),
        other_versions={
            what: (then, today.get(what, "none")) for what, then in report.versions.items() if then != today.get(what)
        },
        unknown_versions=tuple(what for what in today if what not in report.versions),
        max_minutes=report.options.max_minutes,
        seconds=again.seconds,
    )


def _rebuilt(context: Context, gold: Corpus, report: TrainReport, files: dict[str, str]) -> Trained:
    """What a model's release and options give now, with the data files of the rules that it has."""
    if report.options.config:
        return train_configured(
            gold, context.scheme, report.version, context.progress, report.options, context.settings.models
        )
    before, suggested = start(context, report.release, report.options)
    return train_pipeline(
        gold,
        context.scheme,
        report.version,
        context.progress,
        report.options,
        rule_files=files,
        before=before,
        suggested=suggested,
    )


def _plain(name: str) -> str:
    """The name as a model's version can be: `en_core_web_sm 3.8.0` becomes `en_core_web_sm-3.8.0`."""
    return "".join(one if one.isalnum() or one in "._" else "-" for one in name).strip("-._")[:80] or "model"
