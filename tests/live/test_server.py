from pathlib import Path

from workbench.core.ports import Silent
from workbench.labelstudio.server import Server


def test_starting_twice_is_starting_once(embedded: Server):
    running = embedded.status()
    assert running is not None

    assert embedded.start(Silent(), host=running.host, port=running.port) == running


def test_a_folder_without_a_server_has_no_status(tmp_path: Path):
    assert Server(tmp_path).status() is None
    assert Server(tmp_path / "nothing").stop() is False
