"""What models learn from corrected articles on MEN, a corpus with a scheme of its own: part of `make quality`.

The articles of the reported fold are measured on and nothing else; from the others as many are drawn as the size says.
Three ways to learn stand side by side: the workbench's model that starts from the rules' suggestions, the same without
them, and spaCy's own entity recogniser trained on from the base pipeline. Nothing is mapped by hand: the rules' labels
are not MEN's. FULL=1 runs three seeds at 10, 20, 40 and 80 articles; the default is one seed at 10 and 20.
"""

import argparse
import os
import sys
from pathlib import Path
from statistics import fmean

import corpora

from workbench.core.ports import Silent
from workbench.preannotate.rules.annotator import Rules
from workbench.workflows.points import add_point, digest, known_points
from workbench.workflows.replay import Learner, Point, Setting, replay

LEARNERS: tuple[Learner, ...] = ("suggestions", "words", "ner")
GOALS = {"ner": 0.05, "words": 0.03}
"""How far F1 of "suggestions" has to lie above the others', up to 40 articles."""


def main() -> None:
    """Runs what is not known yet and prints the table."""
    full = bool(os.environ.get("FULL"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10,20,40,80" if full else "10,20")
    parser.add_argument("--seeds", type=int, default=3 if full else 1)
    parser.add_argument("--learners", default=",".join(LEARNERS))
    parser.add_argument("--development", action="store_true", help="draw and measure within the fold for development")
    parser.add_argument("--keep", type=Path, default=None, help="file of points: an interrupted run goes on from it")
    given = parser.parse_args()
    if not corpora.here("men"):
        say(f"MEN is not at {corpora.FOLDER}: 1 measurement was skipped")
        return
    scheme = corpora.men_scheme()
    pool = corpora.men_gold(scheme, reported=False)
    test = corpora.men_gold(scheme, reported=True)
    if given.development:
        pool, test = pool[:70], pool[70:]
    setting = Setting(pool=pool, test=test, scheme=scheme, rules=Rules(scheme), pipeline="en_core_web_sm")
    name = digest(pool, test, scheme, setting.rules.producer)
    known = known_points(given.keep, name) if given.keep else []
    sizes = [int(size) for size in given.sizes.split(",")]
    points: list[Point] = list(known)
    say(f"MEN: {len(pool)} articles to draw from, {len(test)} to measure on")
    for seed in range(given.seeds):
        for learner in given.learners.split(","):
            done = {p.articles for p in known if (p.learner, p.seed) == (learner, seed)}
            if done >= set(sizes):
                continue
            for point in replay(setting, Silent(), strategy="random", learner=learner, seed=seed, sizes=sizes):
                if point.articles in done:
                    continue
                points.append(point)
                if given.keep:
                    add_point(given.keep, name, point)
                say(f"  {learner} {point.articles} seed {seed}: F1 {point.f1:.3f}, {point.seconds:.0f} s")
    table(points, sizes)


def table(points: list[Point], sizes: list[int]) -> None:
    """Prints means over seeds, and by how much the first learner leads."""
    say(f"\n{'F1 (CPU s to train)':22}" + "".join(f"{size:>16}" for size in sizes))
    means: dict[tuple[str, int], float] = {}
    for learner in dict.fromkeys(point.learner for point in points):
        cells: list[str] = []
        for size in sizes:
            own = [p for p in points if (p.learner, p.articles) == (learner, size)]
            if own:
                means[learner, size] = fmean(p.f1 for p in own)
                cells.append(f"{means[learner, size]:.3f} ({fmean(p.seconds for p in own):.0f})")
            else:
                cells.append("")
        say(f"{learner:22}" + "".join(f"{cell:>16}" for cell in cells))
    for other, goal in GOALS.items():
        leads = [
            means["suggestions", size] - means[other, size]
            for size in sizes
            if ("suggestions", size) in means and (other, size) in means
        ]
        if leads:
            say(f"{'lead over ' + other:22}" + "".join(f"{lead:>+16.3f}" for lead in leads) + f"   (goal {goal:+.2f})")


def say(line: str) -> None:
    """Prints a line at once, so that a long run can be watched."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
