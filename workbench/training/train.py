"""From a release to a model that stands in the registry and in the store."""

from collections.abc import Collection, Mapping
from pathlib import Path

from workbench import files
from workbench.core.annotations import AnnotationSet
from workbench.core.ports import Progress
from workbench.core.scheme import LabelScheme
from workbench.pipeline import base, registry
from workbench.pipeline.assemble import Former
from workbench.store import Store, models
from workbench.store.database import now
from workbench.store.models import Model
from workbench.training import corpus
from workbench.training.configured import train_configured
from workbench.training.learn import train_pipeline
from workbench.training.report import FOLDS, TRAINING, TrainOptions, TrainReport


def train(
    store: Store,
    release: str,
    scheme: LabelScheme,
    models_folder: Path,
    progress: Progress,
    options: TrainOptions | None = None,
    *,
    rule_files: Mapping[str, str] | None = None,
    before: Former | None = None,
    suggested: Mapping[str, AnnotationSet] | None = None,
) -> TrainReport:
    """The report of a model that was trained on a release and stands in the registry and in the store.

    Raises:
        ReleaseError: there is no such release, or it does not fit the scheme.
        ModelError: the base pipeline cannot be loaded; there is nothing to learn from; too many spans do not end where
            tokens do; the model cannot be written.
    """
    options = options or TrainOptions()
    with store.reading() as session:
        gold = corpus.read(session, release, scheme)
        version = free_version(release, models.versions(session), models_folder)
    room = files.size(base.folder(options.base)) + registry.LEARNED
    registry.check_writable(models_folder, room)
    if options.config:
        nlp, report, held = train_configured(gold, scheme, version, progress, options, models_folder)
    else:
        nlp, report, held = train_pipeline(
            gold, scheme, version, progress, options, rule_files=rule_files, before=before, suggested=suggested
        )
    progress.say(f"writing {version} to the registry")
    with registry.writing(nlp, models_folder, version) as written, store.transaction() as session:
        models.add(
            session,
            Model(
                version=version,
                release=release,
                base=report.base,
                digest=written.digest,
                created=now(),
                report={
                    TRAINING: report.model_dump(mode="json"),
                    **({FOLDS: held.evaluation.model_dump(mode="json")} if held is not None else {}),
                },
            ),
        )
        written.place()
    return report


def free_version(name: str, known: Collection[str], folder: Path) -> str:
    """The first version of this name that no model has or had: `name`-1, `name`-2 and so on."""
    number = 1
    while f"{name}-{number}" in known or (folder / f"{name}-{number}").exists():
        number += 1
    return f"{name}-{number}"
