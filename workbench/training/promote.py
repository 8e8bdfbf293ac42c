"""Decides what annotators see: the model in the layers where it saves them work, the rules where they do.

The measure is the corrections that suggestions need on the dev part, an article: each wrong or missing span, label,
attribute and role is one. The test part has no say, so that the scores reported on it stay unbiased.
"""

from collections.abc import Mapping, Sequence

from workbench.core.frozen import Frozen
from workbench.core.measures import paired_bootstrap
from workbench.store.models import LayerSource
from workbench.training.evaluate import Evaluation


class Verdict(Frozen):
    """Whether a challenger takes the place of what annotators see, and why, in words."""

    accepted: bool
    reason: str
    layers: dict[str, LayerSource]

    @property
    def rules_as_fallback(self) -> bool:
        """Whether the rules have a part in what would be shown."""
        return any(choice != "model" for choice in self.layers.values())


def best_choices(options: Mapping[LayerSource, Evaluation], layers: Sequence[str]) -> dict[str, LayerSource]:
    """For each layer what needs the fewest corrections; where they need as many, the first of the options."""
    return {layer: min(options, key=lambda choice: sum(options[choice].of_layer(layer))) for layer in layers}


def leave_one_out(options: Mapping[LayerSource, Evaluation], layers: Sequence[str]) -> list[int]:
    """The corrections that each article would need if the choices were made on all others.

    Choosing the best of several on a handful of articles, and then measuring it there, promises too much.
    """
    totals: list[int] = []
    for left_out in range(len(next(iter(options.values())).articles)):

        def cost(choice: LayerSource, layer: str, left_out: int = left_out) -> int:
            corrections = options[choice].of_layer(layer)
            return sum(corrections) - corrections[left_out]

        best: dict[str, LayerSource] = {
            layer: min(options, key=lambda choice, layer=layer: cost(choice, layer)) for layer in layers
        }
        totals.append(sum(options[choice].of_layer(layer)[left_out] for layer, choice in best.items()))
    return totals


def judge(
    challenger: Evaluation, current: Evaluation, layers: Mapping[str, LayerSource], cross_validated: Sequence[int]
) -> Verdict:
    """Whether the challenger is promoted.

    It is when it needs fewer corrections than what annotators see now, on the same articles, also when the choices are
    made without the article they are measured on (`cross_validated`: what `leave_one_out` gave), and when it needs significantly more
    corrections in no layer (paired bootstrap over articles, 95 %).
    """
    chosen = dict(layers)
    shares = ", ".join(f"{layer} by {_words(choice)}" for layer, choice in chosen.items())
    if all(choice == "rules" for choice in chosen.values()):
        return Verdict(
            accepted=False,
            reason="in no layer does it need fewer corrections than the rules: " + _each(challenger, current, chosen),
            layers=chosen,
        )
    difference, interval = paired_bootstrap(challenger.totals, current.totals)
    told = (
        f"{challenger.mean:.1f} corrections an article on {challenger.part} ({len(challenger.articles)} articles) "
        f"instead of {current.mean:.1f} (difference {difference:+.1f}, 95 %: {interval.low:+.1f} to {interval.high:+.1f})"
    )
    if difference >= 0:
        return Verdict(accepted=False, reason=f"it saves no work: {told}; {shares}", layers=chosen)
    expected = sum(cross_validated) / max(1, len(cross_validated))
    told += f"; {expected:.1f} where the choice is made without the article"
    if expected >= current.mean:
        return Verdict(accepted=False, reason=f"that it saves work may be chance: {told}; {shares}", layers=chosen)
    for layer in chosen:
        worse, spread = paired_bootstrap(challenger.of_layer(layer), current.of_layer(layer))
        if spread.low > 0:
            return Verdict(
                accepted=False,
                reason=f"{layer} would get worse by {worse:.1f} corrections an article (95 %: {spread.low:+.1f} to "
                f"{spread.high:+.1f}), though it needs {told}",
                layers=chosen,
            )
    return Verdict(accepted=True, reason=f"{told}; {shares}", layers=chosen)


def _words(choice: LayerSource) -> str:
    return {"model": "the model", "rules": "the rules", "both": "the model with the rules as fallback"}[choice]


def _each(challenger: Evaluation, current: Evaluation, layers: Mapping[str, LayerSource]) -> str:
    count = max(1, len(challenger.articles))
    return ", ".join(
        f"{layer} {sum(challenger.of_layer(layer)) / count:.1f} against {sum(current.of_layer(layer)) / count:.1f}"
        for layer in layers
    )
