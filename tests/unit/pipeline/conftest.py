"""A base pipeline, loaded once."""

import pytest
from spacy.language import Language

from workbench.pipeline import base


@pytest.fixture(scope="session")
def sm() -> Language:
    """The small English pipeline; tests must not add to it."""
    return base.load("en_core_web_sm")
