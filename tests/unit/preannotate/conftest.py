"""What the tests of suggestions share: one loaded pipeline, and rules under the scheme that ships."""

from collections.abc import Callable

import pytest
from spacy.language import Language

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.pipeline import base
from workbench.preannotate.rules.annotator import Rules
from workbench.samples import shipped


@pytest.fixture(scope="session")
def scheme() -> LabelScheme:
    return shipped.label_scheme()


@pytest.fixture(scope="session")
def nlp() -> Language:
    return base.load("en_core_web_sm")


@pytest.fixture(scope="session")
def rules(scheme: LabelScheme, nlp: Language) -> Rules:
    return Rules(scheme, nlp=nlp)


@pytest.fixture(scope="session")
def suggest(rules: Rules, scheme: LabelScheme) -> Callable[[str], AnnotationSet]:
    def suggested(text: str) -> AnnotationSet:
        found = next(rules.annotate([Article.from_text(text, published="2025-03-14")]))
        scheme.check(found, text)
        return found

    return suggested
