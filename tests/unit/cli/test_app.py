"""The command line answers at once, and says what is wrong in one message."""

import resource
import subprocess
import sys

import pytest

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


def test_outside_a_workspace_the_hint_is_printed(tmp_path):
    done = run("status", folder=tmp_path)
    assert done.returncode == 1
    assert "workbench init" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_mistyped_command_is_a_usage_error(tmp_path):
    assert run("statsu", folder=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        ("KeyboardInterrupt", "interrupted; what was finished is kept, run the command again\n"),
        ("KeyboardInterrupt('interrupted; the first is kept')", "interrupted; the first is kept\n"),
    ],
)
def test_an_interruption_says_what_is_kept(raised: str, said: str):
    code = (
        "import sys; sys.argv = ['workbench', 'demo']\n"
        "from workbench.workflows import demo\n"
        f"def interrupted(*_): raise {raised}\n"
        "demo.run_loop = interrupted\n"
        "from workbench.cli.app import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr == said


@pytest.mark.parametrize(
    "words",
    [
        ("select", "--strategy"),
        ("simulate", "x", "--learner"),
        ("evaluate", "x", "--part"),
        ("gold", "release", "x", "--policy"),
    ],
)
def test_a_value_that_an_option_does_not_know_is_told_with_those_that_it_does(words: tuple[str, ...], tmp_path):
    done = run(*words, "nope", folder=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"Error: Invalid value for '{words[-1]}': 'nope' is not one of '")
