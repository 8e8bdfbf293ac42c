"""Whether a project's label config is still the one that it was given, or somebody edited it on its settings page."""

from typing import Protocol
from xml.etree import ElementTree

from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme
from workbench.core.scheme_change import diff
from workbench.errors import SchemeError

LISTED = 5
CHOICE = "`workbench scheme push` puts label_config.xml back there, `workbench scheme pull` takes theirs into label_config.xml"
HINT = f"`workbench scheme diff` shows what differs; {CHOICE}"


class Given(Protocol):
    """A project with the label config that it was given."""

    @property
    def project_id(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def config(self) -> str: ...


class ConfigEdit(Frozen):
    """An edit of a project's label config that did not come from here.

    `changes` says in words what it changed in the scheme; nothing where only looks or hints differ. `takes_away` says
    that what fits the scheme that the project was given need not fit what it has now.
    """

    project_id: int
    title: str
    changes: tuple[str, ...]
    takes_away: bool

    def __str__(self) -> str:
        more = f"; and {len(self.changes) - LISTED} more" if len(self.changes) > LISTED else ""
        what = "; ".join(self.changes[:LISTED]) or "its looks or hints"
        return f"the label config of project {self.project_id} ({self.title}) was edited in Label Studio: {what}{more}"


def config_edit(project: Given, theirs: object) -> ConfigEdit | None:
    """What somebody changed in a project's label config since it was last given one; None where nobody did.

    Args:
        project: as the store has it, with the config that it was given.
        theirs: the config that it has on the server; what is no text counts as none, for the server did not say.
    """
    if not isinstance(theirs, str) or not theirs or same_config(project.config, theirs):
        return None
    given = LabelScheme.from_xml(project.config, name=f"the config of project {project.title}")
    try:
        found = diff(given, LabelScheme.from_xml(theirs, name="it"))
    except SchemeError as error:
        changes, takes_away = (f"{error.message}",), True
    else:
        changes, takes_away = tuple(map(str, found.changes)), any(change.orphans for change in found.changes)
    return ConfigEdit(project_id=project.project_id, title=project.title, changes=changes, takes_away=takes_away)


def same_config(one: str, other: str) -> bool:
    """Whether two label configs are the same to every reader: comments, white space and spelling don't count."""
    return one.strip() == other.strip() or _canonical(one) == _canonical(other)


def _canonical(config: str) -> str:
    try:
        return ElementTree.canonicalize(config, strip_text=True)
    except ElementTree.ParseError:
        return config.strip()
