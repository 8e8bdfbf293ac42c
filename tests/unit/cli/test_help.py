"""Every command says what it does, in a sentence that fits a line, and stands in a group."""

import os
import re
import subprocess
import sys

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from workbench.cli.app import app
from workbench.cli.groups import GROUPS
from workbench.core.choices import LARGEST_SEED


def printed_help(*group: str, columns: int = 80) -> str:
    command = [sys.executable, "-m", "workbench", *group, "--help"]
    environment = {**os.environ, "COLUMNS": str(columns)}
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=environment).stdout


def commands(group: object, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], object]]:
    found = [(path, group)]
    for name, command in getattr(group, "commands", {}).items():
        found += commands(command, (*path, name))
    return found


@pytest.mark.parametrize(
    ("path", "command"), commands(get_command(app)), ids=lambda v: " ".join(v) if isinstance(v, tuple) else ""
)
def test_every_command_and_option_has_help(path, command):
    assert command.help, path
    for option in command.params:
        if isinstance(option, typer.core.TyperOption):
            assert option.help, (path, option.name)


@pytest.mark.parametrize(
    "path", [path for path, one in commands(get_command(app)) if any(o.name == "seed" for o in one.params)]
)
@pytest.mark.parametrize("seed", [-1, LARGEST_SEED + 1])
def test_every_seed_has_a_range(path, seed):
    told = CliRunner().invoke(app, [*path, "--seed", str(seed)])
    assert told.exit_code == 2
    assert "--seed" in told.stderr


def test_every_command_stands_in_one_group_of_the_help():
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(name for name, one in get_command(app).commands.items() if not one.hidden)
    printed = printed_help()
    places = [printed.index(f"\n{heading}:\n") for heading in GROUPS]
    assert places == sorted(places)


@pytest.mark.parametrize("group", [path for path, one in commands(get_command(app)) if hasattr(one, "commands")])
def test_every_command_has_a_whole_sentence_on_one_line(group):
    printed = printed_help(*group)
    (found,) = [one for path, one in commands(get_command(app)) if path == group]
    for name, command in found.commands.items():
        if command.hidden:
            continue
        (line,) = [line for line in printed.splitlines() if re.match(rf"  {name}  +[A-Z]", line)]
        assert line.endswith("."), line
        assert not line.endswith("..."), line
        assert len(line) <= 80, line


@pytest.mark.parametrize("columns", [40, 60, 80])
@pytest.mark.parametrize("group", [(), ("select",), ("gold", "release"), ("models", "add"), ("push",)], ids=" ".join)
def test_help_fits_a_terminal_and_leaves_its_lines_to_the_text(group, columns):
    printed = printed_help(*group, columns=columns)
    names = re.findall(r"^  (-\S.*|[A-Z]\S*(?: <.*>)?)$", printed, re.MULTILINE)
    for line in printed.splitlines():
        assert len(line) <= columns or any(name in line for name in names), line
    texts = [line for line in printed.split("Options:")[-1].splitlines() if line.startswith(" " * 10)]
    assert all(len(line.strip()) > 3 or line.endswith((".", "]")) for line in texts), texts
