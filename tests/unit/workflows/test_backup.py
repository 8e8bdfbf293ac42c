"""A workspace comes back from its backup as it was, or nothing is touched."""

import os
import sqlite3
import stat
import tarfile
import threading
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest

from workbench import settings as workspace
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.errors import BackupError, LabelStudioError, StoreError
from workbench.labelstudio.server import private
from workbench.labelstudio.server.embedded import Server, process_started
from workbench.store import Store, articles
from workbench.workflows import backup as module
from workbench.workflows.backup import BackupReport, backup, restore
from workbench.workflows.context import Context
from workbench.workflows.init import init

SERVER_FILES = {
    "login.json": '{"email": "owner@workbench.local"}',
    "annotators.json": '{"embedded": {"ann@workbench.local": "secret"}}',
    ".env": "SECRET_KEY=abc",
    "media/upload/1/a.txt": "an upload",
}


def fill(store: Store, *texts: str) -> None:
    with store.transaction() as session:
        for text in texts:
            articles.add(session, Article.from_text(text), raw=text)


def stored(url: str) -> list[str]:
    store = Store.open(url)
    with store.transaction() as session:
        found = sorted(one.text for one in articles.get_many(session, articles.ids(session)))
    store.close()
    return found


def server_rows(root: Path) -> list[str]:
    with closing(sqlite3.connect(root / "label-studio" / "label_studio.sqlite3")) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM task ORDER BY id")]


def make(root: Path, *texts: str, url: str = "") -> workspace.Settings:
    """A workspace with these texts in its store and in its server's database, which is in write-ahead mode."""
    init(root, url)
    settings = workspace.load(root)
    folder = settings.label_studio_folder
    for name, body in SERVER_FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(body)
        (folder / name).chmod(0o600)
    (folder / "server.log").write_text("long")
    with closing(sqlite3.connect(folder / "label_studio.sqlite3")) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE task (id INTEGER PRIMARY KEY, text TEXT)")
        connection.executemany("INSERT INTO task (text) VALUES (?)", [(text,) for text in texts])
    store = Store.open(settings.database_url)
    fill(store, *texts)
    store.close()
    return settings


def save(settings: workspace.Settings, target: Path | None = None, **options: bool) -> BackupReport:
    context = Context(settings)
    try:
        return backup(context, target=target, **options)
    finally:
        context.close()


def tree(root: Path) -> dict[str, bytes]:
    files = (p for p in sorted(root.rglob("*")) if p.is_file() and p.suffix != ".lock")
    return {str(p.relative_to(root)): p.read_bytes() for p in files}


def test_a_workspace_comes_back_in_an_empty_folder(tmp_path: Path) -> None:
    settings = make(tmp_path / "one", "Oslo 🏳️‍🌈\r\n", "Bern")
    (settings.root / "secrets.toml").write_text("")
    (settings.root / "secrets.toml").chmod(0o600)
    report = save(settings)
    assert stat.S_IMODE(report.path.stat().st_mode) == 0o600
    assert [one.name for one in settings.backups.iterdir()] == [report.path.name]
    found = restore(tmp_path / "two", report.path, Silent())
    assert found.aside is None
    two = workspace.load(tmp_path / "two")
    assert stored(two.database_url) == ["Bern", "Oslo 🏳️‍🌈\r\n"]
    assert server_rows(two.root) == ["Oslo 🏳️‍🌈\r\n", "Bern"]
    for name, body in SERVER_FILES.items():
        place = two.label_studio_folder / name
        assert (place.read_text(), stat.S_IMODE(place.stat().st_mode)) == (body, 0o600)
    assert stat.S_IMODE(two.label_studio_folder.stat().st_mode) == 0o700
    assert not (two.label_studio_folder / "server.log").exists()
    assert stat.S_IMODE((two.root / "secrets.toml").stat().st_mode) == 0o600
    assert two.label_config.read_bytes() == settings.label_config.read_bytes()
    assert {one.name for one in two.root.iterdir() if one.name.startswith(".restore")} == set()


def test_the_rules_own_files_come_along(tmp_path: Path) -> None:
    settings = make(tmp_path / "one")
    toml = settings.root / "workbench.toml"
    own = {"lexicon": "words.tsv", "concepts": "names.toml", "patterns": "rules/mine"}
    text = toml.read_text()
    for key, name in own.items():
        text = text.replace(f'{key} = ""', f'{key} = "{name}"')
    toml.write_text(text)
    (settings.root / "rules/mine").mkdir(parents=True)
    files = ("words.tsv", "names.toml", "rules/mine/a.jsonl", "rules/mine/b.jsonl")
    for name in files:
        (settings.root / name).write_text(name)
    report = save(workspace.load(settings.root))
    restore(tmp_path / "two", report.path, Silent())
    assert [(tmp_path / "two" / name).read_text() for name in files] == list(files)


