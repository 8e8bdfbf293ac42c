"""What live and browser tests share, one embedded Label Studio for the whole run; and the markers of all tests.

`live` needs Label Studio, `browser` Chromium besides, `postgres` PostgreSQL, `torture` takes long. They are given by folder
and by fixture. `pytest -m "not live and not browser"` is for a machine on which nothing is installed: without PostgreSQL
its tests are left out there, and counted. In any other run PostgreSQL is required.
"""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from postgres import is_installed

from workbench.core.ports import Silent
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.server.embedded import Server

settings.register_profile("no deadline", deadline=None)  # machines may be busy
settings.load_profile("no deadline")


TESTS = Path(__file__).parent
POSTGRES = ("postgres", "postgres_url")
WITHOUT_ANYTHING = "not live and not browser"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks every test with what it needs, and leaves out what a machine without PostgreSQL cannot run."""
    for item in items:
        folder = item.path.relative_to(TESTS).parts[0]
        if folder in ("live", "browser", "torture"):
            item.add_marker(folder)
        if folder == "torture":
            item.add_marker("live")
        if needs_postgres(item):
            item.add_marker("postgres")
    expression = " ".join(str(config.getoption("markexpr")).split())
    if expression == WITHOUT_ANYTHING and not is_installed():
        left_out = [item for item in items if item.get_closest_marker("postgres")]
        items[:] = [item for item in items if not item.get_closest_marker("postgres")]
        config.hook.pytest_deselected(items=left_out)
        config.stash[LEFT_OUT] = len(left_out)


LEFT_OUT = pytest.StashKey[int]()


def needs_postgres(item: pytest.Item) -> bool:
    """Whether a test takes a PostgreSQL database, by a fixture or as one of its parameters; others are marked themselves."""
    parameters = (
        item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
    )
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(fixtures & set(POSTGRES)) or "postgresql" in parameters


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    left_out = config.stash.get(LEFT_OUT, 0)
    if left_out:
        terminalreporter.write_line(f"{left_out} tests need PostgreSQL, which is not here; they were left out")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def live_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the workspace whose Label Studio the live tests share."""
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="session")
def embedded(live_workspace: Path) -> Iterator[Server]:
    """The running server. Its first start takes up to a minute, and some more where Label Studio is not yet installed."""
    server = Server(live_workspace / "label-studio")
    server.start(Silent(), port=free_port())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def label_studio(embedded: Server) -> Iterator[LabelStudioClient]:
    """A client for the running server, as its owner."""
    client = embedded.client()
    yield client
    client.close()
