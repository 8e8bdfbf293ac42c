"""The spaCy config of `train --profile transformer`: a fine-tuned encoder below an entity recogniser and span categorisers.

The layer of entities goes to `ner`, which finds spans of any length that don't overlap; every other layer to a `spancat`
of its own, as its spans may. Attributes and roles are not learned. It needs spacy-transformers and torch.
"""

from importlib.util import find_spec
from typing import Any

from thinc.api import Config

from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError
from workbench.pipeline.assemble import entity_layer

ENCODER = "roberta-base"
"""A cased encoder; a folder serves as well as a name of Hugging Face's hub, which is asked then."""
LIBRARY = "spacy_transformers"
LONGEST = 6
"""The most tokens of a span that a `spancat` looks at. An untrained one takes nearly all for spans, so they are capped."""
WINDOW, STRIDE = 128, 96
TRANSFORMER = "transformer"
_LISTENER = {
    "@architectures": "spacy-transformers.TransformerListener.v1",
    "grad_factor": 1.0,
    "pooling": {"@layers": "reduce_mean.v1"},
    "upstream": "*",
}


def check_installed() -> None:
    """Checks that what the profile needs is there.

    Raises:
        ModelError: it is not.
    """
    missing = [name for name in (LIBRARY, "torch") if find_spec(name) is None]
    if missing:
        raise ModelError(
            f"the profile {TRANSFORMER} needs {' and '.join(missing).replace('_', '-')}, which is not installed",
            hint="make an environment for it: `docs/spacy.md` has the commands",
        )


def transformer_config(scheme: LabelScheme, encoder: str = ENCODER) -> str:
    """The config for a scheme, as text."""
    entities = entity_layer(scheme)
    components: dict[str, dict[str, Any]] = {
        TRANSFORMER: {
            "factory": "transformer",
            "max_batch_items": 4096,
            "model": {
                "@architectures": "spacy-transformers.TransformerModel.v3",
                "name": encoder,
                "tokenizer_config": {"use_fast": True},
                "get_spans": {
                    "@span_getters": "spacy-transformers.strided_spans.v1",
                    "window": WINDOW,
                    "stride": STRIDE,
                },
            },
        }
    }
    scores: dict[str, float | None] = {
        "ents_per_type": None,
        "spans_sc_f": None,
        "spans_sc_p": None,
        "spans_sc_r": None,
    }
    for layer in scheme.layers:
        if layer.name == entities:
            components["ner"] = _ner()
            scores |= {"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0}
        else:
            components[f"spancat_{layer.name}"] = _spancat(layer.name)
            scores[f"spans_{layer.name}_f"] = 1.0
    weights = sum(value for value in scores.values() if value)
    scores = {name: value / weights if value else value for name, value in scores.items()}
    corpus = {"@readers": "spacy.Corpus.v1", "gold_preproc": False, "max_length": 0, "limit": 0, "augmenter": None}
    config: dict[str, Any] = {
        "paths": {"train": None, "dev": None},
        "system": {"seed": 0, "gpu_allocator": "pytorch"},
        "nlp": {"lang": "en", "pipeline": list(components), "batch_size": 16},
        "components": components,
        "corpora": {part: {**corpus, "path": f"${{paths.{part}}}"} for part in ("train", "dev")},
        "training": {
            "seed": "${system.seed}",
            "gpu_allocator": "${system.gpu_allocator}",
            "train_corpus": "corpora.train",
            "dev_corpus": "corpora.dev",
            "accumulate_gradient": 2,
            "max_epochs": 0,
            "max_steps": 3000,
            "patience": 400,
            "eval_frequency": 50,
            "dropout": 0.1,
            "batcher": {"@batchers": "spacy.batch_by_sequence.v1", "size": 2, "get_length": None},
            "optimizer": {
                "@optimizers": "Adam.v1",
                "learn_rate": {
                    "@schedules": "warmup_linear.v1",
                    "warmup_steps": 100,
                    "total_steps": 3000,
                    "initial_rate": 5e-5,
                },
            },
            "logger": {"@loggers": "spacy.ConsoleLogger.v3", "progress_bar": None},
            "score_weights": scores,
        },
        "initialize": {"vectors": None, "lookups": None},
    }
    return Config(config).to_str(interpolate=False)


def _ner() -> dict[str, Any]:
    return {
        "factory": "ner",
        "model": {
            "@architectures": "spacy.TransitionBasedParser.v2",
            "state_type": "ner",
            "extra_state_tokens": False,
            "hidden_width": 64,
            "maxout_pieces": 2,
            "use_upper": False,
            "nO": None,
            "tok2vec": _LISTENER,
        },
    }


def _spancat(layer: str) -> dict[str, Any]:
    return {
        "factory": "spancat",
        "spans_key": layer,
        "threshold": 0.5,
        "max_positive": 1,
        "suggester": {"@misc": "spacy.ngram_range_suggester.v1", "min_size": 1, "max_size": LONGEST},
        "model": {
            "@architectures": "spacy.SpanCategorizer.v1",
            "reducer": {"@layers": "spacy.mean_max_reducer.v1", "hidden_size": 128},
            "scorer": {"@layers": "spacy.LinearLogistic.v1", "nO": None, "nI": None},
            "tok2vec": _LISTENER,
        },
    }
