"""What live and browser tests share: one embedded Label Studio for the whole run, in a workspace of its own."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from workbench.core.ports import Silent
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.server.embedded import Server

settings.register_profile("no deadline", deadline=None)  # machines may be busy
settings.load_profile("no deadline")


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
