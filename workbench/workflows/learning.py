"""Trains, compares and promotes models."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from workbench.core.annotations import AnnotatedArticle
from workbench.core.frozen import Frozen
from workbench.core.parts import HELD_OUT, Part
from workbench.core.ports import PreAnnotator
from workbench.errors import ModelError
from workbench.preannotate.fallback import WithFallback
from workbench.store import models
from workbench.store.models import LayerSource, Promotion
from workbench.training import corpus
from workbench.training.corpus import Corpus
from workbench.training.evaluate import Evaluation, LayerSummary, evaluate, summary
from workbench.training.promote import best_choices, judge, leave_one_out
from workbench.training.report import TrainOptions, TrainReport
from workbench.training.train import train
from workbench.workflows.context import Context
from workbench.workflows.preannotate import load, rule_files, rules, seen

RULES = "rules"


class Contestant(Frozen):
    """One producer's evaluation, and the same in a line a layer. `name` is what a user calls the producer."""

    name: str
    evaluation: Evaluation
    layers: tuple[LayerSummary, ...]


class Comparison(Frozen):
    """Producers side by side on one part of a release; the first is what annotators see now."""

    release: str
    part: str
    articles: int
    contestants: tuple[Contestant, ...]


class TrainOutcome(Frozen):
    """A model that was trained and kept: how it came about, and how it compares on the parts it did not learn from."""

    training: TrainReport
    comparisons: tuple[Comparison, ...]


def train_on(context: Context, release: str, options: TrainOptions | None = None) -> TrainOutcome:
    """A model that was trained on a release, evaluated beside what annotators see now, and kept.

    Raises:
        ReleaseError: there is no such release, or it does not fit the scheme.
        ModelError: it cannot be trained.
    """
    training = train(
        context.store,
        release,
        context.scheme,
        context.settings.models,
        context.progress,
        options,
        rule_files=rule_files(context),
    )
    judges = _Judges(context, release)
    runners = judges.beside(training.version)
    comparisons = tuple(judges.compare(part, runners) for part in HELD_OUT)
    report = {one.part: one.model_dump(mode="json") for one in comparisons}
    with context.store.transaction() as session:
        models.set_report(session, training.version, {"training": training.model_dump(mode="json"), **report})
    return TrainOutcome(training=training, comparisons=comparisons)


def evaluate_on(context: Context, model: str, *, release: str | None = None, part: Part = "test") -> Comparison:
    """A model beside what annotators see now, and beside the rules, on a part of a release (None: the model's).

    Raises:
        ModelError: there is no such model, or it was trained under another scheme.
        ReleaseError: there is no such release.
    """
    if release is None:
        with context.store.reading() as session:
            release = models.get(session, model).release
    judges = _Judges(context, release)
    return judges.compare(part, judges.beside(model))


def compare(context: Context, release: str, part: Part, annotators: Mapping[str, PreAnnotator]) -> Comparison:
    """The annotators side by side on the articles of a part, those that are left out of training excepted.

    Raises:
        ReleaseError: there is no such release, or it does not fit the scheme.
    """
    return _Judges(context, release).compare(part, annotators)


def promote(context: Context, model: str, *, force: bool = False) -> Promotion:
    """The decision about a model, measured on the dev part of its release and written down with its reason.

    In each layer the model alone, the model with the rules as fallback, and the rules are compared, and the one is
    taken that needs the fewest corrections. The whole has then to beat what annotators see now. With `force` it is
    promoted whatever comes out.

    Raises:
        ModelError: there is no such model; or, without `force`, annotators see it already, or its release has no dev
            part to decide on.
    """
    with context.store.reading() as session:
        found = models.get(session, model)
        promoted = models.champion(session)
    if promoted.model == model and not force:
        raise ModelError(f"annotators see {model} already: {promoted.reason}", hint="`workbench push` sends it")
    judges = _Judges(context, found.release)
    names = [layer.name for layer in context.scheme.layers]
    if judges.gold("dev"):
        decision = judges.decide(model, promoted)
    elif force:
        layers: dict[str, LayerSource] = dict.fromkeys(names, "model")
        decision = Promotion(model=model, accepted=False, reason="nothing was measured", layers=layers)
    else:
        raise ModelError(
            f"release {found.release} has no articles in its dev part, so nothing shows whether {model} is better",
            hint="annotate more articles and make another release, or promote it unmeasured with --force",
        )
    if force and not decision.accepted:
        layers = decision.layers if any(choice != "rules" for choice in decision.layers.values()) else {}
        layers = layers or dict.fromkeys(names, "model")
        with_rules = any(choice != "model" for choice in layers.values())
        reason = f"promoted by force, although: {decision.reason}"
        decision = Promotion(model=model, rules_as_fallback=with_rules, layers=layers, accepted=True, reason=reason)
    with context.store.transaction() as session:
        models.decide(session, decision)
    return decision


