"""Writes docs/demo.png, the end of what `make demo` prints; needs Chromium.

FORCE_COLOR=1 make demo FRESH=1 >demo.txt
python tools/picture.py demo.txt
"""

import io
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "demo.png"
BEGINS = "What the annotators did with the suggestions"
COLUMNS, PIXELS = 120, 1240


def drawing(printed: str) -> str:
    """The tables and the lines after them as an SVG of a terminal."""
    lines = printed.splitlines()
    start = next(number for number, line in enumerate(lines) if BEGINS in line)
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, highlight=False)
    console.print(Text.from_ansi("\n".join(lines[start:])))
    # A font of the system: nothing is loaded from elsewhere.
    return console.export_svg(title="make demo").replace("Fira Code", "DejaVu Sans Mono")


def main(source: Path) -> None:
    """Draws what the file holds."""
    svg = drawing(source.read_text(encoding="utf-8"))
    chromium = next(path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name)))
    # Chromium's sandbox refuses to run as root.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        page = browser.new_page(viewport={"width": PIXELS, "height": 100})
        page.set_content(f"<body style='margin:0'>{svg}</body>", wait_until="domcontentloaded")
        page.locator("svg.rich-terminal").screenshot(path=PICTURE, omit_background=True)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
