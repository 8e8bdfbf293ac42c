"""The GLiNER 2 adapter on the library itself, with random weights: `make extras`."""

import string
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.errors import ModelError
from workbench.preannotate import plugins
from workbench.preannotate.adapters.gliner import Gliner
from workbench.samples import shipped

gliner2: Any = import_module("gliner2")
tokenizers: Any = import_module("tokenizers")
transformers: Any = import_module("transformers")

TEXT = (
    "😀 Chile condemned Peru’s plan. On Monday, Chile met envoys from Peru in Lima.\n\n“Never,” said Ana Núñez. " * 12
)


@pytest.fixture(scope="module")
def scheme() -> LabelScheme:
    return shipped.label_scheme()


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a very small model that has learned nothing."""
    letters = string.ascii_letters + string.digits + string.punctuation
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + letter for letter in letters)]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    special = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    encoder = transformers.BertConfig(
        vocab_size=len(words) + 32,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=4096,
    )
    model = gliner2.GLiNER2(
        gliner2.ExtractorConfig(model_name="none", max_width=4),
        encoder_config=encoder,
        tokenizer=transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special),
    )
    folder = tmp_path_factory.mktemp("weights")
    model.save_pretrained(str(folder))
    return folder


def test_the_library_answers_as_the_adapter_expects(scheme: LabelScheme, weights: Path) -> None:
    made = plugins.make("gliner", plugins.Setup(scheme, weights, {"gliner_model": str(weights)}))
    assert made.producer.version == str(weights)
    annotator = Gliner(scheme, gliner2.GLiNER2.from_pretrained(str(weights)), "w", least=0.0)
    found = next(annotator.annotate([Article.from_text(TEXT)]))
    scheme.check(found, TEXT)
    spans = found.layers["entities"]
    assert len({span.offsets for span in spans}) == len(spans) > 10
    assert all(span.score is not None and 0 < span.score < 1 for span in spans)
    assert not any("left out" in remark for remark in annotator.remarks)
    for text in ("x", "\n"):  # the library ends them with a full stop of its own, and may find it
        scheme.check(next(annotator.annotate([Article.from_text(text)])), text)


def test_weights_that_are_not_there_are_told(scheme: LabelScheme, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded"):
        plugins.make("gliner", plugins.Setup(scheme, tmp_path, {"gliner_model": str(tmp_path / "none")}))
