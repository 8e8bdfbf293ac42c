"""A workspace as version 0.1.0 left it: settings, label config, store, an export and a model.

Of the model, files that are the base pipeline's own, byte for byte, are not kept: they are taken from where that is
installed.
"""

import shutil
import tarfile
from pathlib import Path

from spacy.util import get_package_path

from workbench.pipeline.base import resolve

ARCHIVE = Path(__file__).parent / "data" / "workspace-0.1.0.tar.xz"
MODEL = "demo-1-1"


def unpack(folder: Path) -> Path:
    """The workspace, in a folder of its own below `folder`."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    root = folder / "news"
    (base,) = (path.parent for path in get_package_path(resolve("en_core_web_sm")).glob("*/meta.json"))
    model = root / "models" / MODEL
    for line in (model / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        name = line.partition("  ")[2]
        if not (model / name).exists():
            (model / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(base / name, model / name)
    return root
