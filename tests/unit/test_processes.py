"""Pools of processes end at once, also in the midst of a result."""

import subprocess
import sys

PROGRAM = """
import multiprocessing, sys, time
from concurrent.futures import ProcessPoolExecutor
from workbench.processes import end_at_once

def much(number):
    return b"x" * 40_000_000

pool = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork"))
for number in range(40):
    pool.submit(much, number)
time.sleep(float(sys.argv[1]))
end_at_once(pool, ())
print("ended")
"""


def test_a_program_ends_though_results_were_half_sent():
    for wait in ("0.05", "0.1", "0.2", "0.3"):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, wait], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.stdout == "ended\n"
