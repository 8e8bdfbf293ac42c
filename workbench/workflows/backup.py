"""Saves a workspace in one file, and brings it back: the store, the embedded server's data, settings and secrets.

Both are copied while they are in use, the store first, and Label Studio's database a moment later. In between no push and
no pull runs, but annotators may submit. So the server's copy is never behind the store's: what it has and the store has
not, the next pull brings, as if it had been submitted after the backup. The other way round the store would know of
tasks and annotations that the server never heard of, and would take them for deleted.
"""

import gzip
import hashlib
import io
import os
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Literal, cast

from pydantic import Field, ValidationError

from workbench import settings as workspace
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.ports import Progress
from workbench.core.report import Report, Shown
from workbench.errors import BackupError
from workbench.labelstudio.server import installation, login
from workbench.labelstudio.server.embedded import Server
from workbench.settings import Settings
from workbench.store import Store, schema_version
from workbench.store.dumps import copy_sqlite
from workbench.version import __version__
from workbench.workflows.context import Context

MANIFEST = "manifest.json"
STORE = "store"
SERVER = "label-studio"
MODELS = "models"
FILES = (workspace.FILE, workspace.SECRETS, "label_config.xml", ".gitignore")
_DATABASE_LOGS = tuple(f"{login.DATABASE}{log}" for log in ("-wal", "-shm", "-journal"))
_OF_THE_PROCESS = ("server.json", "server.lock", "server.log", "server.log.1", "port.json")
"""What belongs to the running server, not to its data."""
_CHUNK = 1 << 20


class SavedFile(Frozen):
    """A file in a backup."""

    path: str
    size: int
    sha256: str


class BackupManifest(Frozen):
    """What a backup holds; `manifest.json`, its last member. `left_out` are links and other things that are no files."""

    schema_: Literal["workbench/backup/1"] = Field(default="workbench/backup/1", alias="schema")
    created: str
    workbench: str
    label_studio: str | None
    store: str
    store_version: str
    with_models: bool
    files: tuple[SavedFile, ...]
    left_out: tuple[str, ...] = ()


class BackupReport(Report):
    """What was written. `external_url` is the Label Studio that somebody else runs, whose data is not in it."""

    path: Path
    size: int
    manifest: BackupManifest
    models_left: bool
    external_url: str = ""

    def shown(self) -> Iterator[Shown]:
        """The file, what it holds, and what is not in it."""
        yield f"{self.path}, {self.size / 1e6:.1f} MB"
        yield _contents(self.manifest)
        if self.external_url:
            yield f"not in it: the data of Label Studio at {self.external_url}, which is not run by this workspace"
        if self.models_left:
            yield "not in it: models/ (--with-models saves them, too)"
        yield from (f"not in it: {name}, which is no file" for name in self.manifest.left_out)


class RestoreReport(Report):
    """What is back. `aside` is the folder that keeps what was there, if anything was."""

    root: Path
    manifest: BackupManifest
    store: str
    aside: Path | None

    def shown(self) -> Iterator[Shown]:
        """What is back, where what was there is kept, and what comes next."""
        yield f"{self.root} is as it was at {self.manifest.created}"
        yield _contents(self.manifest)
        yield f"store         {self.store}"
        if self.aside:
            yield f"what was there is in {self.aside}"
        if self.manifest.label_studio:
            yield "next: `workbench server start`, then `workbench pull`"


def _contents(manifest: BackupManifest) -> str:
    theirs = f"Label Studio {manifest.label_studio} with its accounts" if manifest.label_studio else "no Label Studio"
    models = ", models" if manifest.with_models else ""
    return f"holds         the store (version {manifest.store_version}), {theirs}{models}; {counted(len(manifest.files), 'files')}"


def backup(
    context: Context, *, target: Path | None = None, with_models: bool = False, force: bool = False
) -> BackupReport:
    """The file in which the workspace was saved, readable by its owner alone; Label Studio may run.

    Args:
        context: the workspace.
        target: the file; None for a new one in backups/.
        with_models: save the trained models, too.
        force: replace a file that is there.

    Raises:
        BackupError: there is such a file already, or it cannot be written.
        StoreError: a database is damaged.
    """
    settings, progress = context.settings, context.progress
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    path = (target or settings.backups / f"workbench-{stamp}.tar.gz").absolute()
    if path.exists() and not force:
        raise BackupError(f"{path} is there already", hint="name another file, or --force to replace it")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=path.parent) as folder:
            members = list(_copies(context, Path(folder)))
            found = list(_files(settings, with_models=with_models))
            members += [(name, file) for name, file in found if file.is_file() and not file.is_symlink()]
            left_out = [name for name, file in found if file.is_symlink() or not file.is_file()]
            packed = Path(folder) / "packed"
            manifest = _pack(packed, members, left_out, progress, with_models=with_models)
            packed.replace(path)
    except OSError as error:
        raise BackupError(
            f"{path} cannot be written: {error.strerror or error}", hint="make room, or name a file elsewhere"
        ) from error
    return BackupReport(
        path=path,
        size=path.stat().st_size,
        manifest=manifest,
        models_left=not with_models and settings.models.is_dir() and any(settings.models.iterdir()),
        external_url=context.external_url,
    )


