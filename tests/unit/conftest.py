"""What unit tests share: a PostgreSQL server of their own."""

from collections.abc import Iterator

import pytest
from postgres import Cluster, cluster


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A running PostgreSQL that only this test run uses."""
    with cluster() as running:
        yield running


@pytest.fixture
def postgres_url(postgres: Cluster) -> str:
    """The URL of an empty PostgreSQL database."""
    return postgres.database()
