"""Gold releases: written once, never changed."""

import json
from pathlib import PurePath
from typing import Any

from sqlmodel import col, select

from workbench.core.frozen import Frozen
from workbench.errors import ReleaseError
from workbench.store.database import Transaction, now
from workbench.store.tables import ReleaseItemRow, ReleaseRow


class ReleaseItem(Frozen):
    """An article in a release; `set_id` is the key of its gold, `part` is train, dev or test."""

    article_id: str
    article_version: int
    set_id: str
    part: str
    story_group: str
    annotators: tuple[str, ...]


class Release(Frozen):
    """A gold release. `digest` covers items and texts; `manifest` is the JSON document that is exported with it."""

    name: str
    digest: str
    created: str
    manifest: dict[str, Any]
    items: tuple[ReleaseItem, ...]


def add(session: Transaction, release: Release) -> None:
    """Writes a release.

    Raises:
        ReleaseError: one with this name is there.
    """
    if session.get(ReleaseRow, release.name) is not None:
        raise ReleaseError(
            f"there is a release {release.name}, and releases don't change", hint="give the new one another name"
        )
    session.add(
        ReleaseRow(
            name=release.name,
            digest=release.digest,
            created=release.created or now(),
            manifest=json.dumps(release.manifest, ensure_ascii=False),
        )
    )
    session.flush()
    for item in release.items:
        session.add(
            ReleaseItemRow(
                release=release.name,
                **item.model_dump(exclude={"annotators"}),
                annotators=json.dumps(item.annotators, ensure_ascii=False),
            )
        )
    session.flush()


def get(session: Transaction, name: str) -> Release:
    """The release with this name.

    Raises:
        ReleaseError: there is none.
    """
    row = session.get(ReleaseRow, name)
    if row is None:
        known = ", ".join(names(session)) or "none yet"
        raise ReleaseError(
            f"no release {name!r}; there are: {known}",
            hint="a release goes by its name; `workbench import FILE` takes in a file's annotated articles for one"
            if "/" in name or PurePath(name).suffix
            else "make one with `workbench gold release NAME`",
        )
    query = select(ReleaseItemRow).where(ReleaseItemRow.release == name).order_by(col(ReleaseItemRow.article_id))
    items = tuple(
        ReleaseItem(
            article_id=item.article_id,
            article_version=item.article_version,
            set_id=item.set_id,
            part=item.part,
            story_group=item.story_group,
            annotators=tuple(json.loads(item.annotators)),
        )
        for item in session.exec(query)
    )
    try:
        manifest = json.loads(row.manifest)
    except ValueError as error:
        raise ReleaseError(
            f"the manifest of the release {name} in the store is no JSON: {error}",
            hint="restore the workspace from a backup",
        ) from error
    return Release(name=row.name, digest=row.digest, created=row.created, manifest=manifest, items=items)


def names(session: Transaction) -> list[str]:
    """The releases, oldest first."""
    return list(session.exec(select(ReleaseRow.name).order_by(col(ReleaseRow.created), col(ReleaseRow.name))))
