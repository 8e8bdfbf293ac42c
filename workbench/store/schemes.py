"""The label schemes that annotation sets were made under."""

from workbench.core.scheme import LabelScheme
from workbench.store.database import Transaction, now
from workbench.store.tables import SchemeRow


def keep(session: Transaction, scheme: LabelScheme) -> None:
    """Keeps a scheme, so that sets which were made under it can be read when another has taken its place."""
    if session.get(SchemeRow, scheme.digest) is None:
        session.add(SchemeRow(digest=scheme.digest, body=scheme.model_dump_json(exclude_defaults=True), stored=now()))
        session.flush()


def find(session: Transaction, digest: str) -> LabelScheme | None:
    """The scheme with this digest; None where it was not kept."""
    row = session.get(SchemeRow, digest)
    return LabelScheme.model_validate_json(row.body) if row else None