def restore(root: Path, source: Path, progress: Progress, *, force: bool = False) -> RestoreReport:
    """What was brought back into the workspace at `root`, which is made if there is none.

    Everything is read and checked before anything is touched. What is replaced is moved to backups/replaced-…; where
    something goes wrong on the way, it is moved back.

    Raises:
        BackupError: the file is no backup or damaged; or there is something to overwrite, and `force` is not set.
        LabelStudioError: the workspace's server runs.
        StoreError: the store's copy is damaged or of a newer version.
        StoreUnavailable: the store's database does not answer.
    """
    root = root.absolute()
    made = not root.exists()
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=root) as folder:
            return _restore(root, source, Path(folder), progress, force=force)
    except OSError as error:
        raise BackupError(
            f"{root} cannot be restored: {error.strerror or error}; what was there is as it was",
            hint="make room there, or give yourself the right to write there, or name another folder: `--workspace DIR`",
        ) from error
    finally:
        if made:
            with suppress(OSError):
                root.rmdir()


def _restore(root: Path, source: Path, staging: Path, progress: Progress, *, force: bool) -> RestoreReport:
    manifest = _unpack(source, staging, progress)
    settings = workspace.load(staging).model_copy(update={"root": root})
    store = Store.closed(settings.database_url)
    server = Server(settings.label_studio_folder)
    try:
        # The server's folder is made by its lock: so that is looked at before.
        there = _there(root, store)
        if there and not force:
            raise BackupError(
                f"{root} holds {', '.join(there)} already",
                hint="restore into another folder with `--workspace DIR`; or `--force`, which moves these to backups/",
            )
        with server.stopped(), store.exclusive("push", progress), store.exclusive("pull", progress):
            aside = _free(settings.backups / f"replaced-{datetime.now(UTC).strftime('%Y%m%dT%H%M%S')}")
            with _moving() as move:
                for name in _replaced(root, manifest):
                    move(root / name, aside / name)
                for saved in manifest.files:
                    if saved.path != manifest.store:
                        move(staging / saved.path, root / saved.path)
                store.replace(staging / manifest.store, aside / STORE)
    finally:
        store.close()
    return RestoreReport(root=root, manifest=manifest, store=store.name, aside=aside if aside.exists() else None)


def _copies(context: Context, folder: Path) -> Iterator[tuple[str, Path]]:
    """The databases, as they are at two moments of which the store's is the first."""
    store, progress = context.store, context.progress
    with store.exclusive("push", progress), store.exclusive("pull", progress):
        copy = store.backup(folder / STORE)
        yield copy.name, copy
        theirs = context.settings.label_studio_folder / login.DATABASE
        if theirs.exists():
            copy_sqlite(theirs, folder / login.DATABASE)
            yield f"{SERVER}/{login.DATABASE}", folder / login.DATABASE


def _files(settings: Settings, *, with_models: bool) -> Iterator[tuple[str, Path]]:
    """Name in the backup and place of everything else; uploads after the database that names them."""
    root = settings.root
    given = settings.preannotate
    own = [given.concepts, given.lexicon, *_patterns(root, given.patterns)]
    inside = [name for name in own if name and (root / name).resolve().is_relative_to(root)]
    for name in dict.fromkeys([*FILES, *inside]):
        if (root / name).exists():
            yield PurePosixPath(name).as_posix(), root / name
    folders = [(SERVER, settings.label_studio_folder), *([(MODELS, settings.models)] if with_models else [])]
    skipped = {login.DATABASE, *_DATABASE_LOGS, *_OF_THE_PROCESS}
    for prefix, folder in folders:
        for place in sorted(folder.rglob("*")):
            name = place.relative_to(folder).as_posix()
            if not (prefix == SERVER and name in skipped) and (place.is_symlink() or not place.is_dir()):
                yield f"{prefix}/{name}", place


def _patterns(root: Path, folder: str) -> list[str]:
    """The pattern files of the rules in a folder of the workspace."""
    return (
        [path.relative_to(root).as_posix() for path in sorted((root / folder).glob("*.jsonl"))]
        if folder and (root / folder).resolve().is_relative_to(root)
        else []
    )


def _pack(
    path: Path,
    members: list[tuple[str, Path]],
    left_out: list[str],
    progress: Progress,
    *,
    with_models: bool,
) -> BackupManifest:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as raw:
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=5) as archive:
            saved = [_add(archive, name, place) for name, place in progress.track(members, "saving")]
            names = {name for name, _ in members}
            manifest = BackupManifest(
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                workbench=__version__,
                label_studio=installation.VERSION if f"{SERVER}/{login.DATABASE}" in names else None,
                store=next(name for name in names if name.startswith(f"{STORE}.")),
                store_version=schema_version.newest(),
                with_models=with_models,
                files=tuple(saved),
                left_out=tuple(left_out),
            )
            body = manifest.model_dump_json(by_alias=True, indent=2).encode()
            member = tarfile.TarInfo(MANIFEST)
            member.size, member.mode = len(body), 0o600
            archive.addfile(member, io.BytesIO(body))
        raw.flush()
        os.fsync(raw.fileno())
    return manifest


