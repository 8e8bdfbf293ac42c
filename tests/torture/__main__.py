"""The long version: `python -m torture --runs 200`, in this folder's parent; `make torture` says it shorter."""

import argparse
import socket
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from torture.harness import Outcome, Person, hired, run
from torture.summary import lines

from workbench.core.ports import Silent
from workbench.labelstudio.server.embedded import Server


def main() -> int:
    """How many runs found something, at most 1: what the shell takes for success or failure."""
    parser = argparse.ArgumentParser(prog="python -m torture", description="Seeded runs of faults and kills.")
    parser.add_argument("--runs", type=int, default=200, help="how many")
    parser.add_argument("--first", type=int, default=1, help="the first one's seed")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time; one is replayed best alone")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        folder = Path(name)
        server = Server(folder / "label-studio")
        say("starting Label Studio")
        server.start(Silent(), port=free_port())
        try:
            outcomes = _all(server, folder, asked.runs, asked.first, asked.jobs)
        finally:
            server.stop()
    say("\n".join(lines(outcomes)))
    return int(any(outcome.findings for outcome in outcomes))


def _all(server: Server, folder: Path, runs: int, first: int, jobs: int) -> list[Outcome]:
    owner = server.owner()
    assert owner is not None
    done: list[Outcome] = []
    began = time.monotonic()

    def one(seed: int) -> Outcome:
        place = folder / f"run-{seed}"
        place.mkdir()
        with closing(server.client()) as client:
            return run(seed, place, client, owner.token, people)

    with closing(server.client()) as client, ThreadPoolExecutor(max_workers=jobs) as workers:
        people: list[Person] = hired(client, folder)
        for outcome in workers.map(one, range(first, first + runs)):
            done.append(outcome)
            said = "; ".join(outcome.findings) or "as it should be"
            say(
                f"{len(done):>4}/{runs}  seed {outcome.seed}  {outcome.faults.total()} faults, "
                f"{outcome.kills.total()} kills, {outcome.acts.total()} acts, {outcome.seconds:.0f} s: {said}  "
                f"[{time.monotonic() - began:.0f} s]"
            )
    return done


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
