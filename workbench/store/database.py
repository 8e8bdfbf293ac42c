"""Opens the store: engine, transactions, migrations with a backup before them."""

import os
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError
from sqlmodel import Session

from workbench.core.ports import Progress
from workbench.errors import StoreError, StoreUnavailable, masked
from workbench.store import dumps, locks
from workbench.store.tables import Table

Transaction = Session
"""What repository functions work in: all of it is kept, or nothing."""

BUSY_SECONDS = 30


class Store:
    """The workbench's database.

    `Store.open` brings it to this program's version first. `transaction` writes, `reading` only reads; migrations, dumps
    and locks use the engine itself.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str, *, backups: Path | None = None) -> "Store":
        """The store at a SQLAlchemy URL, made or migrated as needed.

        An older store is copied to `backups` before it is migrated.

        Raises:
            StoreUnavailable: the database does not answer, or is locked, read-only or full.
            StoreError: the URL is none, or a newer version of this program wrote the store.
        """
        from workbench.store import schema_version

        store = cls(_engine(url))
        try:
            with store._faults():
                found = schema_version.current(store.engine)
                if found != schema_version.newest():
                    schema_version.refuse_newer(found, store.name)
                    if store.file and _cannot_be_written(store.file):
                        raise StoreUnavailable(
                            f"the store {store.name} is of an earlier version, and its folder is read-only",
                            hint="copy the workspace to where it can be written, and run the command there",
                        )
                    if found is not None and backups is not None:
                        store.backup(backups / f"store-before-{schema_version.newest()}-{_stamp()}")
                    schema_version.upgrade(store.engine)
        except StoreError:
            store.close()
            raise
        return store

    @property
    def name(self) -> str:
        """The database's URL without its password, for messages."""
        url = self.engine.url
        if url.get_backend_name() == "sqlite":  # as it is typed: `render_as_string` writes é as %C3%A9
            return f"{url.drivername}:///{url.database or ':memory:'}"
        return masked(url.render_as_string(hide_password=True))

    @contextmanager
    def transaction(self) -> Generator[Transaction]:
        """A transaction: committed at the end of the block, rolled back when it raises.

        Raises:
            StoreUnavailable: the database is locked, read-only, full or gone.
        """
        with self._faults(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Generator[Transaction]:
        """A transaction that only reads, and sees the store as it was at its beginning: it waits for nobody, nor anybody for it.

        Raises:
            StoreUnavailable: the database is gone.
        """
        with self._faults(), Session(_reader(self.engine), expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def exclusive(self, name: str, progress: Progress) -> Generator[None]:
        """Nobody else, in whatever process, is in a block of the same name; who is there already is waited for, and named.

        Raises:
            StoreUnavailable: the lock cannot be had, because the folder or the database cannot be written.
        """
        if self.engine.dialect.name != "sqlite":
            with self._faults(), locks.advisory(self.engine, name, progress):
                yield
        elif file := self.file:
            with locks.beside(file, name, progress):
                yield
        else:
            yield

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None for a server's, and for one in memory, which no other process sees."""
        found = self.engine.url.database
        if self.engine.dialect.name != "sqlite" or not found or found == ":memory:":
            return None
        return Path(found.removeprefix("file:"))

    def shred(self) -> None:
        """Takes what was deleted out of the database's files, too, as far as nobody is reading them.

        Raises:
            StoreUnavailable: the database is locked, read-only, full or gone.
        """
        if self.engine.dialect.name != "sqlite":
            names = ", ".join(f'"{table.name}"' for table in Table.metadata.sorted_tables)
            with self._faults(), self.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql(f"VACUUM (FULL) {names}")
            return
        # Not by a connection of SQLAlchemy's, which begins a transaction: VACUUM cannot run within one.
        raw = self.engine.raw_connection()
        try:
            assert raw.driver_connection is not None
            for statement in ("PRAGMA query_only=OFF", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                raw.driver_connection.execute(statement).fetchall()
        except sqlite3.Error as error:
            raise StoreUnavailable(
                f"what was deleted is still in the files of {self.name}: {error}",
                hint="end what else uses the store, and run the command again",
            ) from error
        finally:
            raw.close()

    def backup(self, stem: Path) -> Path:
        """The file that a copy of the whole store was written to: `.db` from SQLite, `.jsonl.gz` from a server."""
        stem.parent.mkdir(parents=True, exist_ok=True)
        if file := self.file:
            path = stem.with_name(stem.name + ".db")
            dumps.copy_sqlite(file, path)
            return path
        path = stem.with_name(stem.name + ".jsonl.gz")
        with self._faults():
            dumps.dump(self.engine, path)
        return path

    @classmethod
    def closed(cls, url: str) -> "Store":
        """The store at a URL as it is: neither made nor migrated, and not to be read or written by transactions."""
        return cls(_engine(url))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing at its URL yet."""
        if file := self.file:
            return not file.exists()
        with self._faults():
            return dumps.is_empty(self.engine)

    def replace(self, copy: Path, aside: Path) -> Path | None:
        """The file in which what was there before is kept, if anything was; the store is now what `copy` holds.

        The copy is one by `backup`, of whatever database. Nobody else may use the store meanwhile.

        Args:
            copy: an SQLite file (`.db`) or rows (`.jsonl.gz`).
            aside: the beginning of the name of the file that keeps what was there.

        Raises:
            StoreError: the copy is damaged, or a newer version of this program wrote it.
            StoreUnavailable: the database does not answer, or is locked, read-only or full.
        """
        file = self.file
        if file is None:
            kept = None if self.is_empty else self.backup(aside)
            with self._faults(), self.engine.begin() as connection:
                dumps.drop(connection)
                dumps.load(connection, copy)
            self.close()
            return kept
        new = file.with_name(f".{file.name}.new")
        try:
            new.unlink(missing_ok=True)
            self._rebuild(copy, new)
            self.close()
            kept = dumps.move_sqlite(file, aside.with_name(aside.name + ".db"))
            new.replace(file)
        finally:
            for part in ("", "-wal", "-shm"):
                new.with_name(new.name + part).unlink(missing_ok=True)
        return kept

    def _rebuild(self, copy: Path, new: Path) -> None:
        """Makes a new SQLite file of a copy."""
        if copy.suffix == ".db":
            dumps.copy_sqlite(copy, new)
            return
        engine = _engine(f"sqlite:///{new}")
        try:
            with self._faults(), engine.begin() as connection:
                dumps.load(connection, copy)
        finally:
            engine.dispose()

    def close(self) -> None:
        """Lets go of the database's connections."""
        self.engine.dispose()

    @contextmanager
    def _faults(self) -> Generator[None]:
        try:
            yield
        except DatabaseError as error:
            raise _explained(error, self.name) from error


def now() -> str:
    """The time as the store writes it: ISO 8601, UTC, to the microsecond."""
    return datetime.now(UTC).isoformat()


def _stamp() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S")


def _engine(url: str) -> Engine:
    try:
        parsed: URL = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            if parsed.database and not parsed.database.startswith("file:"):
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            if parsed.database and _cannot_be_written(Path(parsed.database)):
                engine = create_engine(parsed, creator=lambda: _as_it_is(Path(str(parsed.database))))
            else:
                engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS})
                event.listen(engine, "connect", _sqlite_connect)
            event.listen(engine, "begin", _sqlite_begin)
            return engine
        if parsed.drivername == "postgresql":  # which would mean a driver that is not installed
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() != "postgresql":
            raise StoreError(
                f"{parsed.get_backend_name()} is not a database for the store",
                hint="use sqlite or postgresql+psycopg",
            )
        if "@" in f"{parsed.host}{parsed.database}":
            raise StoreError(
                "the database URL cannot be used: it has more than one @",
                hint="in a user name or a password write @ as %40, / as %2F, : as %3A",
            )
        return create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError):
        # Neither with the URL nor with the cause: what cannot be taken apart cannot be masked either.
        raise StoreError(
            "the database URL cannot be used",
            hint="write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME; in a password @ as %40, / as %2F",
        ) from None
    except OSError as error:
        raise StoreUnavailable(f"the store's folder cannot be made: {error}") from error


