"""The wheel works alone, far from the checkout."""

import os
import subprocess
import sys
from pathlib import Path


def alone(unpacked: Path, folder: Path, *words: str, code: str = "") -> str:
    """What Python prints with the unpacked wheel before everything else on its path."""
    command = ["-c", code] if code else ["-m", "workbench", *words]
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_holds_no_tests_and_all_data(unpacked: Path):
    top = {path.name.split("-")[0] for path in unpacked.iterdir()}
    assert top == {"workbench", "news_workbench"}
    package = unpacked / "workbench"
    for data in (
        "samples/label_config.xml",
        "labelstudio/server/requirements.txt",
        "store/migrations/env.py",
        "py.typed",
    ):
        assert (package / data).is_file(), data
    assert len(list((package / "samples/corpus").glob("*.txt"))) >= 60
    assert len(list((package / "samples/newsrooms").glob("*.txt"))) == 60
    assert list((package / "samples/schemas").glob("*.schema.json"))
    assert list((package / "preannotate/rules/data").iterdir())
    assert list((package / "store/migrations/versions").glob("*.py"))


def test_samples_and_scheme_are_found_in_it(unpacked: Path, tmp_path: Path):
    code = (
        "import workbench; from workbench.samples.shipped import corpus, label_scheme\n"
        "print(workbench.__file__, len(corpus(label_scheme())))"
    )
    where, number = alone(unpacked, tmp_path, code=code).split()
    assert where.startswith(str(unpacked))
    assert int(number) >= 60


def test_doctor_finds_what_its_distribution_asks_for(unpacked: Path, tmp_path: Path):
    code = "from workbench.workflows.doctor import requirements; print('\\n'.join(requirements()))"
    (metadata,) = unpacked.glob("news_workbench-*.dist-info/METADATA")
    lines = metadata.read_text(encoding="utf-8").splitlines()
    asked = [line.removeprefix("Requires-Dist: ") for line in lines if line.startswith("Requires-Dist: ")]
    assert any(line.startswith("spacy==") for line in asked)
    assert alone(unpacked, tmp_path, code=code).splitlines() == asked


def test_a_workspace_can_be_made_and_filled_with_it(unpacked: Path, tmp_path: Path):
    (tmp_path / "news.txt").write_text("Oslo and Ankara sign grain deal\n\nThe ministers met on Monday in Oslo.\n")
    alone(unpacked, tmp_path, "init", "ws")
    assert (tmp_path / "ws/label_config.xml").is_file()
    assert "1" in alone(unpacked, tmp_path, "--workspace", "ws", "articles", "add", "news.txt")
    assert "1 in 1 story groups" in alone(unpacked, tmp_path, "--workspace", "ws", "status")
