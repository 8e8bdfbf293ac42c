"""The figures that say how far annotators agree: what each of them is, by which formula."""

from typing import Literal

from workbench.core.agreement.comparison import Kind
from workbench.core.frozen import Frozen
from workbench.core.measures import Interval

Pair = tuple[str, str]
Suggestions = Literal["both", "neither"]


class Measured(Frozen):
    """A figure with its 95 % interval; None where it is not defined, or where one article says nothing of others."""

    value: float | None
    interval: Interval | None = None


class SpanAgreement(Frozen):
    """How far a pair of annotators, or all of them (`pair` None), agree on the spans of a label; `*` is the layer.

    `first` and `second` count the spans of both sides, summed over pairs for all. strict: same place and label;
    lenient: they overlap and have the same label. kappa and alpha are over tokens: for a label, whether a token has it;
    for a layer, which labels it has. For all, F1 is over the sums of the pairs, kappa the mean of the pairs' (Light
    1971), alpha that of all annotators at once, alpha_u over the sums of the pairs' disagreements.
    """

    layer: str
    label: str
    pair: Pair | None
    first: int
    second: int
    strict_f1: Measured
    lenient_f1: Measured
    kappa: Measured
    alpha: Measured
    alpha_u: Measured


class RoleAgreement(Frozen):
    """How far they agree on a role.

    strict: same role, same label and place of head, same place of filler; lenient: same role between aligned spans.

    `corrected` is (lenient - chance) / (1 - chance), chance the mean of the lenient F1 over all permutations of the
    fillers of each annotator among the spans of the layers that the role may point to, in the same article. That mean
    has a closed form: k of the one's fillers and l of the other's meet k * l * m / (n1 * n2) times, where m of n1 and n2
    spans are aligned.
    """

    layer: str
    role: str
    pair: Pair | None
    first: int
    second: int
    strict_f1: Measured
    lenient_f1: Measured
    chance: float | None
    corrected: Measured


class FrameAgreement(Frozen):
    """How far they agree on whole frames. `whole`: F1 of frames that are equal in every part and in every place.

    partial = 2 * sum of shared parts over aligned frames / sum of the parts of all frames. The parts of a frame are its
    head, its label, each attribute of its layer, and each argument; an aligned head is shared, a label or attribute
    when it is the same, an argument when role and aligned filler are. It is the F1 over the parts of aligned structures,
    as Smatch is over triples (Cai & Knight 2013) and CEAF-TF over slots (Du, Rush & Cardie 2021); heads are aligned as
    spans are. For a label: the shared parts of either side's frames with it, over all parts of these.

    corrected = (partial - chance) / (1 - chance); chance is the mean of partial over all permutations of what each
    annotator says of frames: of the labels, and of each attribute's values, among all heads in all articles, and of
    fillers as for roles. Where heads are, and which are aligned, is left as it is. The mean has a closed form, because
    shared parts add up: a label is the same with probability sum_c p1(c) * p2(c). Only for the whole layer.
    """

    layer: str
    label: str
    pair: Pair | None
    first: int
    second: int
    whole_f1: Measured
    partial: Measured
    chance: float | None
    corrected: Measured | None


class AttributeAgreement(Frozen):
    """How far they agree on an attribute of aligned spans, or on a choice about the document (`layer` empty).

    `compared` counts spans or documents, `same` is the share with the same value, kappa Cohen's; for all the pairs' mean.
    """

    layer: str
    attribute: str
    pair: Pair | None
    compared: int
    same: Measured
    kappa: Measured


class DisagreementArticle(Frozen):
    """An article with how often its annotators differ in one way, and the first of these."""

    article_id: str
    article_version: int
    title: str
    count: int
    example: str


class Disagreement(Frozen):
    """In how many places annotators differ in one way, counted for each pair; the articles with most of it first."""

    layer: str
    kind: Kind
    count: int
    articles: tuple[DisagreementArticle, ...]


class SuggestionAgreement(Frozen):
    """How far pairs agree where both had a suggestion before them, or neither had; `articles` counts pairs on articles."""

    layer: str
    suggestions: Suggestions
    articles: int
    strict_f1: Measured
    frames: Measured | None


class Shared(Frozen):
    """Two annotators and how many articles both annotated."""

    pair: Pair
    articles: int


class Agreement(Frozen):
    """All figures. The rows of all annotators come before those of the pairs."""

    articles: int
    tokens: int
    annotators: dict[str, int]
    pairs: tuple[Shared, ...]
    spans: tuple[SpanAgreement, ...]
    roles: tuple[RoleAgreement, ...]
    frames: tuple[FrameAgreement, ...]
    attributes: tuple[AttributeAgreement, ...]
    disagreements: tuple[Disagreement, ...]
    suggestions: tuple[SuggestionAgreement, ...]
