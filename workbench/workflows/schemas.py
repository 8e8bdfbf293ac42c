"""JSON Schemas of the documents that enter and leave, from their types. `workbench schemas DIR` writes them."""

import json
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from workbench.core.documents import AnnotatedArticleDocument, ArticleDocument
from workbench.core.report import Report, Shown
from workbench.core.stand_off import StandOffDocument
from workbench.errors import SettingsError
from workbench.gold.manifest import ReleaseManifest
from workbench.reports.anchoring import AnchoringReport
from workbench.reports.corrections import CorrectionsReport
from workbench.reports.history import HistoryReport
from workbench.reports.scheme_effects import SchemeChangeReport
from workbench.workflows.adjudicate import AdjudicationReport
from workbench.workflows.agreement import AgreementDocument
from workbench.workflows.backup import BackupManifest
from workbench.workflows.scoring import ScoreDocument

DOCUMENTS: dict[str, type[BaseModel]] = {
    "adjudication": AdjudicationReport,
    "agreement": AgreementDocument,
    "anchoring": AnchoringReport,
    "annotated-article": AnnotatedArticleDocument,
    "article": ArticleDocument,
    "backup-manifest": BackupManifest,
    "corrections": CorrectionsReport,
    "history": HistoryReport,
    "release-manifest": ReleaseManifest,
    "scheme-change": SchemeChangeReport,
    "score": ScoreDocument,
    "stand-off": StandOffDocument,
}
"""Every document by the name of its schema; a new kind of document is added here."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, str]:
    """The text of each schema by the name of its file."""
    return {f"{name}.schema.json": _schema(name, kind) for name, kind in DOCUMENTS.items()}


class SchemasReport(Report):
    """The schema files that were written."""

    files: tuple[Path, ...]

    def shown(self) -> Iterator[Shown]:
        """The files, one a line."""
        yield from map(str, self.files)


def write_schemas(folder: Path) -> SchemasReport:
    """The files that were written; schemas of documents that are no more are taken away.

    Raises:
        SettingsError: the folder cannot be written to.
    """
    try:
        return SchemasReport(files=tuple(_write(folder)))
    except OSError as error:
        raise SettingsError(f"{folder} cannot be written to: {error}", hint="name another folder") from error


def _write(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    texts = schemas()
    for old in folder.glob("*.schema.json"):
        if old.name not in texts:
            old.unlink()
    written: list[Path] = []
    for name, text in texts.items():
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return written


def _schema(name: str, kind: type[BaseModel]) -> str:
    body = kind.model_json_schema(by_alias=True)
    body["required"] = list(dict.fromkeys(["schema", *body.get("required", [])]))
    head = {"$schema": DIALECT, "$id": f"urn:workbench:{name}", "title": name}
    return (
        json.dumps({**head, **{key: body[key] for key in body if key != "title"}}, indent=2, ensure_ascii=False) + "\n"
    )
