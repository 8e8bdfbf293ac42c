"""`make demo` as the README has it, in a folder with nothing in it: the whole loop, its tables, and the server's end."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.labelstudio.server.embedded import Server, healthy

TABLES = {
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
    "kept": ("events, spans", "events, roles", "stances, spans", "stances, roles"),
}
"""What each of the final tables holds."""
REPOSITORY = Path(__file__).parents[2]


@pytest.mark.timeout(1800)
def test_make_demo_goes_round_the_loop_and_its_server_can_be_stopped(tmp_path: Path):
    # The environment that runs the tests is the one that make would set up: only that step is left out.
    make = ["make", "-f", str(REPOSITORY / "Makefile"), f"VENV={sys.prefix}", "-o", f"{sys.prefix}/.runtime", "demo"]
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    try:
        done = subprocess.run(make, cwd=tmp_path, env=outside, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        running = Server(tmp_path / "demo" / "label-studio").status()
        assert running is not None
        assert healthy(running.url)

        printed = done.stdout
        assert "Traceback" not in printed + done.stderr
        for table, rows in TABLES.items():
            assert table in printed
            for row in rows:
                assert re.search(rf"^│ {re.escape(row)} +│ +\d", printed, re.MULTILINE), (row, printed)
        assert re.search(r"^promotion \S+ was (promoted|refused): ", printed, re.MULTILINE)
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
