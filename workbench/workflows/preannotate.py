"""What annotators see, by the decision in force, and its suggestions for every article that waits for one."""

from pathlib import Path

from workbench.core.ports import PreAnnotator
from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError
from workbench.pipeline import registry
from workbench.pipeline.assemble import facts_of
from workbench.pipeline.external import annotator_of
from workbench.preannotate import plugins
from workbench.preannotate.own_files import read_own
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.run import PreannotateReport, preannotate
from workbench.store import models
from workbench.workflows.context import Context


def preannotate_articles(
    context: Context,
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
        context: the workspace.
        annotator: suggests, by its name; None for what annotators see.
        pipeline: the rules suggest, on this spaCy pipeline (a name or a path); None for what annotators see.
        processes: how many processes parse for the rules; 0 for one a core where there is much to do.
        limit: the number of articles at the most.
        again: also suggest where this annotator has suggested already.

    Raises:
        ModelError: the pipeline or model cannot be loaded.
        SettingsError: a data file of the workspace cannot be used.
    """
    context.progress.say("loading what suggests")
    if annotator is not None:
        chosen = named(context, annotator, pipeline=pipeline, processes=processes)
    elif pipeline is None:
        chosen = champion(context, processes=processes)
    else:
        chosen = rules(context, pipeline=pipeline, processes=processes)
    return preannotate(context.store, chosen, context.scheme, context.progress, limit=limit, again=again)


def named(context: Context, name: str, *, pipeline: str | None = None, processes: int = 1) -> PreAnnotator:
    """The pre-annotator of that name: a plug-in, or "model" for the newest model of the registry.

    Raises:
        ModelError: there is none of that name, or it cannot be loaded.
        SettingsError: workbench.toml lacks what it needs.
    """
    if name == plugins.MODEL:
        with context.store.reading() as session:
            versions = [model.version for model in models.every(session)]
        if not versions:
            raise ModelError("there is no model yet", hint="workbench train makes one from a release")
        return load(context, versions[-1])
    own = context.settings.preannotate.model_dump()
    options = {key: str(value) for key, value in own.items()} | ({"pipeline": pipeline} if pipeline else {})
    return plugins.make(name, plugins.Setup(context.scheme, context.settings.root, options, processes))


def champion(context: Context, *, processes: int = 1) -> PreAnnotator:
    """What annotators see: the rules, or the model or plug-in that was promoted; `processes` parse for the rules.

    Raises:
        ModelError: the model is not in the registry any more, or was trained under another scheme; the plug-in is not
            there any more.
    """
    with context.store.reading() as session:
        promoted = models.champion(session)
    if promoted.plugin is not None:
        return named(context, promoted.plugin, processes=processes)
    if promoted.model is None:
        return rules(context, processes=processes)
    try:
        return load(context, promoted.model)
    except ModelError as error:
        raise ModelError(
            f"annotators see {promoted.model}, and {error.message}",
            hint=f"{error.hint or ''}; or bring the rules back with `workbench models promote rules --force`".lstrip(
                "; "
            ),
        ) from error


def load(context: Context, version: str) -> PreAnnotator:
    """A model from the registry, its files checked.

    Raises:
        ModelError: there is none, its files are not what was written, or it was trained under another scheme.
    """
    with context.store.reading() as session:
        model = models.get(session, version)
    nlp = registry.take(context.settings.models / version, model.digest)
    fresh = _fresh(context, str(facts_of(nlp).get("shown_by", "")))
    return annotator_of(nlp, version, context.scheme, created=model.created, suggester=fresh)


def _fresh(context: Context, shown_by: str) -> PreAnnotator | None:
    """Who suggests what a model starts from that learned from what annotators were shown; None where nobody can.

    It is who made what was shown: the rules, a plug-in by its name, or a model of the registry.
    """
    name, _, version = shown_by.partition(" ")
    if name == "model":
        with context.store.reading() as session:
            known = [model.version for model in models.every(session)]
        return load(context, version) if version in known else None
    return named(context, name) if name in plugins.names() else None


def rules(
    context: Context, *, pipeline: str | None = None, processes: int = 1, scheme: LabelScheme | None = None
) -> PreAnnotator:
    """The rules with the workspace's pipeline and data files, under its scheme or another.

    Raises:
        ModelError: the pipeline cannot be loaded.
        SettingsError: a data file of the workspace cannot be used.
    """
    own = rule_files(context)
    return Rules(
        scheme or context.scheme,
        pipeline=pipeline or context.settings.preannotate.pipeline,
        concepts=own["concepts"],
        lexicon=own["lexicon"],
        patterns=own["patterns"],
        processes=processes,
    )


def rule_files(context: Context) -> dict[str, Path | None]:
    """The workspace's own data files of the rules: concepts, lexicon, and the folder of patterns."""
    given = context.settings.preannotate
    names = {"concepts": given.concepts, "lexicon": given.lexicon, "patterns": given.patterns}
    return {what: context.settings.root / name if name else None for what, name in names.items()}


def rule_texts(context: Context) -> dict[str, str]:
    """The texts of these files, as a pipeline holds them.

    Raises:
        SettingsError: one of them cannot be read.
    """
    return read_own(rule_files(context))
