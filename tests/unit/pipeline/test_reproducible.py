"""What is learned is the same in every process, whatever the hashes of strings are there."""

import os
import subprocess
import sys

CODE = """
from types import SimpleNamespace
from workbench.pipeline.roles import Link, _link_features
span = SimpleNamespace(label_="GPE")
pair = SimpleNamespace(head=span, tail=span, head_layer="events", tail_layer="entities")
print(_link_features(pair, Link((), frozenset(["actor", "recipient", "place", "time", "holder"]), True, True, "k")))
"""


def test_features_of_roles_come_in_one_order() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", CODE],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(3)
    }
    assert len(printed) == 1
