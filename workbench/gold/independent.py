"""Which annotations of an article people made independently of each other, and why the others are none of these."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from workbench.store.revisions import SAYING, Revision

Reason = Literal[
    "copied", "edited after adjudication", "made in a review task", "of the same person", "other label scheme"
]

_Key = tuple[str, str]
"""Origin and id of an annotation."""


@dataclass(frozen=True)
class LeftOutRevision:
    """An annotation that does not count; `detail` says more, where there is more to say."""

    revision: Revision
    reason: Reason
    detail: str = ""


@dataclass
class Sorted:
    """The annotations of an article: by version and annotator those that count, and those that don't.

    `skipped`: people annotated it once or opened it, and everybody skipped it.
    """

    independent: dict[int, dict[str, Revision]] = field(default_factory=dict[int, dict[str, Revision]])
    left_out: list[LeftOutRevision] = field(default_factory=list[LeftOutRevision])
    skipped: bool = False


def sort_out(
    revisions: Sequence[Revision], kinds: Mapping[str, str], settled_by_rule: Mapping[int, str] | None = None
) -> Sorted:
    """Sorts the annotations of one article into those that count and those that don't.

    One person has one voice on an article version: what was submitted last. Imported annotations are the voice of the
    person that they name. One that was copied from somebody else's, that was made from the merged version in a review
    task, or that was changed after the article was adjudicated, is no voice of its own.

    Args:
        revisions: all of the article, in the order in which they were made.
        kinds: the kind of producer of every set that they name.
        settled_by_rule: when versions of the article were first adjudicated without a person.
    """
    by_annotation: dict[_Key, list[Revision]] = {}
    for revision in revisions:
        by_annotation.setdefault((revision.origin, revision.external_id), []).append(revision)
    last = {key: found[-1] for key, found in by_annotation.items()}
    reviews = {key for key, one in last.items() if "adjudicated" in (kinds.get(one.set_id), _parent_kind(one, kinds))}
    settled = _settled(by_annotation, reviews, settled_by_rule or {})
    found = Sorted()
    candidates = sorted(last.items(), key=lambda one: (one[1].updated, one[1].id or 0), reverse=True)
    for key, revision in candidates:
        if revision.state not in SAYING:
            continue
        copied = _copied_from(key, by_annotation)
        when = settled.get(revision.article_version)
        if key in reviews:
            found.left_out.append(LeftOutRevision(revision, "made in a review task"))
        elif copied:
            found.left_out.append(LeftOutRevision(revision, "copied", f"from {copied}"))
        elif when is not None and revision.created < when < revision.updated:
            found.left_out.append(LeftOutRevision(revision, "edited after adjudication", f"which was {when[:19]}"))
        else:
            people = found.independent.setdefault(revision.article_version, {})
            if revision.annotator in people:
                later = people[revision.annotator].updated[:19]
                found.left_out.append(LeftOutRevision(revision, "of the same person", f"who submitted again {later}"))
            else:
                people[revision.annotator] = revision
    states = {one.state for one in last.values()} - {"deleted"}
    found.skipped = states == {"skipped"}
    return found


def _parent_kind(revision: Revision, kinds: Mapping[str, str]) -> str | None:
    return kinds.get(revision.parent_set_id) if revision.parent_set_id else None


def _settled(
    by_annotation: Mapping[_Key, Sequence[Revision]], reviews: set[_Key], by_rule: Mapping[int, str]
) -> dict[int, str]:
    """When each version of the article was first adjudicated."""
    found = dict(by_rule)
    for key in reviews:
        for revision in by_annotation[key]:
            if revision.state in SAYING:
                before = found.get(revision.article_version)
                found[revision.article_version] = min(before or revision.updated, revision.updated)
    return found


def _copied_from(key: _Key, by_annotation: Mapping[_Key, Sequence[Revision]]) -> str:
    """Whose annotation this one was copied from, be it in several steps; empty where it was copied from nobody else's."""
    own = by_annotation[key][-1].annotator
    seen = {key}
    while True:
        parent = next(_parents(by_annotation[key]), None)
        if parent is None:
            return ""
        key = (key[0], parent)
        if key not in by_annotation:
            return f"annotation {parent}, which is not in the store"
        other = by_annotation[key][-1].annotator
        if other != own:
            return f"annotation {parent} by {other}"
        if key in seen:
            return ""
        seen.add(key)


def _parents(revisions: Sequence[Revision]) -> Iterator[str]:
    return (one.parent_annotation for one in reversed(revisions) if one.parent_annotation)
