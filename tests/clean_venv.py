"""An environment in which wheels are installed as a user has them, and this checkout cannot be found."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import spacy

ALONE = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


class CleanVenv:
    """A virtual environment with some wheels, to which the libraries of this one are lent."""

    def __init__(self, folder: Path, *wheels: Path) -> None:
        self.folder = folder
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
        self.python = folder / "bin/python"
        pip = [sys.executable, "-m", "pip", "--python", str(self.python)]
        self._install = [*pip, "install", "--no-deps", "--no-index", "--quiet"]
        _run([*self._install, *map(str, wheels)], folder)
        (self.site / "lent.pth").write_text(str(Path(spacy.__file__).parents[1]) + "\n")

    @property
    def site(self) -> Path:
        """Where packages are installed."""
        (found,) = (self.folder / "lib").glob("python*/site-packages")
        return found

    def install(self, wheel: Path) -> None:
        """Installs another wheel by pip."""
        _run([*self._install, str(wheel)], self.folder)

    def says(self, code: str) -> list[str]:
        """The lines that a program prints, far from the checkout."""
        return _run([str(self.python), "-c", textwrap.dedent(code)], self.folder).splitlines()

    def runs(self, *words: str) -> str:
        """What a program that was installed prints, far from the checkout."""
        return _run([str(self.folder / "bin" / words[0]), *words[1:]], self.folder)


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, env=ALONE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
