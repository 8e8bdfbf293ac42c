"""How a model is to be trained, and what is to be known of how one came about."""

from typing import Literal

from pydantic import Field

from workbench.core.frozen import Frozen
from workbench.pipeline.docs import AlignmentReport
from workbench.training.corpus import PartSummary

FOLDS = "folds"
"""The part of a model's report that holds what was measured on stories of the train part that were held back."""


class TrainOptions(Frozen):
    """How to train.

    `suggester` says what the model starts from: "rules" puts the cold-start rules into its pipeline, "none" lets it
    learn from the words alone. `epochs` is the most there are: how many it takes is told by stories of the train part
    that are held back, in so many `folds` (None: as many as fit the number of stories; 0: nothing is held back, and all
    epochs are learned). `max_misaligned` is the share of spans that may not end where tokens do.
    """

    base: str = "en_core_web_sm"
    suggester: Literal["rules", "none"] = "rules"
    epochs: int = Field(default=12, ge=1)
    folds: int | None = Field(default=None, ge=0)
    max_minutes: float | None = Field(default=None, gt=0)
    seed: int = 0
    max_misaligned: float = Field(default=0.05, ge=0, le=1)


class ComponentReport(Frozen):
    """What a component learned from, and for how many epochs: `rows` are tokens, spans, pairs or documents."""

    component: str
    rows: int
    features: int
    outputs: int
    epochs: int = 0


class TrainReport(Frozen):
    """All that is to be known of how a model came about.

    `nested` counts spans that overlap another of their kind and could not be taught; `out_of_reach` arguments that are
    too far from their head; `fields_skipped` choices about the document that had no examples of two values; `not_learned` attributes
    and fields of a kind that no model learns, such as texts and numbers.
    """

    version: str
    release: str
    base: str
    scheme_digest: str
    options: TrainOptions
    parts: tuple[PartSummary, ...]
    alignment: AlignmentReport
    nested: dict[str, int]
    out_of_reach: int
    fields_skipped: tuple[str, ...]
    not_learned: tuple[str, ...] = ()
    epochs: int
    stopped_early: bool
    losses: tuple[dict[str, float], ...]
    components: tuple[ComponentReport, ...]
    seconds: float
    versions: dict[str, str]
