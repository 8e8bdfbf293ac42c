"""Which version of the tables a store has, and the way to the newest, by Alembic's versioned migrations."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from workbench.errors import StoreError


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def newest() -> str:
    """The version that this program writes."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def current(engine: Engine) -> str | None:
    """The version of the store behind the engine; None where it is new."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def refuse_newer(found: str | None, name: str) -> None:
    """Refuses a store whose version this program does not know.

    Raises:
        StoreError: a newer version of the workbench wrote it.
    """
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise StoreError(
            f"the store {name} has version {found}, which this workbench does not know; it writes {newest()}",
            hint="a newer workbench wrote it: install that one",
            found=found,
        )


def upgrade(engine: Engine) -> None:
    """Brings the store to the newest version, in one transaction."""
    with engine.begin() as connection:
        upgrade_on(connection)


def upgrade_on(connection: Connection, *, to: str = "head") -> None:
    """Brings the store to a version, in the connection's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)
