"""`make demo` as the README has it, in a folder with nothing in it: three rounds, their tables, and the server's end."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from workbench import Workspace
from workbench.labelstudio.server.embedded import Server, healthy
from workbench.workflows.demo import ROUNDS, WAITING
from workbench.workflows.status import StatusReport

TABLES = {
    "What the annotators did with the suggestions": (
        "events, spans",
        "events, roles",
        "stances, spans",
        "stances, roles",
    ),
    "How far anna and ben agree": ("entities", "events", "stances"),
    "They say the same of": ("entities", "events", "stances"),
    "Quality on the test part, which no annotator and no training has seen": (
        "entities: spans",
        "events: spans",
        "events: arguments",
        "events: frames",
        "stances: spans",
        "stances: arguments",
        "stances: frames",
        "corrections an article needs",
        "corrections saved",
    ),
    "Corrections that an article of the test part needs": ("the rules", "round 1", "round 2", "round 3"),
}
"""What each of the final tables holds."""
REPOSITORY = Path(__file__).parents[2]
SHARED = 12
"""So many articles at the least have two annotators."""


@pytest.mark.timeout(2400)
def test_make_demo_goes_three_rounds_and_its_server_can_be_stopped(tmp_path: Path):
    # The environment that runs the tests is the one that make would set up: only that step is left out.
    make = ["make", "-f", str(REPOSITORY / "Makefile"), f"VENV={sys.prefix}", "-o", f"{sys.prefix}/.runtime", "demo"]
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}

    def make_demo() -> subprocess.CompletedProcess[str]:
        done = subprocess.run(make, cwd=tmp_path, env=outside, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        return done

    try:
        printed = make_demo().stdout
        running = Server(tmp_path / "demo" / "label-studio").status()
        assert running is not None
        assert healthy(running.url)
        for title, rows in TABLES.items():
            assert title in printed
            table = printed.partition(title)[2].partition("\n\n")[0]
            for row in rows:
                assert re.search(rf"^ *{re.escape(row)} +[\d]", table, re.MULTILINE), (title, row, printed)
        assert all(
            re.search(rf"^round {n} +demo-{n}-1 was (promoted|refused): ", printed, re.MULTILINE) for n in (1, 2, 3)
        )
        _pays(printed)
        before = _status(tmp_path / "demo")
        assert [task.tasks for task in before.projects] == [{"present": ROUNDS[-1] + WAITING}]
        assert [(one.name, one.parts) for one in before.releases] == [
            (f"demo-{number}", {"train": size, "dev": 4, "test": 16}) for number, size in enumerate(ROUNDS, 1)
        ]
        assert _shared(tmp_path / "demo") >= SHARED

        again = make_demo()
        assert again.stdout == printed
        assert _status(tmp_path / "demo") == before

        assert "log in    anna@" in printed
        assert running.url in printed
        command = re.search(r"end it: `workbench (.*)`", printed)
        assert command is not None
        workbench = str(Path(sys.prefix) / "bin" / "workbench")
        stopped = subprocess.run(
            [workbench, *command[1].split()], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
        )
        assert stopped.returncode == 0, stopped.stderr
        assert not healthy(running.url)
    finally:
        Server(tmp_path / "demo" / "label-studio").stop()


def _pays(printed: str) -> None:
    """After the last round an article needs a fifth fewer corrections than with the rules, and not by chance."""
    assert re.search(r"^round 3 +demo-3-1 was promoted: ", printed, re.MULTILINE), printed
    found = re.search(
        r"^result .* ([\d.]+) corrections an article for the rules' ([\d.]+): .* to (\S+)\)", printed, re.MULTILINE
    )
    assert found is not None, printed
    shown, rules, highest = map(float, found.groups())
    assert shown <= 0.8 * rules
    assert highest < 0


def _status(folder: Path) -> StatusReport:
    with Workspace.open(folder) as workspace:
        return workspace.status()


def _shared(folder: Path) -> int:
    with Workspace.open(folder) as workspace:
        return workspace.agreement().report.agreement.articles
