"""The command line answers at once, and says what is wrong in one message."""

import resource
import subprocess
import sys

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


def test_an_interruption_says_that_the_command_goes_on():
    code = (
        "import sys; sys.argv = ['workbench', 'demo']\n"
        "from workbench.workflows import demo\n"
        "def interrupted(*_): raise KeyboardInterrupt\n"
        "demo.run_loop = interrupted\n"
        "from workbench.cli.app import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr == "interrupted; what was done is kept, run the command again to go on\n"
