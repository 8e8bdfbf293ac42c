"""The command line answers at once, and every command says what it does."""

import re
import resource
import subprocess
import sys

import pytest
import typer
from typer.main import get_command

from workbench.cli.app import app
from workbench.cli.groups import GROUPS

HEAVY = ("spacy", "label_studio_sdk", "sqlmodel", "sqlalchemy", "pydantic", "trafilatura", "numpy", "rich.markdown")


def run(*words: str, folder: object = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workbench", *words], capture_output=True, text=True, cwd=folder, check=False, timeout=60
    )


def children_seconds() -> float:
    """The time that ended child processes had a processor for: it is the same on a busy machine."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_help_answers_in_under_four_tenths_of_a_second():
    run("--help")
    times = []
    for _ in range(5):
        before = children_seconds()
        assert run("--help").returncode == 0
        times.append(children_seconds() - before)
    assert min(times) < 0.4, times


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv = ['workbench', '--help']\n"
        "from workbench.cli.app import app\n"
        "try: app()\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_importing_the_package_imports_nothing_heavy():
    code = f"import sys, workbench; print([name for name in ('typer', *{HEAVY!r}) if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


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


def test_every_command_stands_in_one_group_of_the_help():
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(name for name, one in get_command(app).commands.items() if not one.hidden)
    printed = run("--help").stdout
    places = [printed.index(f"\n{heading}:\n") for heading in GROUPS]
    assert places == sorted(places)


@pytest.mark.parametrize("group", [path for path, one in commands(get_command(app)) if hasattr(one, "commands")])
def test_every_command_has_a_whole_sentence_on_one_line(group):
    printed = run(*group, "--help").stdout
    (found,) = [one for path, one in commands(get_command(app)) if path == group]
    for name, command in found.commands.items():
        if command.hidden:
            continue
        (line,) = [line for line in printed.splitlines() if re.match(rf"  {name}  +[A-Z]", line)]
        assert line.endswith("."), line
        assert not line.endswith("..."), line
        assert len(line) <= 80, line


def test_outside_a_workspace_the_hint_is_printed(tmp_path):
    done = run("status", folder=tmp_path)
    assert done.returncode == 1
    assert "workbench init" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mistyped_command_is_a_usage_error(tmp_path):
    assert run("statsu", folder=tmp_path).returncode == 2