def test_while_somebody_writes_the_server_is_never_behind_the_store(tmp_path: Path) -> None:
    """A writer puts each text into the server and then into the store, as a pull does."""
    settings = make(tmp_path / "one", "first")
    stop, written = threading.Event(), threading.Event()

    def write() -> None:
        store = Store.open(settings.database_url)
        theirs = sqlite3.connect(settings.label_studio_folder / "label_studio.sqlite3", timeout=30)
        for number in range(100_000):
            if stop.is_set():
                break
            with theirs:
                theirs.execute("INSERT INTO task (text) VALUES (?)", (f"t{number}",))
            fill(store, f"t{number}")
            written.set()
        theirs.close()
        store.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert written.wait(30)
        reports = [save(settings, tmp_path / f"{number}.tar.gz") for number in range(3)]
    finally:
        stop.set()
        writer.join()
    for number, report in enumerate(reports):
        root = tmp_path / f"back{number}"
        restore(root, report.path, Silent())
        assert set(stored(workspace.load(root).database_url)) <= set(server_rows(root))


def test_nothing_is_overwritten_without_force_and_all_is_kept_with_it(tmp_path: Path) -> None:
    report = save(make(tmp_path / "one", "Oslo"))
    other = make(tmp_path / "two", "Rome")
    (other.root / "secrets.toml").write_text("")
    (other.root / "secrets.toml").chmod(0o600)
    before = tree(other.root)
    with pytest.raises(
        BackupError, match=r"holds workbench\.toml, secrets\.toml, label_config\.xml, Label Studio's data"
    ):
        restore(other.root, report.path, Silent())
    assert tree(other.root) == before
    found = restore(other.root, report.path, Silent(), force=True)
    assert stored(other.database_url) == ["Oslo"]
    assert server_rows(other.root) == ["Oslo"]
    assert not (other.root / "secrets.toml").exists()
    assert found.aside is not None
    assert found.aside.parent == other.backups
    assert server_rows(found.aside) == ["Rome"]
    assert stored(f"sqlite:///{found.aside / 'store.db'}") == ["Rome"]
    assert (found.aside / "secrets.toml").exists()
    assert (found.aside / "label-studio" / "login.json").read_text() == SERVER_FILES["login.json"]


def test_a_damaged_store_can_be_replaced_and_is_kept(tmp_path: Path) -> None:
    settings = make(tmp_path / "one", "Oslo")
    report = save(settings, tmp_path / "b.tar.gz")
    (settings.root / "workbench.db").write_bytes(b"rubbish" * 1000)
    found = restore(settings.root, report.path, Silent(), force=True)
    assert stored(settings.database_url) == ["Oslo"]
    assert found.aside is not None
    assert (found.aside / "store.db").read_bytes() == b"rubbish" * 1000


def test_a_running_server_is_left_alone(tmp_path: Path) -> None:
    settings = make(tmp_path / "one", "Oslo")
    report = save(settings, tmp_path / "b.tar.gz")
    running = {
        "pid": os.getpid(), "started": process_started(os.getpid()), "host": "127.0.0.1", "port": 1,
        "allowed_hosts": [], "version": "1",
    }  # fmt: skip
    private.write(settings.label_studio_folder / "server.json", running)
    assert Server(settings.label_studio_folder).status() is not None
    before = tree(settings.root)
    with pytest.raises(LabelStudioError, match="Label Studio runs"):
        restore(settings.root, report.path, Silent(), force=True)
    assert tree(settings.root) == before
    # A backup can be taken all the same, and does not carry the process along.
    assert "label-studio/server.json" not in {one.path for one in save(settings).manifest.files}


def test_what_goes_wrong_half_way_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = save(make(tmp_path / "one", "Oslo"))
    other = make(tmp_path / "two", "Rome")
    before = tree(other.root)

    def fail(*_: object) -> None:
        raise StoreError("no")

    monkeypatch.setattr(Store, "replace", fail)
    with pytest.raises(StoreError):
        restore(other.root, report.path, Silent(), force=True)
    assert tree(other.root) == before


