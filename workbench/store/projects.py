"""The Label Studio projects that were made, with their label configs and how far they were pulled."""

from sqlmodel import col, select

from workbench.core.frozen import Frozen
from workbench.errors import StoreError
from workbench.store import problems
from workbench.store.annotations import SUGGESTING
from workbench.store.database import Transaction, now
from workbench.store.tables import LsProjectRow


class Project(Frozen):
    """A Label Studio project. `watermark` is the server's clock up to which changes were pulled.

    `review_round` numbers the projects in which annotations are adjudicated; it is 0 where articles are annotated.
    """

    id: int
    server: str
    project_id: int
    title: str
    scheme_digest: str
    config: str
    model_version: str | None
    watermark: str | None
    review_round: int = 0

    @property
    def origin(self) -> str:
        """What revisions of annotations of this project call their origin."""
        return f"label-studio:{self.id}"

    @property
    def suggested_by(self) -> tuple[str, ...]:
        """The kinds of producers whose sets its tasks suggest."""
        return ("adjudicated",) if self.review_round else SUGGESTING


def add(
    session: Transaction,
    *,
    server: str,
    project_id: int,
    title: str,
    scheme_digest: str,
    config: str,
    review_round: int = 0,
) -> Project:
    """Remembers a project that was made."""
    row = LsProjectRow(
        server=server,
        project_id=project_id,
        title=title,
        scheme_digest=scheme_digest,
        config=config,
        created=now(),
        review_round=review_round,
    )
    session.add(row)
    session.flush()
    return _project(row)


def find(session: Transaction, server: str, title: str) -> Project | None:
    """The newest project with this title on this server that we know of."""
    query = select(LsProjectRow).where(LsProjectRow.server == server, LsProjectRow.title == title)
    row = session.exec(query.order_by(col(LsProjectRow.id).desc())).first()
    return _project(row) if row else None


def every(session: Transaction) -> list[Project]:
    """All projects, oldest first."""
    return [_project(row) for row in session.exec(select(LsProjectRow).order_by(col(LsProjectRow.id)))]


def reviews(session: Transaction, server: str) -> list[Project]:
    """The newest project of each round on this server in which annotations are adjudicated, the first round first."""
    query = select(LsProjectRow).where(LsProjectRow.server == server, col(LsProjectRow.review_round) > 0)
    found = {row.review_round: _project(row) for row in session.exec(query.order_by(col(LsProjectRow.id)))}
    return [found[number] for number in sorted(found)]


def set_watermark(session: Transaction, project: int, watermark: str) -> None:
    """Writes down the server's clock up to which changes were pulled."""
    row = _project_row(session, project)
    row.watermark = watermark
    session.add(row)
    session.flush()


def set_model_version(session: Transaction, project: int, model_version: str) -> None:
    """Writes down which predictions the project shows."""
    row = _project_row(session, project)
    row.model_version = model_version
    session.add(row)
    session.flush()


def set_config(session: Transaction, project: int, config: str) -> None:
    """Writes down the label config that the project has now; it means what the old one meant."""
    row = _project_row(session, project)
    row.config = config
    session.add(row)
    session.flush()


def set_scheme(session: Transaction, project: int, *, config: str, scheme_digest: str) -> None:
    """Writes down the label config that the project has now, of another meaning.

    Where annotations are waiting that did not fit, everything is pulled again: they may fit now.
    """
    row = _project_row(session, project)
    row.config, row.scheme_digest = config, scheme_digest
    if problems.unsettled(session, project):
        row.watermark = None
    session.add(row)
    session.flush()


def _project_row(session: Transaction, project: int) -> LsProjectRow:
    row = session.get(LsProjectRow, project)
    if row is None:
        raise StoreError(f"no project {project} in the store")
    return row


def _project(row: LsProjectRow) -> Project:
    return Project.model_validate(row.model_dump(exclude={"created"}))
