"""What unit tests share: a PostgreSQL server of their own, and an account that may not write everywhere."""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres import Cluster, cluster
from unprivileged import Nobody

ROOT = Path(__file__).parents[2]


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


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbench's wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbench's wheel, unpacked, with its entry points: what stands first on Python's path holds."""
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site
