"""Prints how much of the package the unit tests run, branches too, and every file of which they run too little."""

import json
import tempfile
from pathlib import Path
from typing import Any

from coverage import Coverage

LEAST = 85.0


def main() -> None:
    measured = Coverage()
    measured.combine()
    measured.save()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "coverage.json"
        measured.json_report(outfile=str(report))
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    totals = found["totals"]
    print(
        f"the unit tests run {totals['covered_lines']} of {totals['num_statements']} statements and "
        f"{totals['covered_branches']} of {totals['num_branches']} branches: {totals['percent_covered']:.1f} %"
    )
    low = sorted(
        (one["summary"]["percent_covered"], name)
        for name, one in found["files"].items()
        if one["summary"]["percent_covered"] < LEAST
    )
    print(f"{len(low)} of {len(found['files'])} files are below {LEAST:.0f} %:")
    for percent, name in low:
        print(f"{percent:5.1f} %  {name}")


if __name__ == "__main__":
    main()
