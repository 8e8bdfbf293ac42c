"""The spaCy config that comes with a release: plain `spacy train config.cfg` makes a pipeline of ours with it.

It takes the components of the base pipeline as they are, and trains ours after them. What a pipeline of ours has
besides (tokens split as ours are, the base's vocabulary, the label scheme in its meta.json) is brought by the callback
`workbench_release_v1` before training begins.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from spacy.language import Language
from spacy.lookups import Lookups
from spacy.util import get_model_meta, registry
from thinc.api import Config

from workbench.core.scheme import Attribute, LabelScheme
from workbench.errors import ModelError
from workbench.pipeline import entities
from workbench.pipeline.assemble import META, OURS, describe, disown, entity_layer, plans
from workbench.pipeline.base import STAND_INS, folder, identity, resolve
from workbench.pipeline.base import load as load_base
from workbench.pipeline.sparse import DROPOUT
from workbench.pipeline.suggestions import RULES
from workbench.pipeline.text import NEWLINES

CALLBACK = "workbench_release_v1"
LOOKUPS = "workbench_lookups_v1"
LEMMATIZER = "lemmatizer"
SMALL = "en_core_web_sm"
EPOCHS = 8
TOGETHER = 2
"""Articles that one step learns from."""
SELDOM = 200
"""The most steps between two evaluations on the dev part; else there is one after each epoch."""
WEIGHTS = {"spans_f": 0.5, "roles_f": 0.3, "attributes_acc": 0.2}
"""How much the scores of our components count when the best pipeline is chosen."""
_SCORES_OF_BASE = (
    *(
        "tag_acc",
        "pos_acc",
        "morph_acc",
        "morph_per_feat",
        "dep_uas",
        "dep_las",
        "dep_las_per_type",
        "sents_p",
        "sents_r",
        "sents_f",
        "lemma_acc",
    ),
    *("ents_f", "ents_p", "ents_r", "ents_per_type"),
)
_HEADER = """# A spaCy config for this release: `python -m spacy train config.cfg --output training`, in this folder.
# `--paths.base NAME` takes another base pipeline with the same components. The news-workbench package has to be there.
"""

_registered_misc = cast("Callable[[str], Callable[[Callable[..., Lookups]], Callable[..., Lookups]]]", registry.misc)
_registered = cast(
    "Callable[[str], Callable[[Callable[..., Callable[[Language], Language]]], object]]", registry.callbacks
)


def release_config(
    scheme: LabelScheme,
    document_fields: Sequence[Attribute] = (),
    *,
    articles: int = 100,
    train: str = "train.spacy",
    dev: str = "dev.spacy",
    base: str = SMALL,
    rule_files: Mapping[str, str] | None = None,
) -> str:
    """The config for a train part of so many articles, as text; what it names lies beside it.

    `base` is the pipeline below the rules, by name or folder; `rule_files` where the user's own data files of the rules
    are, by what they stand for.

    Raises:
        ModelError: there is no such base pipeline.
    """
    below, theirs, language = _base(base)
    ours = plans(scheme, document_fields)
    layer = entity_layer(scheme)
    components: dict[str, dict[str, Any]] = {NEWLINES: {"factory": NEWLINES}}
    components |= {name: {"source": "${paths.base}"} for name in theirs}
    components |= {RULES: {"factory": RULES}}
    components |= {name: {"factory": name, **config} for name, config in ours}
    components |= {} if layer is None else {entities.FACTORY: {"factory": entities.FACTORY, "layer": layer}}
    scores: dict[str, float | None] = dict.fromkeys(_SCORES_OF_BASE)
    learned = {name for name, _ in ours}
    scores |= {name: weight for name, weight in WEIGHTS.items() if f"workbench_{name.partition('_')[0]}_v1" in learned}
    # `spacy debug data` makes all components ready anew, which a lemmatizer cannot be without its tables.
    ready: dict[str, dict[str, Any]] = (
        {LEMMATIZER: {"lookups": {"@misc": LOOKUPS, "base": "${paths.base}"}}} if LEMMATIZER in theirs else {}
    )
    ready |= {RULES: {what: f"${{paths.{what}}}" for what in rule_files}} if rule_files else {}
    corpus = {"@readers": "spacy.Corpus.v1", "gold_preproc": False, "max_length": 0, "limit": 0, "augmenter": None}
    config = {
        "paths": {"train": train, "dev": dev, "base": below, "manifest": "manifest.json", **(rule_files or {})},
        "system": {"seed": 0, "gpu_allocator": None},
        "nlp": {
            "lang": language,
            "pipeline": list(components),
            "disabled": [],
            "before_creation": None,
            "after_creation": None,
            "after_pipeline_creation": None,
            "batch_size": 16,
            "tokenizer": {"@tokenizers": "spacy.Tokenizer.v1"},
            "vectors": {"@vectors": "spacy.Vectors.v1"},
        },
        "components": components,
        "corpora": {part: {**corpus, "path": f"${{paths.{part}}}"} for part in ("train", "dev")},
        "training": {
            "seed": "${system.seed}",
            "gpu_allocator": "${system.gpu_allocator}",
            "train_corpus": "corpora.train",
            "dev_corpus": "corpora.dev",
            "max_epochs": EPOCHS,
            "max_steps": 0,
            "patience": 0,
            "eval_frequency": min(SELDOM, -(-articles // TOGETHER)) or 1,
            "dropout": DROPOUT,
            "accumulate_gradient": 1,
            "frozen_components": theirs,
            "annotating_components": [NEWLINES, *theirs, RULES],
            "before_to_disk": None,
            "before_update": None,
            "batcher": {"@batchers": "spacy.batch_by_sequence.v1", "size": TOGETHER, "get_length": None},
            "optimizer": {"@optimizers": "Adam.v1"},
            "logger": {"@loggers": "spacy.ConsoleLogger.v3", "progress_bar": None},
            "score_weights": scores,
        },
        "pretraining": {},
        "initialize": {
            "vectors": None,
            "init_tok2vec": None,
            "vocab_data": None,
            "lookups": None,
            "tokenizer": {},
            "components": ready,
            "after_init": None,
            "before_init": {"@callbacks": CALLBACK, "manifest": "${paths.manifest}", "base": "${paths.base}"},
        },
    }
    return _HEADER + "\n" + Config(config).to_str(interpolate=False) + "\n"


def _base(name: str) -> tuple[str, list[str], str]:
    """What a base pipeline is called in a config, its components in their order, and its language.

    What is installed with the workbench has the same name wherever an export is made.

    Raises:
        ModelError: there is no such pipeline.
    """
    found = resolve(STAND_INS.get(name, name))
    meta = get_model_meta(folder(found))
    ours = {*OURS, NEWLINES}
    called = str(Path(found).resolve()) if Path(found).is_dir() else found
    return called, [one for one in meta["pipeline"] if one not in ours], meta["lang"]


@_registered(CALLBACK)
def make_release_callback(manifest: Path, base: str) -> Callable[[Language], Language]:
    """What makes a pipeline one of ours: the base's tokens and vocabulary, and the scheme of a release's manifest."""

    def callback(nlp: Language) -> Language:
        return take_release(nlp, Path(manifest), base)

    return callback


@_registered_misc(LOOKUPS)
def base_lookups(base: str) -> Lookups:
    """The tables of the base pipeline's lemmatizer; none where it has none."""
    nlp = load_base(base)
    pipe = nlp.get_pipe(LEMMATIZER) if nlp.has_pipe(LEMMATIZER) else None
    return cast(Lookups, getattr(pipe, "lookups", None) or Lookups())


def take_release(nlp: Language, manifest: Path, name: str) -> Language:
    """The pipeline, with the tokenizer and the vocabulary of the base `name`, and with the scheme of a release.

    Raises:
        ModelError: the base cannot be loaded, or the manifest cannot be read.
    """
    try:
        document = json.loads(manifest.read_text(encoding="utf-8"))
        scheme = LabelScheme.model_validate(document["label_scheme"])
        release = str(document["name"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"{manifest} cannot be read as a release's manifest: {str(error).splitlines()[0]}",
            hint="`workbench export RELEASE --format spacy` writes one; --paths.manifest names another place",
        ) from error
    loaded = load_base(name)
    nlp.vocab.from_bytes(loaded.vocab.to_bytes())
    cast(Any, nlp.tokenizer).from_bytes(cast(Any, loaded.tokenizer).to_bytes(exclude=["vocab"]))
    nlp.meta[META] = {}
    disown(nlp, loaded)
    describe(nlp, scheme, base=identity(loaded), release=release, release_digest=str(document.get("digest", "")))
    return nlp