class _Judges:
    """The articles of a release and those who are measured on them, each read or loaded once."""

    def __init__(self, context: Context, release: str) -> None:
        self._context = context
        self._release = release
        self._models: dict[str, PreAnnotator] = {}

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

    def beside(self, model: str) -> dict[str, PreAnnotator]:
        """What annotators see now, the rules, and a model, by what a user calls them."""
        with self._context.store.reading() as session:
            promoted = models.champion(session)
        runners: dict[str, PreAnnotator] = {}
        if promoted.model is not None:
            runners[_name(promoted)] = self._seen(promoted)
        runners[RULES] = self._rules
        runners[model] = self._model(model)
        return runners

    def compare(self, part: Part, annotators: Mapping[str, PreAnnotator]) -> Comparison:
        """The annotators side by side on a part."""
        gold = self.gold(part)
        contestants: list[Contestant] = []
        for name, annotator in annotators.items() if gold else ():
            found = self._measured(annotator, part)
            contestants.append(Contestant(name=name, evaluation=found, layers=summary(found, self._context.scheme)))
        return Comparison(release=self._release, part=part, articles=len(gold), contestants=tuple(contestants))

    def decide(self, model: str, promoted: Promotion) -> Promotion:
        """Whether a model takes the place of what annotators see, and where the rules stay."""
        scheme, of_model, of_rules = self._context.scheme, self._model(model), self._rules

        def with_rules(layers: Mapping[str, LayerSource]) -> PreAnnotator:
            return WithFallback(of_model, of_rules, scheme, layers=layers)

        names = [layer.name for layer in scheme.layers]
        by_rules, by_model = self._measured(of_rules, "dev"), self._measured(of_model, "dev")
        both = self._measured(with_rules(dict.fromkeys(names, "both")), "dev")
        options: dict[LayerSource, Evaluation] = {"rules": by_rules, "model": by_model, "both": both}
        layers = best_choices(options, names)
        taken = set(layers.values())
        challenger = by_model if taken in ({"model"}, {"rules"}) else self._measured(with_rules(layers), "dev")
        current = by_rules if promoted.model is None else self._measured(self._seen(promoted), "dev")
        verdict = judge(challenger, current, layers, leave_one_out(options, names))
        return Promotion(
            model=model,
            rules_as_fallback=verdict.rules_as_fallback,
            layers=verdict.layers,
            accepted=verdict.accepted,
            reason=verdict.reason,
        )

    def _measured(self, annotator: PreAnnotator, part: Part) -> Evaluation:
        gold, scheme, progress = self.gold(part), self._context.scheme, self._context.progress
        return evaluate(annotator, gold, scheme, progress, release=self._release, part=part)

    def _model(self, version: str) -> PreAnnotator:
        if version not in self._models:
            self._models[version] = load(self._context, version)
        return self._models[version]

    def _seen(self, promoted: Promotion) -> PreAnnotator:
        assert promoted.model is not None
        return seen(self._context, promoted, self._rules, self._model(promoted.model))


def _name(promoted: Promotion) -> str:
    return f"shown now: {promoted.model}" + (" + rules" if promoted.rules_as_fallback else "")
