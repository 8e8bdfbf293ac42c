"""What unit tests share: a PostgreSQL server of their own, and an account that may not write everywhere."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import Cluster, cluster
from unprivileged import Nobody


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A running PostgreSQL that only this test run uses."""
    with cluster() as running:
        yield running


@pytest.fixture
def postgres_url(postgres: Cluster) -> str:
    """The URL of an empty PostgreSQL database."""
    return postgres.database()


@pytest.fixture
def nobody() -> Iterator[Nobody]:
    """An account without root's rights, with a folder of its own that it can reach."""
    folder = Path(tempfile.mkdtemp(prefix="wb-nobody-"))
    folder.chmod(0o755)
    yield Nobody(folder)
    shutil.rmtree(folder)
