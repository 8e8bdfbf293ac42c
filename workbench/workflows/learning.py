"""Trains, compares and promotes models."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.counted import counted
from workbench.core.parts import HELD_OUT, PARTS, Part
from workbench.core.ports import PreAnnotator
from workbench.errors import ModelError, ReleaseError
from workbench.pipeline import registry
from workbench.pipeline.assemble import Former
from workbench.preannotate import plugins
from workbench.preannotate.component import rule_files_of
from workbench.store import models, releases
from workbench.store.models import Model, Promotion
from workbench.training import corpus
from workbench.training.corpus import Corpus
from workbench.training.costs import Costs
from workbench.training.evaluate import Evaluation, evaluate, summary
from workbench.training.learn import train_pipeline
from workbench.training.promote import Sides, Verdict, decide
from workbench.training.report import ADDED, FOLDS, FORMER, SHOWN, TRAINING, TrainOptions
from workbench.training.train import train
from workbench.workflows.candidates import Predictions, candidate
from workbench.workflows.comparison import Comparison, Contestant, PromotionReport, TrainOutcome
from workbench.workflows.context import Context
from workbench.workflows.preannotate import rule_texts, rules

RULES = "rules"
CHOSEN_ELSEWHERE = (
    "it was not made by `workbench train`: whether it was chosen on the articles that decide, or learned from them, "
    "cannot be seen here; if it was (plain `spacy train` chooses by the dev part), it looks better than it is"
)


def train_on(context: Context, release: str, options: TrainOptions | None = None) -> TrainOutcome:
    """A model that was trained on a release, evaluated beside what annotators see now, and kept.

    Raises:
        ReleaseError: there is no such release, or it does not fit the scheme.
        ModelError: it cannot be trained.
    """
    options = _with_base(context, options or TrainOptions())
    try:
        before, suggested = start(context, release, options)
        training = train(
            context.store,
            release,
            context.scheme,
            context.settings.models,
            context.progress,
            options,
            rule_files=rule_texts(context),
            before=before,
            suggested=suggested,
        )
    except KeyboardInterrupt as stopped:
        raise KeyboardInterrupt("interrupted before the model was there: the registry is as it was before") from stopped
    comparisons = keep_comparisons(context, release, training.version)
    with context.store.reading() as session:
        known = models.get(session, training.version).report
    held = Evaluation.model_validate(known[FOLDS]) if FOLDS in known else None
    return TrainOutcome(training=training, comparisons=comparisons, held_back=held)


def _with_base(context: Context, options: TrainOptions) -> TrainOptions:
    """The options with the workspace's base pipeline where none was named."""
    if "base" in options.model_fields_set:
        return options
    return options.model_copy(update={"base": context.settings.preannotate.pipeline})


def keep_comparisons(context: Context, release: str, version: str) -> tuple[Comparison, ...]:
    """A model of the registry beside what annotators see now, on the held-out parts of a release; kept with the model.

    Raises:
        ReleaseError: there is no such release, or it does not fit the scheme.
    """
    try:
        judges = _Judges(context, release)
        runners = judges.beside(version)
        comparisons = tuple(judges.compare(part, runners) for part in HELD_OUT if judges.gold(part))
    except KeyboardInterrupt as stopped:
        raise KeyboardInterrupt(
            f"interrupted while {version} was measured: it is kept; `workbench evaluate {version}` measures"
        ) from stopped
    with context.store.transaction() as session:
        known = models.get(session, version).report
        models.set_report(session, version, {**known, **{one.part: one.model_dump(mode="json") for one in comparisons}})
    return comparisons


def start(
    context: Context, release: str, options: TrainOptions
) -> tuple[Former | None, Mapping[str, AnnotationSet] | None]:
    """What a model starts from, where that is a former model or what annotators were shown.

    For articles that a former model has learned from it is what models of its options said of them when their stories
    were held back; those are trained anew for it.

    Raises:
        ModelError: there is no such former model, or annotators were shown nothing.
    """
    if options.suggester == SHOWN:
        with context.store.reading() as session:
            found = corpus.shown(session, release)
        if not found:
            raise ModelError(
                f"annotators were shown nothing of the articles of {release}, so no model can start from that",
                hint="train from the rules (--suggester rules), or from the words alone (--suggester none)",
            )
        return None, found
    if not options.suggester.startswith(FORMER):
        return None, None
    version = options.suggester.removeprefix(FORMER)
    with context.store.reading() as session:
        model = models.get(session, version)
        own = _options_of(model)
        gold = corpus.read(session, model.release, context.scheme)
    former = Former(registry.take(context.settings.models / version, model.digest), version)
    context.progress.say(f"what {version} suggests for articles that it has learned from is made without their stories")
    earlier, shown = start(context, model.release, own)
    held = train_pipeline(
        gold,
        context.scheme,
        version,
        context.progress,
        own,
        rule_files=rule_files_of(former.nlp),
        before=earlier,
        suggested=shown,
    ).held_back
    return former, held.suggested if held else {}


