"""What ships inside the package: the label scheme, the two sample corpora, the JSON Schemas."""

from importlib.resources import files
from typing import Literal

from workbench.core.scheme import LabelScheme
from workbench.samples.markup import Sample, compile_sample

CorpusName = Literal["corpus", "newsrooms"]
"""`corpus` served to tune the rules; `newsrooms` did not, and has habits of wording that the rules don't know."""

CORPORA: tuple[CorpusName, ...] = ("corpus", "newsrooms")

_HERE = files("workbench.samples")


def label_config() -> str:
    """The label_config.xml that ships."""
    return (_HERE / "label_config.xml").read_text(encoding="utf-8")


def label_scheme() -> LabelScheme:
    """The scheme of the label_config.xml that ships."""
    return LabelScheme.from_xml(label_config(), name="the shipped label_config.xml")


def corpus(scheme: LabelScheme, name: CorpusName = "corpus") -> tuple[Sample, ...]:
    """The sample articles of a corpus with their gold, in the order of their names.

    Raises:
        DocumentError: the gold does not fit the scheme.
    """
    pages = sorted((page for page in (_HERE / name).iterdir() if page.name.endswith(".txt")), key=lambda p: p.name)
    return tuple(compile_sample(page.read_text(encoding="utf-8"), scheme, name=page.name) for page in pages)