def _cannot_be_written(file: Path) -> bool:
    """Whether a database lies in a folder that this process cannot write to."""
    own = os.access in os.supports_effective_ids
    return file.is_file() and not os.access(file.parent, os.W_OK, effective_ids=own)


def _as_it_is(file: Path) -> sqlite3.Connection:
    """A connection that reads a database in a read-only folder, in which SQLite cannot make the files that it reads with.

    Where somebody else is at work there, these files are there, and are used.
    """
    log = file.with_name(f"{file.name}-wal")
    at_work = log.is_file() and log.stat().st_size > 0
    address = f"{file.resolve().as_uri()}?mode=ro" + ("" if at_work else "&immutable=1")
    connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)
    connection.isolation_level = None
    return connection


def _sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Any) -> None:
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reads else 'OFF'}")
    # IMMEDIATE, so that a read that turns into a write cannot fail half-way with a lock that somebody else holds.
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _reader(engine: Engine) -> Engine:
    """The same engine, whose transactions can't write."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(reads=True)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _explained(error: DatabaseError, name: str) -> StoreError:
    text = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    lowered = text.lower()
    for sign, message, hint in (
        ("locked", "is locked by another program", "wait for it, or end it, then run the command again"),
        ("lock timeout", "is locked by another program", "wait for it, or end it, then run the command again"),
        ("deadlock", "is locked by another program", "run the command again"),
        ("readonly", "is read-only", "check the permissions of the file and its folder"),
        ("read-only", "is read-only", "check the permissions of the database"),
        ("disk is full", "cannot grow: the disk is full", "make room, then run the command again"),
        ("no space left", "cannot grow: the disk is full", "make room, then run the command again"),
        ("disk i/o error", "cannot be used: the disk is full, or fails", "make room, then run the command again"),
        ("unable to open", "cannot be opened", "check the path and its permissions"),
        ("connection", "does not answer", "check that the database server runs and the URL is right"),
        ("could not connect", "does not answer", "check that the database server runs and the URL is right"),
    ):
        if sign in lowered:
            return StoreUnavailable(f"the store {name} {message} ({text})", hint=hint)
    return StoreError(
        f"the store {name} refused: {text}", hint="run the command with --debug, and keep a copy of the store"
    )