def _add(archive: tarfile.TarFile, name: str, place: Path) -> SavedFile:
    with place.open("rb") as file:
        found = os.fstat(file.fileno())
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = found.st_size, int(found.st_mtime), found.st_mode & 0o755
        reader = _Hashing(file)
        archive.addfile(member, cast("IO[bytes]", reader))  # which asks a file for nothing but `read`
    return SavedFile(path=name, size=found.st_size, sha256=reader.hash.hexdigest())


class _Hashing:
    """A file that hashes what is read from it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self.hash.update(chunk)
        return chunk


def _unpack(source: Path, staging: Path, progress: Progress) -> BackupManifest:
    """The manifest of a backup whose files are now in the folder, all of them and as they were saved."""
    found: dict[str, SavedFile] = {}
    body = b""
    try:
        with tarfile.open(source, "r:gz") as archive:
            for member in progress.track(archive, "reading the backup"):
                file = archive.extractfile(member) if member.isfile() else None
                name = PurePosixPath(member.name)
                if file is None or name.is_absolute() or ".." in name.parts or member.name in found:
                    raise BackupError(
                        f"{source} is not a backup of a workspace: it holds {member.name!r}",
                        hint="name a file that `workbench backup` wrote",
                    )
                if member.name == MANIFEST:
                    body = file.read()
                    continue
                found[member.name] = _extract(file, member, staging / name)
        manifest = BackupManifest.model_validate_json(body)
    except FileNotFoundError as error:
        raise BackupError(f"there is no file {source}", hint="name a file that `workbench backup` wrote") from error
    except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error, ValidationError) as error:
        why = "its manifest is missing or damaged" if isinstance(error, ValidationError) else str(error)
        raise BackupError(
            f"{source} is not a backup of a workspace, or a damaged one: {why}", hint="take another"
        ) from error
    named = {one.path: one for one in manifest.files}
    wrong = sorted(name for name in named.keys() | found.keys() if named.get(name) != found.get(name))
    if wrong or manifest.store not in named or workspace.FILE not in named:
        raise BackupError(
            f"{source} is damaged: {', '.join(wrong[:5]) or 'its store'} is not as it was saved", hint="take another"
        )
    return manifest


def _extract(file: IO[bytes], member: tarfile.TarInfo, place: Path) -> SavedFile:
    reader = _Hashing(file)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # An older backup may hold them as open to others.
    private = PurePosixPath(member.name).parts[0] in (SERVER, workspace.SECRETS)
    handle = os.open(
        place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, (member.mode & (0o700 if private else 0o755)) or 0o600
    )
    with os.fdopen(handle, "wb") as out:
        while chunk := reader.read(_CHUNK):
            out.write(chunk)
    os.utime(place, (member.mtime, member.mtime))
    return SavedFile(path=member.name, size=member.size, sha256=reader.hash.hexdigest())


def _there(root: Path, store: Store) -> list[str]:
    """What a restored workspace would replace, in words."""
    found = [name for name in FILES if name != ".gitignore" and (root / name).exists()]
    found += ["Label Studio's data"] if (root / SERVER / login.DATABASE).exists() else []
    return found + ([] if store.is_empty else [f"the store {store.name}"])


def _replaced(root: Path, manifest: BackupManifest) -> Iterator[str]:
    """What has to go aside: files by name, of Label Studio's folder all but what locks it."""
    yield from (name for name in FILES if (root / name).exists())
    folder = root / SERVER
    if folder.is_dir():
        yield from (f"{SERVER}/{place.name}" for place in sorted(folder.iterdir()) if place.name != "server.lock")
    if manifest.with_models and (root / MODELS).exists():
        yield MODELS
    tops = {PurePosixPath(one.path).parts[0] for one in manifest.files} - {SERVER, MODELS, *FILES, manifest.store}
    yield from (name for name in sorted(tops) if (root / name).exists())


def _free(path: Path) -> Path:
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free


@contextmanager
def _moving() -> Generator["_Mover"]:
    """Moves files and folders; all of them go back when the block raises."""
    mover = _Mover()
    try:
        yield mover
    except BaseException:  # whatever it was, an interruption too, nothing stays half moved
        mover.undo()
        raise


class _Mover:
    def __init__(self) -> None:
        self._done: list[tuple[Path | None, Path]] = []

    def __call__(self, source: Path, target: Path) -> None:
        for folder in reversed([one for one in target.parents if not one.exists()]):
            folder.mkdir(mode=0o700)
            self._done.append((None, folder))
        shutil.move(source, target)
        self._done.append((source, target))

    def undo(self) -> None:
        """Moves everything back, the last first, and takes the folders away that were made for it."""
        for source, target in reversed(self._done):
            if source is not None:
                shutil.move(target, source)
            else:
                with suppress(OSError):  # something else came in meanwhile
                    target.rmdir()
