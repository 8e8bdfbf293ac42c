"""A full round with --debug, by the commands: no secret in what they print, in `ps`, or in a file that others can read."""

import json
import os
import re
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from live.conftest import copy_of, free_port
from postgres import cluster

from workbench.labelstudio.api.client import LabelStudioClient, connect
from workbench.labelstudio.server import accounts
from workbench.labelstudio.server.embedded import Server

ARTICLES = [
    "Tomas Reyl was elected mayor of Harnstadt on Monday. He said the city would rebuild its bridge by 2027.",
    "Police in Oster Bay arrested two men on Friday. Judge Ina Volk criticised the arrest as hasty.",
    "Norvia Steel will close its plant in Kelm, the company said. Unions called the decision a disgrace.",
]
WITH_SECRETS = re.compile(
    r"secrets\.toml|label-studio/(login\.json|annotators\.json|\.env|label_studio\.sqlite3(-wal|-shm)?)|backups/.*\.tar\.gz"
)
"""The files that may hold a secret."""

pytestmark = pytest.mark.postgres


class Round:
    """A workspace of its own, the commands that were run in it and what they printed."""

    def __init__(self, root: Path, database: str) -> None:
        self.root = root
        self.database = database
        self.variables = {name: value for name, value in os.environ.items() if not name.startswith("LABEL_STUDIO")}
        self.printed: dict[str, str] = {}
        self.listed: set[str] = set()
        self._over = threading.Event()
        self._lister = threading.Thread(target=self._list)

    def __enter__(self) -> "Round":
        self._lister.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._lister.join()

    def run(self, *words: str, expected: int | None = 0, **variables: str) -> str:
        command = [sys.executable, "-m", "workbench", "--debug", *words]
        done = subprocess.run(
            command,
            cwd=self.root,
            env=self.variables | variables,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        printed = done.stdout + done.stderr
        assert expected is None or done.returncode == expected, printed
        self.printed[f"{' '.join(words)} {sorted(variables)} #{len(self.printed)}"] = printed
        return printed

    def _list(self) -> None:
        while not self._over.wait(0.1):
            listed = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout
            self.listed.update(line for line in listed.splitlines() if "workbench" in line or "serve.py" in line)


@pytest.fixture
def work(tmp_path: Path, embedded: Server) -> Iterator[Round]:
    root = tmp_path / "news"
    root.mkdir()
    copy_of(embedded, root / "label-studio")
    with cluster() as postgres:
        url = postgres.database().replace("workbench@", "workbench:hunter2%21pass@")
        with Round(root, url) as work:
            yield work
    Server(root / "label-studio").stop()


def test_a_full_round_shows_no_secret(work: Round):
    port = free_port()
    rows = (json.dumps({"title": text[:20], "text": text}) for text in ARTICLES)
    (work.root / "articles.jsonl").write_text("\n".join(rows), encoding="utf-8")
    work.run("init", ".", WORKBENCH_STORE_URL=work.database)
    work.run("articles", "add", "articles.jsonl")
    work.run("preannotate")
    work.run("server", "start", "--port", str(port))
    work.run("server", "status")
    server = Server(work.root / "label-studio")
    work.run("push")
    given = work.run("annotators", "add", "anna")
    passwords = accounts.passwords(server.folder, "embedded")
    work.run("annotators", "list")
    with closing(server.client()) as owner, closing(accounts.client_of(owner, server.folder, "anna")) as anna:
        _annotate(anna)
        _annotate(owner)
        secrets = _secrets(server, owner, passwords)
    for words in ("pull", "pull --problems", "status", "doctor", "doctor --json", "corrections", "reconcile"):
        work.run(*words.split(), expected=None)
    work.run("gold", "release", "first", "--policy", "latest")
    work.run("export", "first")
    work.run("backup")
    _go_wrong(work, server, secrets["token"])

    assert (work.root / "exports" / "first").is_dir()
    assert list((work.root / "backups").glob("*.tar.gz"))
    # One command is there to show a new password.
    shown = next(name for name, printed in work.printed.items() if printed is given)
    assert passwords["anna@workbench.local"] in work.printed.pop(shown)
    for what, secret in secrets.items():
        for command, printed in work.printed.items():
            assert secret not in printed, f"{what} in {command}"
        assert not any(secret in line for line in work.listed), f"{what} in ps"
    assert any("serve.py" in line for line in work.listed)
    _check_files(work.root, secrets)


def _annotate(client: LabelStudioClient) -> None:
    (project,) = client.find_projects("News")
    for task in list(client.tasks(project["id"], everything=True)):
        predictions = task.get("predictions", [])
        client.create_annotation(task["id"], {"result": predictions[0]["result"] if predictions else []})


def _access_token(server: Server, owner: LabelStudioClient) -> str:
    """A personal access token of an account that has none: Label Studio allows one at a time and shows it once."""
    (account,) = accounts.add(owner, server.folder, ("token-holder",)).added
    with closing(accounts.client_of(owner, server.folder, account.email)) as client:
        return client.make_access_token()


def _secrets(server: Server, owner: LabelStudioClient, passwords: dict[str, str]) -> dict[str, str]:
    login = server.owner()
    assert login is not None
    key = next(line for line in (server.folder / ".env").read_text().splitlines() if line.startswith("SECRET_KEY"))
    found = {
        "token": login.token,
        "password": login.password,
        "signing key": key.partition("=")[2].strip("'\""),
        "invite": owner.invite()["token"],
        "access token": _access_token(server, owner),
        "database password": "hunter2",
        **{f"password of {email}": password for email, password in passwords.items()},
    }
    assert all(len(secret) >= 7 for secret in found.values())
    return found


def _go_wrong(work: Round, server: Server, token: str) -> None:
    """Errors of all kinds, each with its traceback."""
    running = server.status()
    assert running is not None
    url = running.url
    away = work.database.replace("/test", "/nothing")
    work.run("status", expected=None, WORKBENCH_STORE_URL=away)
    work.run("doctor", expected=None, WORKBENCH_STORE_URL=away)
    work.run("status", expected=1, WORKBENCH_STORE_URL=work.database.replace("@", "@@"))
    work.run("init", ".", expected=3, WORKBENCH_STORE_URL=work.database.replace("test", "other"))
    for key in (token[:-1] + "x", f"{token}\n{token}", f"{token}é"):
        for words in ("annotators list", "doctor"):
            work.run(*words.split(), expected=None, LABEL_STUDIO_URL=url, LABEL_STUDIO_API_KEY=key)
    guarded = url.replace("//", "//anna:hunter2pass@")
    work.run("annotators", "list", expected=1, LABEL_STUDIO_URL=guarded, LABEL_STUDIO_API_KEY=token)
    work.run("doctor", expected=1, LABEL_STUDIO_URL=guarded, LABEL_STUDIO_API_KEY=token)
    work.run("push", expected=3, LABEL_STUDIO_URL="http://127.0.0.1:9", LABEL_STUDIO_API_KEY=token)
    server.stop()
    work.run("push", expected=3)
    login = server.folder / "login.json"
    login.write_text(json.dumps({"email": [], "token": token}))
    work.run("server", "status", expected=1)
    login.write_text(f'{{"token": "{token}", ')
    work.run("server", "start", expected=1)
    login.chmod(0o644)
    work.run("server", "status", expected=1)
    login.chmod(0o600)


def _check_files(root: Path, secrets: dict[str, str]) -> None:
    """Whatever holds a secret is known to, and closed to others; nothing else does."""
    seen: set[str] = set()
    for path in (one for one in root.rglob("*") if one.is_file()):
        name, content = path.relative_to(root).as_posix(), path.read_bytes()
        held = [what for what, secret in secrets.items() if secret.encode() in content]
        if WITH_SECRETS.fullmatch(name):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, name
            seen.add(name)
        else:
            assert held == [], name
    assert {"secrets.toml", "label-studio/login.json", "label-studio/annotators.json"} <= seen
    assert stat.S_IMODE((root / "label-studio").stat().st_mode) == 0o700


def test_a_key_with_a_line_end_is_as_good_as_without(embedded: Server):
    running, owner = embedded.status(), embedded.owner()
    assert running is not None
    assert owner is not None
    with closing(connect(running.url, f" {owner.token}\r\n")) as client:
        assert client.whoami()["email"] == owner.email