def _options_of(former: Model) -> TrainOptions:
    """How a former model was trained, so that models of its options can be.

    Raises:
        ModelError: it was trained elsewhere, or with a config.
    """
    own = TrainOptions.model_validate(former.report[TRAINING]["options"]) if TRAINING in former.report else None
    if own is None or own.config:
        how = "elsewhere" if own is None else "with a config"
        raise ModelError(
            f"{former.version} was trained {how}, so what it would suggest for articles that it has learned from, had it "
            "not, cannot be told",
            hint="start from a model that `workbench train` made without --config; or promote it, and start from what "
            "annotators were shown (--suggester shown)",
        )
    return own


def evaluate_on(context: Context, model: str, *, release: str | None = None, part: Part = "test") -> Comparison:
    """Who is named beside what annotators see now, and beside the rules, on a part of a release (None: the model's).

    A model of the registry, any spaCy pipeline by name or path, a plug-in, or a file of predictions (JSON lines).

    Raises:
        ModelError: there is nobody of that name, it was trained under another scheme, or no release is named for who is
            no model of the registry; a file of predictions has no article of the part.
        ReleaseError: there is no such release, or nothing in that part of it.
    """
    with context.store.reading() as session:
        known = {one.version: one.release for one in models.every(session)}
        made = ", ".join(releases.names(session)) or "none yet"
    release = release or known.get(model)
    if release is None:
        candidate(context, model)
        raise ModelError(f"{model} was not trained on a release", hint=f"name one with --release; there are: {made}")
    judges = _Judges(context, release)
    if not judges.gold(part):
        raise ReleaseError(
            f"release {release} has no articles in its {part} part, so there is nothing to measure {model} on",
            hint=f"name another part with --part ({judges.filled()}), or make a release that is divided otherwise: "
            "`workbench gold release NAME --split date:YYYY-MM-DD,YYYY-MM-DD`, or `--split article`",
        )
    runners = judges.beside(model)
    judges.refuse_other_articles(model, part)
    return judges.compare(part, runners)


def compare(context: Context, release: str, part: Part, annotators: Mapping[str, PreAnnotator]) -> Comparison:
    """The annotators side by side on the articles of a part, those that are left out of training excepted.

    Raises:
        ReleaseError: there is no such release, or it does not fit the scheme.
    """
    return _Judges(context, release).compare(part, annotators)


def promote(
    context: Context, model: str, *, release: str | None = None, force: bool = False, because: str = ""
) -> PromotionReport:
    """The decision about a model or a plug-in, by the corrections that it needs; it is kept.

    The dev part of the model's release decides; of a plug-in the dev part of `release` (None: the newest). Where that
    has too few stories to tell, what models of the same options suggested for stories of the train part that were held
    back from them counts, too. With `force` it is promoted whatever comes out, which is written down with the reason
    (`because`). "rules" are the rules, which a better model gives way to only with `force`.

    Raises:
        ModelError: there is nobody of that name who can suggest for new articles; annotators see it already; or, without
            `force`, what they see cannot be measured, or there are no articles to decide on.
        ReleaseError: there is no such release, or none at all.
    """
    with context.store.reading() as session:
        known = {one.version: one for one in models.every(session)}
        promoted = models.champion(session)
        made = releases.names(session)
        if model in models.versions(session):
            models.get(session, model)  # says when it was removed
    if model not in known:
        _refuse_what_cannot_be_shown(model, known)
    elif release not in (None, known[model].release):
        raise ModelError(
            f"{model} is judged on {known[model].release}, which it was trained on or added for",
            hint=f"`workbench evaluate {model} --release {release}` measures it there",
        )
    shown = promoted.model or promoted.plugin or RULES
    if shown == model:
        raise ModelError(
            f"annotators see {promoted.subject} already: {promoted.reason}", hint="`workbench push` sends it"
        )
    if model in known:
        release = known[model].release
    elif release is None:
        if not made:
            raise ReleaseError("there is no release yet to judge it on", hint="`workbench gold release NAME` makes one")
        release = made[-1]
    judges = _Judges(context, release)
    judges.annotator(model)  # who cannot suggest is not promoted, by force neither
    unmeasured = "nothing was measured"
    try:
        verdict = judges.verdict(model, promoted)
    except ModelError as error:
        if not force:
            way = f"promote {model} unmeasured with --force"
            raise ModelError(error.message, hint=f"{error.hint}; or {way}" if error.hint else way) from error
        verdict, unmeasured = None, f"{unmeasured}: {error.message}"
    if verdict is None and not force:
        raise ModelError(
            f"release {release} has no articles in its dev part"
            + (", and none of its train part were held back" if model in known else "")
            + f", so nothing shows whether {model} is better",
            hint="annotate more articles and make another release, or promote it unmeasured with --force",
        )
    accepted, reason = (verdict.accepted, verdict.reason) if verdict else (False, unmeasured)
    if force and not accepted:
        why = f" ({because})" if because else ""
        accepted, reason = True, f"by force{why}, although: {reason}"
    producer = None if model in known else judges.annotator(model).producer
    decision = Promotion(
        model=model if model in known else None,
        plugin=None if model in known or model == RULES else model,
        producer=None if producer is None else f"{producer.kind} {producer.name}",
        accepted=accepted,
        reason=reason,
    )
    with context.store.transaction() as session:
        models.decide(session, decision)
    remarks = () if model in known and ADDED not in known[model].report else (CHOSEN_ELSEWHERE,)
    return PromotionReport(decision=decision, verdict=verdict, remarks=remarks if model != RULES else ())


