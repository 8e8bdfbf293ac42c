"""A trained pipeline as a wheel: `pip install` it, and `spacy.load` finds it by name.

The wheel has spaCy's own layout, which is that of `en_core_web_sm`, and comes out byte for byte the same from the same
model. It is written directly, since nothing in it has to be built.
"""

import base64
import hashlib
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from spacy.about import __version__ as spacy_version

from workbench import files
from workbench.core.frozen import Frozen
from workbench.errors import ModelError
from workbench.pipeline.base import CODE, META
from workbench.version import __version__

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_VERSION = re.compile(r"\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?")
_DATE = (1980, 1, 1, 0, 0, 0)
_INIT = """from pathlib import Path

{code}from spacy.util import get_model_meta, load_model_from_init_py

__version__ = get_model_meta(Path(__file__).parent)["version"]


def load(**overrides):
    return load_model_from_init_py(__file__, **overrides)
"""
_CODE = "import {}  # makes components of the pipeline\n"


class PackageFacts(Frozen):
    """What a package says of itself. `name` is what it is installed and loaded as, with the language before it."""

    name: str
    version: str = "0.1.0"
    license: str = ""
    author: str = ""
    email: str = ""
    url: str = ""
    description: str = ""


def write_wheel(model: Path, facts: PackageFacts, output: Path) -> Path:
    """The wheel of the pipeline in the folder `model`, written into `output`.

    Raises:
        ModelError: the name or the version is none that a package can have, the folder holds no pipeline, or the wheel
            cannot be written.
    """
    meta = _meta(model, facts)
    module, version = f"{meta['lang']}_{meta['name']}", str(meta["version"])
    code = cast("dict[str, str]", meta.get(META) or {}).get(CODE, "")
    if code == module:
        raise ModelError(
            f"{module} is the package that makes components of this pipeline, and would be lost by another of its name",
            hint="give this one another name with --name",
        )
    info = f"{module}-{version}.dist-info"
    data = f"{module}/{module}-{version}"
    target = output / f"{module}-{version}-py3-none-any.whl"
    about = json.dumps(meta, indent=2, ensure_ascii=False).encode()
    members: dict[str, bytes | Path] = {
        f"{module}/__init__.py": _INIT.format(code=_CODE.format(code) if code else "").encode(),
        f"{module}/meta.json": about,
        f"{data}/meta.json": about,
    }
    for path in sorted(model.rglob("*")):
        name = path.relative_to(model).as_posix()
        if path.is_file() and name not in ("meta.json", files.SUMS):
            members[f"{data}/{name}"] = path
    members[f"{info}/METADATA"] = _metadata(module, meta).encode()
    members[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: news-workbench {__version__}\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    ).encode()
    members[f"{info}/entry_points.txt"] = f"[spacy_models]\n{module} = {module}\n".encode()
    try:
        with files.gone_if_empty(output), files.work_folder(output) as work:
            _zip(work / target.name, members, info)
            (work / target.name).replace(target)
    except OSError as error:
        raise ModelError(
            f"the wheel cannot be written to {output}: {error.strerror or error}",
            hint="make room, or name another folder with --output",
        ) from error
    return target


def _meta(model: Path, facts: PackageFacts) -> dict[str, Any]:
    """The pipeline's meta.json with what the package says of itself."""
    try:
        meta = cast("dict[str, Any]", json.loads((model / "meta.json").read_text(encoding="utf-8")))
        lang = str(meta["lang"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{model} holds no pipeline: its meta.json cannot be read ({error})") from error
    name = facts.name.removeprefix(f"{lang}_")
    if not _NAME.fullmatch(name):
        raise ModelError(
            f"{facts.name!r} cannot be a package's name",
            hint="use small letters, digits and single underscores between them, as in `news`",
        )
    if not _VERSION.fullmatch(facts.version):
        raise ModelError(f"{facts.version!r} cannot be a package's version", hint="as in `0.1.0` or `1.2rc1`")
    own = facts.model_dump(exclude={"name"})
    return {**meta, **own, "name": name}


def _metadata(module: str, meta: dict[str, Any]) -> str:
    """The package's METADATA; a line end in a value would begin another field."""

    def line(value: object) -> str:
        return " ".join(str(value).split())

    fields = [("Name", module), ("Version", meta["version"]), ("Summary", meta["description"])]
    fields += [("Home-page", meta["url"]), ("Author", meta["author"]), ("Author-email", meta["email"])]
    fields += [("License", meta["license"])]
    wanted = [("Requires-Dist", requirement) for requirement in requirements(meta)]
    return "Metadata-Version: 2.1\n" + "".join(
        f"{field}: {line(value)}\n" for field, value in [*fields, *wanted] if line(value)
    )


def requirements(meta: dict[str, Any]) -> list[str]:
    """What the package asks for: the spaCy that it was trained with, and what its components come from."""
    named = [str(one) for one in cast("Sequence[object]", meta.get("requirements") or [])]
    others = [one for one in named if not re.match(r"spacy\b(?!-)", one)]
    return [f"spacy{meta.get('spacy_version') or f'>={spacy_version}'}", *others]


def _zip(path: Path, members: dict[str, bytes | Path], info: str) -> None:
    lines: list[str] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, source in members.items():
            content = source.read_bytes() if isinstance(source, Path) else source
            _store(archive, name, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            lines.append(f"{name},sha256={digest},{len(content)}")
        lines.append(f"{info}/RECORD,,")
        _store(archive, f"{info}/RECORD", ("\n".join(lines) + "\n").encode())


def _store(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)
