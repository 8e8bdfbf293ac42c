"""Copies of a store: an SQLite file taken while others write, or the rows of any database, and the way back."""

import gzip
import json
import os
import shutil
import sqlite3
import stat
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from itertools import groupby
from pathlib import Path
from typing import Any, TypedDict, cast

from sqlalchemy import Connection, Engine, Integer, MetaData, Table, create_engine, inspect, select, text
from sqlalchemy.exc import DatabaseError

from workbench.errors import StoreError

VERSIONS = "alembic_version"
_BATCH = 500


class Row(TypedDict):
    """A row of a table as a dump holds it."""

    table: str
    row: dict[str, Any]


def copy_sqlite(source: Path, target: Path) -> None:
    """Copies an SQLite database as it is at one moment, whoever writes to it meanwhile; nobody may read the copy who may not read it.

    Raises:
        StoreError: it is none, is damaged, or cannot be copied.
    """
    try:
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT, stat.S_IMODE(source.stat().st_mode)))
        # No `with` on the connections alone: it would end their transactions and leave the files open.
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, timeout=30)) as there,
            closing(sqlite3.connect(target)) as copy,
        ):
            there.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            [found] = copy.execute("PRAGMA quick_check(1)").fetchone()
    except (sqlite3.Error, OSError) as error:
        raise StoreError(
            f"{source} cannot be copied to {target.parent}: {error}",
            hint=f"check that the file is sound, and the room at {target.parent}",
        ) from error
    if found != "ok":
        raise StoreError(f"{source} is damaged: {found}", hint="restore an earlier backup of it")


def move_sqlite(file: Path, target: Path) -> Path | None:
    """Where the database that was there is now, damaged or not, with what it had not yet written from its logs."""
    if not file.exists():
        return None
    with suppress(sqlite3.Error), closing(sqlite3.connect(file, timeout=30)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    target.parent.mkdir(parents=True, exist_ok=True)
    for log in ("-wal", "-shm", "-journal", ""):
        part = file.with_name(file.name + log)
        if part.exists():
            shutil.move(part, target.with_name(target.name + log))
    return target


def dump(engine: Engine, path: Path) -> None:
    """Writes every row as a line of JSON, all as they are at one moment; the version of the tables first."""
    tables = MetaData()
    tables.reflect(engine)
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    ordered = sorted(tables.sorted_tables, key=lambda table: table.name != VERSIONS)
    with (
        engine.connect().execution_options(**options) as connection,
        connection.begin(),
        gzip.open(path, "wt", encoding="utf-8", newline="\n") as file,
    ):
        for table in ordered:
            for row in _rows(connection, table):
                file.write(json.dumps({"table": table.name, "row": dict(row)}, ensure_ascii=False) + "\n")


def load(connection: Connection, path: Path) -> None:
    """Brings the rows of a copy (`.jsonl.gz`, or an SQLite file) into a database without tables, in one transaction.

    The tables are made in the version of the copy, and brought to this program's version with the rows in them.

    Raises:
        StoreError: the copy is damaged, or a newer version of this program wrote it.
    """
    from workbench.store import schema_version

    rows = _read(path)
    try:
        first = next(rows, None)
        if first is None or first["table"] != VERSIONS:
            raise StoreError(f"{path} is no copy of a store: it does not begin with its version")
        version = str(first["row"]["version_num"])
        schema_version.refuse_newer(version, str(path))
        schema_version.upgrade_on(connection, to=version)
        tables = MetaData()
        tables.reflect(connection)
        for name, group in groupby(rows, key=lambda row: row["table"]):
            _insert(connection, tables.tables[name], group)
        if connection.dialect.name == "postgresql":
            _go_on_counting(connection, tables)
        schema_version.upgrade_on(connection)
    except (KeyError, TypeError, ValueError, EOFError, OSError, zlib.error) as error:
        raise StoreError(f"{path} is a damaged copy of a store: {error}", hint="take another one") from error


def drop(connection: Connection) -> None:
    """Drops every table, in the connection's transaction."""
    tables = MetaData()
    tables.reflect(connection)
    tables.drop_all(connection)


def is_empty(engine: Engine) -> bool:
    """Whether the database has no tables."""
    return not inspect(engine).get_table_names()


def _rows(connection: Connection, table: Table) -> Iterator[Mapping[str, Any]]:
    keys = list(table.primary_key.columns)
    query = select(table).order_by(*keys)
    for row in connection.execution_options(yield_per=_BATCH).execute(query).mappings():
        yield cast("Mapping[str, Any]", row)


def _read(path: Path) -> Iterator[Row]:
    if path.suffix == ".db":
        yield from _read_sqlite(path)
        return
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield cast("Row", json.loads(line))


def _read_sqlite(path: Path) -> Iterator[Row]:
    engine = create_engine(f"sqlite:///{path}")
    try:
        tables = MetaData()
        tables.reflect(engine)
        with engine.connect() as connection:
            for table in sorted(tables.sorted_tables, key=lambda table: table.name != VERSIONS):
                for row in _rows(connection, table):
                    yield {"table": table.name, "row": dict(row)}
    except DatabaseError as error:
        raise StoreError(f"{path} is a damaged copy of a store: {error.orig}", hint="take another one") from error
    finally:
        engine.dispose()


def _insert(connection: Connection, table: Table, rows: Iterator[Row]) -> None:
    batch: list[dict[str, Any]] = []
    for one in rows:
        batch.append(one["row"])
        if len(batch) == _BATCH:
            connection.execute(table.insert(), batch)
            batch = []
    if batch:
        connection.execute(table.insert(), batch)


def _go_on_counting(connection: Connection, tables: MetaData) -> None:
    """Lets PostgreSQL give out ids from where the rows end."""
    for table in tables.sorted_tables:
        [key, *more] = table.primary_key.columns or [None]
        if key is None or more or not isinstance(key.type, Integer):
            continue
        sequence = connection.execute(
            text("SELECT pg_get_serial_sequence(:table, :key)"), {"table": table.name, "key": key.name}
        ).scalar()
        last = connection.execute(select(key).order_by(key.desc()).limit(1)).scalar()
        if sequence and last:
            connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})
