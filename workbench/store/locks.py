"""Locks by which only one process at a time does a thing to a store: a file beside SQLite, an advisory lock elsewhere.

The system lets go of both when a process dies, however it dies.
"""

import os
import time
import zlib
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError

from workbench.core.ports import Progress
from workbench.errors import StoreUnavailable

_OURS = 0x574B42
"""The first half of the advisory locks' keys: no other program's locks on the same database are met."""
_PAUSE = 0.25


@contextmanager
def beside(database: Path, name: str, progress: Progress) -> Generator[None]:
    """Nobody else has this file lock within the block.

    Raises:
        StoreUnavailable: the lock file cannot be made.
    """
    lock = FileLock(database.with_name(f"{database.name}.{name}.lock"))
    holder = database.with_name(f"{database.name}.{name}.holder")
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            progress.say(waiting(name, _read(holder)))
            lock.acquire(poll_interval=_PAUSE)
        holder.write_text(_signature(), encoding="utf-8")
    except OSError as error:
        lock.release()
        raise StoreUnavailable(
            f"the lock {lock.lock_file} cannot be made: {error.strerror}",
            hint="check the permissions of the store's folder, and the room on its disk",
        ) from error
    try:
        yield
    finally:
        with suppress(OSError):
            holder.unlink(missing_ok=True)
        lock.release()


@contextmanager
def advisory(engine: Engine, name: str, progress: Progress) -> Generator[None]:
    """Nobody else has this advisory lock of a PostgreSQL database within the block; a connection of its own holds it."""
    key = {"ours": _OURS, "name": zlib.crc32(name.encode()) & 0x7FFFFFFF}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()
        told = False
        while not connection.execute(text("SELECT pg_try_advisory_lock(:ours, :name)"), key).scalar():
            if not told:
                progress.say(waiting(name, _holder(connection, key)))
                told = True
            time.sleep(_PAUSE)
        connection.execute(text("SELECT set_config('application_name', :mine, false)"), {"mine": _signature()})
        try:
            yield
        finally:
            # Where the connection broke, the server has let go of the lock already.
            with suppress(DatabaseError):
                connection.execute(text("SELECT pg_advisory_unlock(:ours, :name)"), key)


def waiting(name: str, signature: str) -> str:
    """What a user is told who waits for the one that signed so."""
    process, _, began = signature.partition(" ")
    if not began:
        return f"waiting for another {name}…"
    with suppress(ValueError):
        began = datetime.fromisoformat(began).astimezone().strftime("%H:%M:%S")
    return f"waiting for the {name} that process {process} began at {began}…"


def _signature() -> str:
    return f"{os.getpid()} {datetime.now(UTC).isoformat(timespec='seconds')}"


def _read(holder: Path) -> str:
    try:
        return holder.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _holder(connection: Connection, key: dict[str, int]) -> str:
    found = connection.execute(
        text(
            "SELECT activity.application_name FROM pg_locks JOIN pg_stat_activity AS activity USING (pid) "
            "WHERE locktype = 'advisory' AND granted AND classid = :ours AND objid = :name AND datname = current_database()"
        ),
        key,
    )
    return str(found.scalar() or "")
