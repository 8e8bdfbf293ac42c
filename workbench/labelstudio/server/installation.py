"""Label Studio's own virtual environment: made on first use, shared by all workspaces of a user.

It is apart from ours because Label Studio brings a hundred packages of its own, and modules with names such as
`users`, `tasks` and `core`.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from filelock import FileLock, Timeout

from workbench.core.ports import Progress
from workbench.errors import LabelStudioError

VERSION = "1.23.2"
NEEDED_BYTES = 2 * 1024**3
"""What the finished environment takes (1 GB), and as much again while pip unpacks."""
LOCK_SECONDS = 1800
_COMPLETE = "complete"


@dataclass(frozen=True)
class Installation:
    """Where Label Studio is installed, or will be, for one list of requirements and one Python."""

    folder: Path

    @property
    def python(self) -> Path:
        """The installation's own Python."""
        return self.folder / "bin" / "python"

    @property
    def log(self) -> Path:
        """What pip said."""
        return self.folder.with_name(self.folder.name + ".log")

    @property
    def complete(self) -> bool:
        """Whether it was made to the end. The mark is written last, so an interrupted one never counts."""
        return (self.folder / _COMPLETE).is_file() and self.python.exists()


def cache_folder() -> Path:
    """The user's cache folder of the workbench; WORKBENCH_CACHE names another one."""
    import platformdirs

    named = os.environ.get("WORKBENCH_CACHE")
    return Path(named).expanduser().resolve() if named else platformdirs.user_cache_path("workbench")


def requirements() -> bytes:
    """The pinned packages with their hashes, as shipped with the workbench."""
    return files("workbench.labelstudio.server").joinpath("requirements.txt").read_bytes()


def locate(cache: Path | None = None) -> Installation:
    """Where this workbench's Label Studio belongs; other requirements or another Python lead to another folder."""
    python = f"{sys.implementation.cache_tag}-{sysconfig.get_platform()}"
    key = hashlib.sha256(requirements() + python.encode()).hexdigest()[:16]
    return Installation((cache or cache_folder()) / f"label-studio-{VERSION}-{python}-{key}")


def ensure(progress: Progress, cache: Path | None = None) -> Installation:
    """A complete installation; it is made if there is none, which takes some minutes.

    Two that want it at the same time make it once.

    Raises:
        LabelStudioError: no room on the disk, or pip failed; pip's log is named.
    """
    found = locate(cache)
    if found.complete:
        return found
    found.folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(found.folder.with_name(found.folder.name + ".lock"))
    if lock_is_taken(lock):
        progress.say("another command is installing Label Studio; waiting for it")
    try:
        with lock.acquire(timeout=LOCK_SECONDS):
            if not found.complete:
                _make(found, progress)
    except Timeout as error:
        raise LabelStudioError(
            "another command has been installing Label Studio for too long", hint=f"end it, and see {found.log}"
        ) from error
    return found


def lock_is_taken(lock: FileLock) -> bool:
    """Whether somebody else holds the lock just now."""
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True


def _make(found: Installation, progress: Progress) -> None:
    free = shutil.disk_usage(found.folder.parent).free
    if free < NEEDED_BYTES:
        raise LabelStudioError(
            f"Label Studio needs 2 GB while it is installed; {found.folder.parent} has {free / 1024**3:.1f} GB free",
            hint="make room, or name a folder elsewhere by WORKBENCH_CACHE",
        )
    # Built where it will stay, not renamed into place: the scripts in a virtual environment hold its path.
    shutil.rmtree(found.folder, ignore_errors=True)
    progress.say(f"installing Label Studio {VERSION} into {found.folder}; once only, it takes a few minutes")
    listed = found.folder.with_name(found.folder.name + ".txt")
    listed.write_bytes(requirements())
    count = sum(1 for line in requirements().splitlines() if b"==" in line and not line.startswith(b" "))
    found.log.write_text("", encoding="utf-8")
    _run([sys.executable, "-m", "venv", "--clear", str(found.folder)], found)
    pip = [str(found.python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps"]
    pip += ["--require-hashes", "--progress-bar", "off", "-r", str(listed)]
    for _ in progress.track(_collected(pip, found, progress), "packages", total=count):
        pass
    (found.folder / _COMPLETE).write_text(f"{VERSION}\n", encoding="utf-8")


def _run(command: list[str], found: Installation) -> None:
    for _ in _lines(command, found):
        pass


def _collected(pip: list[str], found: Installation, progress: Progress) -> Iterator[str]:
    """The packages, as pip comes to each: from an index, from a folder of wheels, or not meant for this machine."""
    for line in _lines(pip, found):
        if line.startswith(("Collecting ", "Processing ", "Ignoring ")):
            yield line.split()[1]
        elif line.startswith("Installing collected"):
            progress.say("unpacking; this is the longest part")


def _lines(command: list[str], found: Installation) -> Iterator[str]:
    with (
        found.log.open("a", encoding="utf-8") as log,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process,
    ):
        assert process.stdout is not None
        last = ""
        try:
            for line in process.stdout:
                log.write(line)
                if line.strip() and (not last.startswith("ERROR") or line.startswith("ERROR")):
                    last = line.strip()
                yield line
        except BaseException:  # also when the bar that takes these lines is interrupted
            process.terminate()
            raise
    if process.returncode:
        raise LabelStudioError(
            f"Label Studio could not be installed: {last}",
            hint=f"pip's log is {found.log}; fix the cause and run the command again",
        )
