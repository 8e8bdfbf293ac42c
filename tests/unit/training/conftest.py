"""A store with a small release."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from market import add_small_release

from workbench.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with the release "small"."""
    opened = Store.open(f"sqlite:///{tmp_path / 'workbench.db'}")
    add_small_release(opened)
    yield opened
    opened.close()
