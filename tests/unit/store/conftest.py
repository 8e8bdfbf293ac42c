"""Every store test that takes `url` or `store` runs on real SQLite and on real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.store import Store


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'workbench.db'}"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    """A new store."""
    opened = Store.open(url, backups=tmp_path / "backups")
    yield opened
    opened.close()
