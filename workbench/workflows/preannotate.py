"""What annotators see, by the decision in force, and its suggestions for every article that waits for one."""

from pathlib import Path

from workbench.core.ports import PreAnnotator, Progress
from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError
from workbench.pipeline import registry
from workbench.pipeline.predict import TrainedModel
from workbench.preannotate import plugins
from workbench.preannotate.fallback import WithFallback
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.run import PreannotateReport, preannotate
from workbench.settings import Settings
from workbench.store import Store, models
from workbench.store.models import Promotion


def preannotate_articles(
    settings: Settings,
    store: Store,
    scheme: LabelScheme,
    progress: Progress,
    *,
    annotator: str | None = None,
    pipeline: str | None = None,
    processes: int = 1,
    limit: int | None = None,
    again: bool = False,
) -> PreannotateReport:
    """What was suggested for the articles of the workspace that had no suggestion by the same annotator yet.

    What suggests is what was decided that annotators see (the rules, at first), a plug-in by its name ("model" for the
    newest model, alone), or the rules on a named pipeline.

    Args:
        settings: the workspace's.
        store: the workspace's.
        scheme: the workspace's.
        progress: shows how far it is.
        annotator: suggests, by its name; None for what annotators see.
        pipeline: the rules suggest, on this spaCy pipeline (a name or a path); None for what annotators see.
        processes: how many processes parse for the rules; 0 for one a core where there is much to do.
        limit: the number of articles at the most.
        again: also suggest where this annotator has suggested already.

    Raises:
        ModelError: the pipeline or model cannot be loaded.
        SettingsError: a data file of the workspace cannot be used.
    """
    progress.say("loading what suggests")
    if annotator is not None:
        chosen = named(settings, store, scheme, annotator, pipeline=pipeline, processes=processes)
    elif pipeline is None:
        chosen = champion(settings, store, scheme, processes=processes)
    else:
        chosen = rules(settings, scheme, pipeline=pipeline, processes=processes)
    return preannotate(store, chosen, scheme, progress, limit=limit, again=again)


def named(
    settings: Settings, store: Store, scheme: LabelScheme, name: str, *, pipeline: str | None = None, processes: int = 1
) -> PreAnnotator:
    """The pre-annotator of that name: a plug-in, or "model" for the newest model of the registry.

    Raises:
        ModelError: there is none of that name, or it cannot be loaded.
        SettingsError: workbench.toml lacks what it needs.
    """
    if name == plugins.MODEL:
        with store.reading() as session:
            versions = [model.version for model in models.every(session)]
        if not versions:
            raise ModelError("there is no model yet", hint="workbench train makes one from a release")
        return load(settings, store, scheme, versions[-1])
    own = settings.preannotate.model_dump()
    options = {key: str(value) for key, value in own.items()} | ({"pipeline": pipeline} if pipeline else {})
    return plugins.make(name, plugins.Setup(scheme, settings.root, options, processes))


def champion(settings: Settings, store: Store, scheme: LabelScheme, *, processes: int = 1) -> PreAnnotator:
    """What annotators see: the rules, a model, or a model with the rules as fallback; `processes` parse for the rules.

    Raises:
        ModelError: the model is not in the registry any more, or was trained under another scheme.
    """
    with store.reading() as session:
        promoted = models.champion(session)
    if promoted.model is not None and not promoted.rules_as_fallback:
        return load(settings, store, scheme, promoted.model)
    of_rules = rules(settings, scheme, processes=processes)
    return of_rules if promoted.model is None else seen(settings, store, scheme, promoted, of_rules)


def load(settings: Settings, store: Store, scheme: LabelScheme, version: str) -> TrainedModel:
    """A model from the registry, its files checked.

    Raises:
        ModelError: there is none, its files are not what was written, or it was trained under another scheme.
    """
    with store.reading() as session:
        model = models.get(session, version)
    return TrainedModel(registry.take(settings.models / version, model.digest), version, scheme, created=model.created)


def seen(
    settings: Settings, store: Store, scheme: LabelScheme, promoted: Promotion, of_rules: PreAnnotator
) -> PreAnnotator:
    """The annotator that a decision for a model put before annotators."""
    assert promoted.model is not None
    model = load(settings, store, scheme, promoted.model)
    return WithFallback(model, of_rules, scheme, layers=promoted.layers) if promoted.rules_as_fallback else model


def rules(settings: Settings, scheme: LabelScheme, *, pipeline: str | None = None, processes: int = 1) -> PreAnnotator:
    """The rules with the workspace's pipeline and data files.

    Raises:
        ModelError: the pipeline cannot be loaded.
        SettingsError: a data file of the workspace cannot be used.
    """
    return Rules(
        scheme,
        pipeline=pipeline or settings.preannotate.pipeline,
        concepts=_own(settings, settings.preannotate.concepts),
        lexicon=_own(settings, settings.preannotate.lexicon),
        patterns=_own(settings, settings.preannotate.patterns),
        processes=processes,
    )


def _own(settings: Settings, name: str) -> Path | None:
    return settings.root / name if name else None
