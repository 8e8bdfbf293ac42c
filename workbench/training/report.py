"""How a model is to be trained, and what is to be known of how one came about."""

import platform

import numpy as np
from pydantic import Field
from spacy.about import __version__ as spacy_version
from spacy.language import Language

from workbench.core.choices import LARGEST_SEED
from workbench.core.frozen import Frozen
from workbench.core.options import Options
from workbench.pipeline.alignment import AlignmentReport
from workbench.pipeline.suggestions import SuggestingPipe
from workbench.training.corpus import PartSummary
from workbench.version import __version__

RULES, SHOWN, ALONE, FORMER = "rules", "shown", "none", "model:"
"""What a model can start from; a former model is named after the colon."""
TRAINING = "training"
"""The part of a model's report that says how it was trained here."""
ADDED = "added"
"""The part of a model's report that says where a pipeline that was trained elsewhere came from."""
FOLDS = "folds"
"""The part of a model's report that holds what was measured on stories of the train part that were held back."""


class TrainOptions(Options):
    """How to train.

    `suggester` says what the model starts from: "rules" puts the cold-start rules into its pipeline, "model:NAME" a
    former model; "shown" takes what annotators were shown of each article, whoever it was by; "none" lets it learn from
    the words alone. `epochs` is the most there are: how many it takes is told by stories of the train part
    that are held back, in so many `folds` (None: as many as fit the number of stories; 0: nothing is held back, and all
    epochs are learned). `max_misaligned` is the share of spans that may not end where tokens do.
    `force` takes a base pipeline that was made for another language or another spaCy. `config` is the text of a spaCy
    config, which then says what is trained on what, for how long; `gpu_id` is the GPU to train it on, -1 for none.
    """

    base: str = "en_core_web_sm"
    suggester: str = Field(
        default=RULES, pattern=r"^(rules|none|shown|model:.+)$", description="use rules, shown, none or model:NAME"
    )
    epochs: int = Field(default=12, ge=1)
    folds: int | None = Field(default=None, ge=0)
    max_minutes: float | None = Field(default=None, gt=0)
    seed: int = Field(default=0, ge=0, le=LARGEST_SEED)
    max_misaligned: float = Field(default=0.05, ge=0, le=1)
    force: bool = False
    config: str = ""
    gpu_id: int = Field(default=-1, ge=-1)


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
    and fields of a kind that no model learns, such as texts and numbers. Of a pipeline that was trained with a spaCy config
    `scores` are those of its best state on the articles `stopped_on`, which said when to stop.
    """

    version: str
    release: str
    release_digest: str = ""
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
    scores: dict[str, float] = Field(default_factory=dict)
    stopped_on: tuple[str, ...] = ()
    seconds: float
    versions: dict[str, str]


def versions(nlp: Language) -> dict[str, str]:
    """What a model comes out of besides its release, options and seed; `nlp` is the model."""
    suggesters = [pipe for _, pipe in nlp.pipeline if isinstance(pipe, SuggestingPipe)]
    return {
        "workbench": __version__,
        **{what: version for one in suggesters for what, version in one.versions().items()},
        "spacy": spacy_version,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