def repack(source: Path, target: Path, change: dict[str, bytes | None]) -> Path:
    """The backup with members changed, added, or (None) left out."""
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        names = old.getnames()
        for name in [*names, *(name for name in change if name not in names)]:
            file = old.extractfile(name) if name in names else None
            body = change.get(name, file.read() if file else b"")
            if body is not None:
                member = tarfile.TarInfo(name)
                member.size = len(body)
                new.addfile(member, BytesIO(body))
    return target


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("good")
    return save(make(root / "one", "Oslo"), root / "b.tar.gz").path


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"store.db": b"other"}, "store.db is not as it was saved"),
        ({"label-studio/login.json": None}, "login.json is not as it was saved"),
        ({"label-studio/more": b""}, "more is not as it was saved"),
        ({"manifest.json": None}, "manifest is missing"),
        ({"manifest.json": b"{}"}, "manifest is missing or damaged"),
        ({"../outside": b"x"}, "it holds '../outside'"),
        ({"/tmp/outside": b"x"}, "it holds '/tmp/outside'"),
    ],
)
def test_a_changed_backup_is_refused(tmp_path: Path, good: Path, change: dict[str, bytes | None], said: str) -> None:
    with pytest.raises(BackupError, match=said):
        restore(tmp_path / "two", repack(good, tmp_path / "bad.tar.gz", change), Silent())
    assert [one.name for one in tmp_path.iterdir()] == ["bad.tar.gz"]


@pytest.mark.parametrize("part", [0.0, 0.3, 0.9])
def test_a_truncated_backup_is_refused(tmp_path: Path, good: Path, part: float) -> None:
    body = good.read_bytes()
    (tmp_path / "bad.tar.gz").write_bytes(body[: int(len(body) * part)])
    with pytest.raises(BackupError):
        restore(tmp_path / "two", tmp_path / "bad.tar.gz", Silent())
    assert not (tmp_path / "two").exists()


def test_what_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("hello")
    for name in ("text", "nothing"):
        with pytest.raises(BackupError):
            restore(tmp_path / "two", tmp_path / name, Silent())


def test_a_failed_backup_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = make(tmp_path / "one", "Oslo")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module, "_add", full)
    with pytest.raises(BackupError, match="No space left"):
        save(settings)
    assert list(settings.backups.iterdir()) == []


def test_a_backup_is_not_written_over_another(tmp_path: Path) -> None:
    settings = make(tmp_path / "one", "Oslo")
    target = tmp_path / "b.tar.gz"
    save(settings, target)
    with pytest.raises(BackupError, match="is there already"):
        save(settings, target)
    assert save(settings, target, force=True).path == target


def test_a_damaged_server_database_is_no_backup(tmp_path: Path) -> None:
    settings = make(tmp_path / "one", "Oslo")
    (settings.label_studio_folder / "label_studio.sqlite3").write_bytes(b"rubbish" * 1000)
    with pytest.raises(StoreError, match=r"label_studio\.sqlite3 cannot be copied"):
        save(settings)


def test_models_come_along_only_when_asked_for_and_links_are_told(tmp_path: Path) -> None:
    settings = make(tmp_path / "one", "Oslo")
    (settings.models / "m1").mkdir(parents=True)
    (settings.models / "m1" / "weights").write_bytes(b"w")
    (settings.label_studio_folder / "link").symlink_to("/etc/hostname")
    without = save(settings, tmp_path / "a.tar.gz")
    assert (without.models_left, without.manifest.left_out) == (True, ("label-studio/link",))
    report = save(settings, tmp_path / "b.tar.gz", with_models=True)
    assert not report.models_left
    restore(tmp_path / "two", report.path, Silent())
    assert (tmp_path / "two" / "models" / "m1" / "weights").read_bytes() == b"w"


def test_a_store_on_postgresql_is_saved_and_restored(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make(tmp_path / "one", "Oslo 🏳️‍🌈", url=postgres_url)
    report = save(settings)
    assert report.manifest.store == "store.jsonl.gz"
    store = Store.open(postgres_url)
    fill(store, "after the backup")
    store.close()
    with pytest.raises(BackupError, match="the store postgresql"):
        restore(tmp_path / "two", report.path, Silent())
    found = restore(tmp_path / "two", report.path, Silent(), force=True)
    assert stored(postgres_url) == ["Oslo 🏳️‍🌈"]
    assert found.aside is not None
    # What was replaced, and any backup, can go into a database of the other kind.
    elsewhere = f"sqlite:///{tmp_path / 'other.db'}"
    Store.closed(elsewhere).replace(found.aside / "store.jsonl.gz", tmp_path / "aside")
    assert stored(elsewhere) == ["Oslo 🏳️‍🌈", "after the backup"]
    monkeypatch.setenv("WORKBENCH_STORE_URL", f"sqlite:///{tmp_path / 'third.db'}")
    restore(tmp_path / "three", report.path, Silent())
    assert stored(f"sqlite:///{tmp_path / 'third.db'}") == ["Oslo 🏳️‍🌈"]
