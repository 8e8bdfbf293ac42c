"""The virtual environment of Label Studio is made by pip as a user's is; here with one small package of its list."""

import threading
from pathlib import Path

import pytest

from workbench.core.ports import Silent
from workbench.errors import LabelStudioError
from workbench.labelstudio.server import installation


def one_package(name: str) -> bytes:
    """The lines of one package, as pinned."""
    blocks = installation.requirements().decode().replace(" \\\n    --", " --").splitlines()
    return next(line for line in blocks if line.startswith(f"{name}==")).encode() + b"\n"


class Told(Silent):
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, message: str) -> None:
        self.said.append(message)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> bytes:
    listed = one_package("six")
    monkeypatch.setattr(installation, "requirements", lambda: listed)
    return listed


@pytest.mark.usefixtures("small")
def test_it_is_made_once_and_an_interrupted_one_again(tmp_path: Path):
    told = Told()
    found = installation.locate(tmp_path)
    found.folder.mkdir()
    (found.folder / "half").touch()

    assert installation.ensure(told, tmp_path).complete
    assert not (found.folder / "half").exists()
    assert list(found.folder.glob("lib/*/site-packages/six.py"))
    assert "installing Label Studio" in told.said[0]

    (found.folder / "kept").touch()
    told.said.clear()
    installation.ensure(told, tmp_path)
    assert (found.folder / "kept").exists()
    assert told.said == []


@pytest.mark.usefixtures("small")
def test_two_that_want_it_at_the_same_time_make_it_once(tmp_path: Path):
    told = Told()
    threads = [threading.Thread(target=installation.ensure, args=(told, tmp_path)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert installation.locate(tmp_path).complete
    assert sum("installing" in line and "into" in line for line in told.said) == 1


def test_a_package_that_was_tampered_with_is_refused(tmp_path: Path, small: bytes, monkeypatch: pytest.MonkeyPatch):
    other = small.partition(b" --hash")[0] + b" --hash=sha256:" + b"0" * 64 + b"\n"
    monkeypatch.setattr(installation, "requirements", lambda: other)

    with pytest.raises(LabelStudioError, match=r"(?i)hashes") as caught:
        installation.ensure(Silent(), tmp_path)
    assert str(installation.locate(tmp_path).log) in caught.value.hint
    assert not installation.locate(tmp_path).complete
