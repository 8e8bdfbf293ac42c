"""Joins settings, pipelines and the store: suggestions for every article that waits for one."""

from pathlib import Path

from workbench.core.ports import PreAnnotator, Progress
from workbench.core.scheme import LabelScheme
from workbench.preannotate.rules import Rules
from workbench.preannotate.run import PreannotateReport, preannotate
from workbench.settings import Settings
from workbench.store import Store


def preannotate_articles(
    settings: Settings,
    store: Store,
    scheme: LabelScheme,
    progress: Progress,
    *,
    pipeline: str | None = None,
    processes: int = 1,
    limit: int | None = None,
    again: bool = False,
) -> PreannotateReport:
    """What the rules suggested for the articles of the workspace that had no suggestion by them yet.

    Args:
        settings: the workspace's.
        store: the workspace's.
        scheme: the workspace's.
        progress: shows how far it is.
        pipeline: the spaCy pipeline below the rules, by name or path; None for what the settings say.
        processes: how many processes parse.
        limit: the number of articles at the most.
        again: also suggest where these rules have suggested already.

    Raises:
        ModelError: the pipeline cannot be loaded.
        SettingsError: a data file of the workspace cannot be used.
    """
    progress.say("loading the rules and the pipeline below them")
    annotator = rules(settings, scheme, pipeline=pipeline, processes=processes)
    return preannotate(store, annotator, scheme, progress, limit=limit, again=again)


def rules(settings: Settings, scheme: LabelScheme, *, pipeline: str | None = None, processes: int = 1) -> PreAnnotator:
    """The rules with the workspace's pipeline and data files.

    Raises:
        ModelError: the pipeline cannot be loaded.
        SettingsError: a data file of the workspace cannot be used.
    """
    own = settings.preannotate
    return Rules(
        scheme,
        pipeline=pipeline or own.pipeline,
        concepts=_own(settings, own.concepts),
        lexicon=_own(settings, own.lexicon),
        processes=processes,
    )


def _own(settings: Settings, name: str) -> Path | None:
    return settings.root / name if name else None
