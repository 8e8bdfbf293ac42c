"""Trains, compares and promotes models."""

from collections.abc import Mapping, Sequence

from workbench.core.annotations import AnnotatedArticle
from workbench.core.frozen import Frozen
from workbench.core.ports import PreAnnotator, Progress
from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError
from workbench.preannotate.fallback import WithFallback
from workbench.settings import Settings
from workbench.store import Store, models
from workbench.store.models import LayerSource, Model, Promotion
from workbench.training import corpus
from workbench.training.evaluate import Evaluation, LayerSummary, evaluate, summary
from workbench.training.promote import best_choices, judge, leave_one_out
from workbench.training.train import TrainOptions, train
from workbench.workflows.preannotate import load, rules, seen

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


def train_on(
    settings: Settings,
    store: Store,
    scheme: LabelScheme,
    release: str,
    progress: Progress,
    *,
    options: TrainOptions | None = None,
) -> str:
    """The version of a model that was trained on a release, evaluated beside what annotators see now, and kept.

    Raises:
        ReleaseError: there is no such release, or it does not fit the scheme.
        ModelError: it cannot be trained.
    """
    version = train(store, release, scheme, settings.models, progress, options).version
    with store.reading() as session:
        report = models.get(session, version).report
    for part in ("dev", "test"):
        compared = evaluate_on(settings, store, scheme, release, version, progress, part=part)
        report = {**report, part: compared.model_dump(mode="json")}
    with store.transaction() as session:
        models.set_report(session, version, report)
    return version


def evaluate_on(
    settings: Settings,
    store: Store,
    scheme: LabelScheme,
    release: str | None,
    model: str,
    progress: Progress,
    *,
    part: str = "test",
) -> Comparison:
    """A model beside what annotators see now, and beside the rules, on a part of a release (None: the model's).

    Raises:
        ModelError: there is no such model, or it was trained under another scheme.
        ReleaseError: there is no such release.
    """
    with store.reading() as session:
        found = models.get(session, model)
        promoted = models.champion(session)
    of_rules = rules(settings, scheme)
    of_model = load(settings, store, scheme, model)
    runners: dict[str, PreAnnotator] = {}
    if promoted.model is not None:
        runners[_name(promoted)] = seen(settings, store, scheme, promoted, of_rules)
    runners[RULES] = of_rules
    runners[model] = of_model
    return compare(store, scheme, release or found.release, part, runners, progress)


def compare(
    store: Store,
    scheme: LabelScheme,
    release: str,
    part: str,
    annotators: Mapping[str, PreAnnotator],
    progress: Progress,
) -> Comparison:
    """The annotators side by side on the articles of a part, those that are left out of training excepted.

    Raises:
        ReleaseError: there is no such release, or it does not fit the scheme.
    """
    gold = _gold(store, scheme, release, part)
    contestants: list[Contestant] = []
    for name, annotator in annotators.items() if gold else ():
        found = evaluate(annotator, gold, scheme, progress, release=release, part=part)
        contestants.append(Contestant(name=name, evaluation=found, layers=summary(found, scheme)))
    return Comparison(release=release, part=part, articles=len(gold), contestants=tuple(contestants))


def promote(
    settings: Settings,
    store: Store,
    scheme: LabelScheme,
    model: str,
    progress: Progress,
    *,
    force: bool = False,
) -> Promotion:
    """The decision about a model, measured on the dev part of its release and written down with its reason.

    In each layer the model alone, the model with the rules as fallback, and the rules are compared, and the one is taken that
    needs the fewest corrections. The whole has then to beat what annotators see now. With `force` it is promoted
    whatever comes out.

    Raises:
        ModelError: there is no such model; or, without `force`, annotators see it already, or its release has no dev
            part to decide on.
    """
    with store.reading() as session:
        found = models.get(session, model)
        promoted = models.champion(session)
    if promoted.model == model and not force:
        raise ModelError(f"annotators see {model} already: {promoted.reason}", hint="`workbench push` sends it")
    of_model = load(settings, store, scheme, model)
    of_rules = rules(settings, scheme)
    gold = _gold(store, scheme, found.release, "dev")
    names = [layer.name for layer in scheme.layers]
    if gold:
        decision = _decide(settings, store, scheme, found, promoted, of_model, of_rules, gold, progress)
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
    with store.transaction() as session:
        models.decide(session, decision)
    return decision


def _decide(
    settings: Settings,
    store: Store,
    scheme: LabelScheme,
    model: Model,
    promoted: Promotion,
    of_model: PreAnnotator,
    of_rules: PreAnnotator,
    gold: Sequence[AnnotatedArticle],
    progress: Progress,
) -> Promotion:
    def measured(annotator: PreAnnotator) -> Evaluation:
        return evaluate(annotator, gold, scheme, progress, release=model.release, part="dev")

    def with_rules(layers: Mapping[str, LayerSource]) -> PreAnnotator:
        return WithFallback(of_model, of_rules, scheme, layers=layers)

    names = [layer.name for layer in scheme.layers]
    by_rules, by_model = measured(of_rules), measured(of_model)
    both = measured(with_rules(dict.fromkeys(names, "both")))
    options: dict[LayerSource, Evaluation] = {"rules": by_rules, "model": by_model, "both": both}
    layers = best_choices(options, names)
    taken = set(layers.values())
    challenger = by_model if taken in ({"model"}, {"rules"}) else measured(with_rules(layers))
    current = by_rules if promoted.model is None else measured(seen(settings, store, scheme, promoted, of_rules))
    verdict = judge(challenger, current, layers, leave_one_out(options, names))
    return Promotion(
        model=model.version,
        rules_as_fallback=verdict.rules_as_fallback,
        layers=verdict.layers,
        accepted=verdict.accepted,
        reason=verdict.reason,
    )


def _name(promoted: Promotion) -> str:
    return f"shown now: {promoted.model}" + (" + rules" if promoted.rules_as_fallback else "")


def _gold(store: Store, scheme: LabelScheme, release: str, part: str) -> list[AnnotatedArticle]:
    with store.reading() as session:
        return corpus.read(session, release, scheme).trainable(part, scheme)