def _refuse_what_cannot_be_shown(name: str, known: Iterable[str]) -> None:
    """Refuses who cannot suggest for articles that come.

    Raises:
        ModelError: it is a file of predictions, a spaCy pipeline outside the registry, or nothing.
    """
    named = ", ".join(one for one in plugins.names() if one != plugins.MODEL)
    there = f"there are {', '.join(known) or 'none yet'}, and as plug-ins {named}"
    if Path(name).suffix == ".jsonl":
        raise ModelError(
            f"{name} holds predictions for some articles and has none for those that come, so annotators cannot be "
            "shown what it suggests",
            hint=f"`workbench evaluate {name} --release NAME` measures it; promote the pipeline or plug-in that made it",
        )
    if name == plugins.MODEL:
        raise ModelError(
            f"{name!r} stands for the newest model, and one is promoted by its version; {there}",
            hint="`workbench models promote VERSION` takes one of them",
        )
    if name not in plugins.names():
        raise ModelError(
            f"no model {name!r}; {there}",
            hint=f"a spaCy pipeline is taken in first: `workbench models add {name}`",
        )


class _Judges:
    """The articles of a release and those who are measured on them, each read or loaded once."""

    def __init__(self, context: Context, release: str) -> None:
        self._context = context
        self._release = release
        self._models: dict[str, PreAnnotator] = {}
        self._unmeasured: tuple[str, ...] = ()

    @cached_property
    def _corpus(self) -> Corpus:
        with self._context.store.reading() as session:
            return corpus.read(session, self._release, self._context.scheme)

    @cached_property
    def _rules(self) -> PreAnnotator:
        return rules(self._context)

    def gold(self, part: Part) -> Sequence[AnnotatedArticle]:
        """The articles of a part that are measured on."""
        return self._corpus.trainable(part, self._context.scheme)

    def refuse_other_articles(self, model: str, part: Part) -> None:
        """Refuses a file of predictions that has no article of the part.

        Raises:
            ModelError: it has none.
        """
        measured = self.annotator(model)
        if not isinstance(measured, Predictions) or any(measured.holds(item.article) for item in self.gold(part)):
            return
        held = {one: sum(measured.holds(item.article) for item in self.gold(one)) for one in PARTS if one != part}
        others = [f"{counted(number, 'articles')} of {one} (--part {one})" for one, number in held.items() if number]
        raise ModelError(
            f"{model} has none of the {counted(len(self.gold(part)), 'articles')} in the {part} part of {self._release}",
            hint=f"it has {', '.join(others)}"
            if others
            else f"predictions for them are made of `workbench export {self._release} --format jsonl`",
        )

    def filled(self) -> str:
        """The parts that have articles, with their numbers, in words."""
        return ", ".join(f"{one.name} has {one.articles}" for one in self._corpus.parts)

    def beside(self, model: str) -> dict[str, PreAnnotator]:
        """What annotators see now, the rules, and a model, by what a user calls them."""
        with self._context.store.reading() as session:
            promoted = models.champion(session)
        runners: dict[str, PreAnnotator] = {}
        if (shown := promoted.model or promoted.plugin) is not None:
            try:
                runners[f"shown now: {shown}"] = self.annotator(shown)
            except ModelError as error:
                if shown == model:
                    raise
                self._unmeasured = (f"what annotators see now is not measured: {error.message}",)
        runners[RULES] = self._rules
        runners[model] = self.annotator(model)
        return {name: runner for name, runner in runners.items() if name == model or runner is not runners[model]}

    def compare(self, part: Part, annotators: Mapping[str, PreAnnotator]) -> Comparison:
        """The annotators side by side on a part."""
        gold = self.gold(part)
        contestants: list[Contestant] = []
        for name, annotator in annotators.items() if gold else ():
            found = self._measured(annotator, gold, part)
            contestants.append(Contestant(name=name, evaluation=found, layers=summary(found, self._context.scheme)))
        remarks = [f"{name}: {remark}" for name, annotator in annotators.items() for remark in annotator.remarks]
        remarks += self._unmeasured
        remarks += self._seen(part, [contestant.evaluation.producer.version for contestant in contestants])
        return Comparison(
            release=self._release,
            part=part,
            articles=len(gold),
            contestants=tuple(contestants),
            remarks=tuple(dict.fromkeys(remarks)),
        )

    def _seen(self, part: Part, versions: Iterable[str]) -> Iterator[str]:
        """Which of the models have learned from articles that they are measured on."""
        articles = {item.article.id for item in self.gold(part)}
        with self._context.store.reading() as session:
            known = {model.version: model for model in models.every(session) if TRAINING in model.report}
            for version in versions:
                if version in known:
                    items = releases.get(session, known[version].release).items
                    seen = sum(item.part == "train" and item.article_id in articles for item in items)
                    if seen:
                        yield (
                            f"{version} has learned from {seen} of these {counted(len(articles), 'articles')}: on new "
                            "ones it is not as good"
                        )

    def verdict(self, model: str, promoted: Promotion) -> Verdict | None:
        """Whether a model takes the place of what annotators see; None where there is nothing to measure on."""
        gold = self.gold("dev")
        shown = promoted.model or promoted.plugin
        now = self._rules if shown is None else self.annotator(shown)
        dev = (
            Sides(*(Costs.of(self._measured(one, gold, "dev")) for one in (self.annotator(model), now)))
            if gold
            else None
        )

        def train() -> Sides | None:
            held = self._held_back(model)
            if held is None:
                return None
            beside = self._on_train(promoted, now, held)
            return Sides(held.only(beside.articles), beside)

        return decide(dev, train)

    def _held_back(self, model: str) -> Costs | None:
        """What models of the same options cost on the stories of the train part that were held back from them."""
        with self._context.store.reading() as session:
            if model not in models.versions(session):
                return None
            report = models.get(session, model).report
        return Costs.of(Evaluation.model_validate(report[FOLDS])) if report.get(FOLDS) else None

    def _on_train(self, promoted: Promotion, now: PreAnnotator, held: Costs) -> Costs:
        """What annotators see now, on the articles of the train part that it has not learned from either.

        Where a model is shown that has learned from some of them, what was held back from models of its options counts.
        """
        learned: set[str] = set()
        parts: list[Costs] = []
        if promoted.model is not None:
            with self._context.store.reading() as session:
                release = models.get(session, promoted.model).release
                learned = {item.article_id for item in releases.get(session, release).items if item.part == "train"}
            its = self._held_back(promoted.model)
            parts += [its.only(set(held.articles))] if its is not None else []
        fresh = [
            item for item in self.gold("train") if item.article.id in held.articles and item.article.id not in learned
        ]
        parts += [Costs.of(self._measured(now, fresh, "train"))] if fresh else []
        return Costs.joined(parts)

    def _measured(self, annotator: PreAnnotator, gold: Sequence[AnnotatedArticle], part: Part) -> Evaluation:
        scheme, progress = self._context.scheme, self._context.progress
        found = evaluate(annotator, gold, scheme, progress, release=self._release, part=part)
        return found.model_copy(update={"seconds": None}) if isinstance(annotator, Predictions) else found

    def annotator(self, name: str) -> PreAnnotator:
        """A model, a plug-in, or whoever else can be measured, by name."""
        if name == RULES:
            return self._rules
        if name not in self._models:
            self._models[name] = candidate(self._context, name)
        return self._models[name]
