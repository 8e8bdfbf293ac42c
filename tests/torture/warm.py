"""Imported once by the process that children are forked from: what takes long is done, and nothing is left open."""

import tempfile
from pathlib import Path

import httpx
import pytest  # noqa: F401 - children import the main module, which is pytest's
import torture.child  # noqa: F401 - what children run
from label_studio_sdk.base_client import LabelStudioBase
from pushing import SCHEME, suggest, text

from workbench.core.article import Article
from workbench.labelstudio.conversion.convert import to_prediction
from workbench.store import Store

with httpx.Client() as client:
    sdk = LabelStudioBase(base_url="http://127.0.0.1/", api_key="none", httpx_client=client)
    for part in ("annotations", "predictions", "projects", "tasks", "users", "versions"):
        getattr(sdk, part)
with tempfile.TemporaryDirectory() as folder:
    Store.open(f"sqlite:///{Path(folder) / 'warm.db'}").close()
article = Article.from_text(text(0), source="test")
to_prediction("0" * 32, suggest(article, SCHEME), article.text, SCHEME, model_version="1")
