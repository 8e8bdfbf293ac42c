"""The embedded Label Studio: one detached server process for a workspace, its data in <workspace>/label-studio/."""

import errno
import os
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import httpx
from filelock import FileLock, Timeout
from pydantic import ValidationError
from pydantic_core import from_json

from workbench.core.frozen import Frozen
from workbench.core.ports import Progress
from workbench.errors import LabelStudioError, LabelStudioUnavailable, SettingsError
from workbench.labelstudio.api.client import LabelStudioClient, connect
from workbench.labelstudio.api.session import signup_is_open
from workbench.labelstudio.api.transport import http_client
from workbench.labelstudio.server import installation, login, private

EMBEDDED = "embedded"
"""How the store calls the workspace's own server, whatever port it is given."""
FIRST_PORT = 8080
PORTS_TRIED = 100
START_SECONDS = 600
STOP_SECONDS = 15
HEALTH_SECONDS = 5.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_ANY = ("0.0.0.0", "::")
_KEPT_VARIABLES = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE")
_PORT = "port.json"
"""The port that was chosen because the usual one was taken."""
_TAIL_BYTES = 4000
_LOG_BYTES = 10_000_000


class Running(Frozen):
    """A server process. `started` tells it from another process that was given the same `pid` later."""

    pid: int
    started: str
    host: str
    port: int
    allowed_hosts: tuple[str, ...]
    version: str

    @property
    def url(self) -> str:
        """The address for this machine."""
        host = "127.0.0.1" if self.host in _ANY else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def team_urls(self) -> tuple[str, ...]:
        """The addresses for other machines; none on loopback."""
        if self.host in LOOPBACK:
            return ()
        return tuple(f"http://{name}:{self.port}" for name in self.allowed_hosts if name not in (*LOOPBACK, "[::1]"))


@dataclass(frozen=True)
class Server:
    """The embedded server of the workspace whose Label Studio folder is `folder`."""

    folder: Path
    cache: Path | None = None

    @property
    def log(self) -> Path:
        """The file that the server writes what it says to."""
        return self.folder / "server.log"

    def owner(self) -> login.Login | None:
        """Its owner; None before the first start.

        Raises:
            SettingsError: the file cannot be used.
        """
        return login.read(self.folder)

    @property
    def _state(self) -> Path:
        return self.folder / "server.json"

    def status(self) -> Running | None:
        """The process that serves, or None."""
        try:
            found = private.read(self._state, secret=False)
        except SettingsError:  # damaged: as good as none
            return None
        try:
            running = Running.model_validate(found)
        except ValidationError:
            return None
        return running if process_started(running.pid) == running.started else None

    def start(
        self,
        progress: Progress,
        *,
        host: str = "127.0.0.1",
        port: int | None = None,
        first_port: int = FIRST_PORT,
        allowed_hosts: tuple[str, ...] = (),
        webhook_host: str = "127.0.0.1",
    ) -> Running:
        """The running server, ready to answer; one that runs already is left as it is.

        Args:
            progress: is told what takes time, and which port was chosen where the first one was taken.
            host: where it listens.
            port: the port that it has to be; None for the one that was chosen before, or the first free one.
            first_port: where the search for a free port begins.
            allowed_hosts: further names under which it may be addressed.
            webhook_host: the host that a `pull --watch` listens at: the only one in its own network that it calls.

        Raises:
            LabelStudioError: it runs already at another address, the port is taken, or it did not start; the message
                names the log.
        """
        private.make_folder(self.folder)
        with self._only_one():
            running = self.status()
            if running is None:
                running = self._start(progress, host, port, first_port, allowed_hosts, webhook_host)
            elif running.host != host or port not in (None, running.port):
                raise LabelStudioError(
                    f"Label Studio already runs on {running.host}:{running.port}",
                    hint="`workbench server stop` it before it is started elsewhere",
                )
            self._wait_until_ready(running, progress)
            return running

    def stop(self) -> bool:
        """Whether a server ran; it has ended when this returns.

        Raises:
            LabelStudioError: it could not be ended.
        """
        if not self.folder.exists():
            return False
        with self._only_one():
            running = self.status()
            if running is None:
                return False
            self._end(running)
            return True

    @contextmanager
    def stopped(self) -> Generator[None]:
        """Nobody starts this server within the block.

        Raises:
            LabelStudioError: it runs.
        """
        private.make_folder(self.folder)
        with self._only_one():
            running = self.status()
            if running is not None:
                raise LabelStudioError(
                    f"Label Studio runs (process {running.pid}) on the data in {self.folder}",
                    hint="`workbench server stop` first",
                )
            yield

    def client(self) -> LabelStudioClient:
        """A client for the running server, as its owner.

        Raises:
            LabelStudioUnavailable: it does not run.
            SettingsError: its login cannot be read.
        """
        running = self.status()
        known = self.owner()
        if running is None or known is None:
            raise LabelStudioUnavailable("Label Studio does not run", hint="`workbench server start`")
        return connect(running.url, known.token, server=EMBEDDED)

    @contextmanager
    def _only_one(self) -> Generator[None]:
        """Nobody else starts or stops this server within the block."""
        lock = FileLock(self.folder / "server.lock")
        try:
            lock.acquire(timeout=START_SECONDS + installation.LOCK_SECONDS)
        except Timeout as error:
            raise LabelStudioError(
                "another command has been starting or stopping Label Studio for too long", hint=f"see {self.log}"
            ) from error
        try:
            yield
        finally:
            lock.release()

    def _start(
        self,
        progress: Progress,
        host: str,
        port: int | None,
        first_port: int,
        allowed_hosts: tuple[str, ...],
        webhook_host: str,
    ) -> Running:
        installed = installation.ensure(progress, self.cache)
        if port is None:
            port = self._free_port(progress, host, first_port)
        else:
            _refuse_taken_port(host, port)
        login.ensure(self.folder)
        for part in ("", "-wal", "-shm"):  # SQLite gives its logs the mode of the database, which may be an older copy
            private.close_to_others(self.folder / f"{login.DATABASE}{part}")
        first = not (self.folder / login.DATABASE).exists()
        progress.say("starting Label Studio" + (", for the first time: its database takes a minute" if first else ""))
        names = hosts_to_allow(host, allowed_hosts)
        return self._launch(installed, host, port, names, environment(self.folder, names, webhook_host))

    def _free_port(self, progress: Progress, host: str, first: int) -> int:
        """The port that was chosen before, while it is free; else the first free one, which is kept for the next start.

        Raises:
            LabelStudioError: none is free, or the first cannot be used for another reason.
        """
        chosen = self._chosen_port(first)
        for port in dict.fromkeys((chosen, *range(first, min(first + PORTS_TRIED, 65536)))):
            try:
                _refuse_taken_port(host, port)
            except LabelStudioError as error:
                if not error.facts.get("taken"):
                    raise
                continue
            if port != chosen:
                progress.say(f"port {chosen} is taken: Label Studio listens on {port}, and will the next time")
                private.write(self.folder / _PORT, {"first": first, "chosen": port})
            return port
        last = min(first + PORTS_TRIED, 65536) - 1
        raise LabelStudioError(
            f"no port from {first} to {last} on {host} is free",
            hint="name one: `workbench server start --port N`",
            port=first,
        )

    def _chosen_port(self, first: int) -> int:
        """The port that was chosen when the one where the search begins was taken; that one itself where none was."""
        try:
            found = private.read(self.folder / _PORT, secret=False)
        except SettingsError:  # damaged: as good as none
            return first
        kept = cast("dict[str, object]", found) if isinstance(found, dict) else {}
        chosen = kept.get("chosen")
        return chosen if kept.get("first") == first and isinstance(chosen, int) and 0 < chosen < 65536 else first

    def _launch(
        self,
        installed: installation.Installation,
        host: str,
        port: int,
        names: tuple[str, ...],
        variables: dict[str, str],
    ) -> Running:
        script = Path(__file__).with_name("serve.py")
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            process = subprocess.Popen(
                [str(installed.python), "-I", str(script), str(self.folder), host, str(port)],
                cwd=self.folder,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                umask=0o077,
            )
        finally:
            os.close(log)
        process.returncode = 0  # it outlives this command: nobody waits for it, and Python need not warn of that
        running = Running(
            pid=process.pid,
            started=process_started(process.pid) or "",
            host=host,
            port=port,
            allowed_hosts=names,
            version=installation.VERSION,
        )
        private.write(self._state, running.model_dump())
        return running

    def _wait_until_ready(self, running: Running, progress: Progress) -> None:
        began = time.monotonic()
        told = began
        while True:
            if process_started(running.pid) != running.started:
                raise LabelStudioError(f"Label Studio did not start: {self._last_words()}", hint=f"its log: {self.log}")
            if healthy(running.url):
                break
            now = time.monotonic()
            if now - began > START_SECONDS:
                raise LabelStudioUnavailable(
                    f"Label Studio was not ready after {START_SECONDS} s",
                    hint=f"its log: {self.log}; `workbench server stop` ends it",
                )
            if now - told > 15:
                told = now
                progress.say(f"still starting, {now - began:.0f} s so far")
            time.sleep(0.25)
        if running.host not in LOOPBACK and signup_is_open(running.url):
            self._end(running)
            raise LabelStudioError(
                "anybody could sign up on this Label Studio: it was stopped before it served the team",
                hint=f"start it without --host, and see {self.log}",
            )

    def _end(self, running: Running) -> None:
        for kind, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 5)):
            try:
                os.killpg(running.pid, kind)
            except ProcessLookupError:
                break
            until = time.monotonic() + seconds
            while time.monotonic() < until and process_started(running.pid) == running.started:
                time.sleep(0.1)
            if process_started(running.pid) != running.started:
                break
        else:
            raise LabelStudioError(f"Label Studio (process {running.pid}) does not stop", hint="stop it by hand")
        self._state.unlink(missing_ok=True)

    def _last_words(self) -> str:
        """The last line of the log that says something."""
        try:
            with self.log.open("rb") as file:
                file.seek(max(0, self.log.stat().st_size - _TAIL_BYTES))
                lines = [line.strip() for line in file.read().decode("utf-8", "replace").splitlines()]
        except OSError:
            return "it left no log"
        return next((line for line in reversed(lines) if line), "it left no word")


def environment(folder: Path, allowed_hosts: tuple[str, ...], webhook_host: str = "127.0.0.1") -> dict[str, str]:
    """The variables of the server process: a few of the user's, and ours.

    It calls no address of its own network, for whatever reason, but the webhook of a `pull --watch`, which `serve.py`
    lets through.

    Label Studio reads every setting also without its LABEL_STUDIO_ prefix, so that a HOST, PORT, USERNAME or DEBUG that
    a shell or conda sets for other purposes would change it; hence the user's environment is not passed on.
    """
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    kept |= {name: value for name, value in os.environ.items() if name.startswith("LC_")}
    return kept | {
        "LABEL_STUDIO_BASE_DATA_DIR": str(folder),
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_ALLOWED_HOSTS": ",".join(allowed_hosts),
        # Django compares the Origin of a log-in with the address it sees, which behind a TLS proxy is another one.
        "LABEL_STUDIO_CSRF_TRUSTED_ORIGINS": ",".join(f"https://{name}" for name in allowed_hosts),
        "LABEL_STUDIO_CORS_ALLOW_ALL_ORIGINS": "false",
        "LABEL_STUDIO_SSRF_PROTECTION_ENABLED": "true",
        "LABEL_STUDIO_USE_DEFAULT_BANNED_SUBNETS": "true",
        "LABEL_STUDIO_ML_BLOCK_LOCAL_IP": "true",
        "WORKBENCH_WEBHOOK_HOST": webhook_host,
        # Storages on this machine's disk, which nothing here uses; unless told not to, it looks for folders to serve.
        "LABEL_STUDIO_ENABLE_LOCAL_FILES_STORAGE": "false",
        "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "false",
        "LABEL_STUDIO_DEBUG": "false",
        "LABEL_STUDIO_LOG_LEVEL": "WARNING",
        "LOG_LEVEL": "WARNING",
        "LABEL_STUDIO_LATEST_VERSION_CHECK": "false",
        "LABEL_STUDIO_COLLECT_ANALYTICS": "false",
        "LABEL_STUDIO_SENTRY_DSN": "",
        "LABEL_STUDIO_FRONTEND_SENTRY_DSN": "",
        # Checks predictions on import, and makes their bulk import twenty times faster.
        "fflag_feat_utc_210_prediction_validation_15082025": "true",
        "fflag_fix_back_4620_memory_efficient_predictions_import_08012025_short": "true",
        # Sets SQLite's write-ahead log: whoever reads does not wait for whoever writes.
        "LABEL_STUDIO_AZURE_MOUNT_FIX": "true",
    }


def hosts_to_allow(host: str, extra: tuple[str, ...]) -> tuple[str, ...]:
    """The host names under which the server may be addressed: this machine's, and the ones that were named."""
    names = ["127.0.0.1", "localhost", "[::1]"]
    if host in _ANY:
        names += [socket.gethostname(), socket.getfqdn(), *_own_addresses()]
    elif host not in LOOPBACK:
        names.append(host)
    return tuple(dict.fromkeys([*names, *extra]))


def _own_addresses() -> list[str]:
    """The addresses by which this machine's name is known, and the one it would send from."""
    found: list[str] = []
    with suppress(OSError):
        found += [str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(("192.0.2.1", 9))  # an address for documentation; connecting a datagram socket sends nothing
        found.append(str(probe.getsockname()[0]))
    return found


def process_started(pid: int) -> str | None:
    """When a living process was started, as its system says it; None when there is none."""
    try:
        done, _ = os.waitpid(pid, os.WNOHANG)
        if done == pid:
            return None
    except ChildProcessError:
        pass
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            return None
        # Threads of a process that was killed end one after the other, and the last one lets go of the port.
        threads_left = int(fields[17]) > 1
        return None if fields[0] in "ZX" and not threads_left else fields[19]
    listed = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return listed.stdout.strip() or None


def healthy(url: str) -> bool:
    """Whether a Label Studio at this address says that it is up."""
    try:
        with http_client(url, HEALTH_SECONDS) as client:
            return from_json(client.get("/health").content) == {"status": "UP"}
    except (httpx.HTTPError, LabelStudioError, ValueError):
        return False


def _refuse_taken_port(host: str, port: int) -> None:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise LabelStudioError(
            f"{host} is not an address: {error.strerror}", hint="use --host 0.0.0.0, or none"
        ) from error
    except OSError as error:
        raise LabelStudioError(
            f"port {port} on {host} cannot be used: {error.strerror}",
            hint="end the program that uses it, or choose another: `workbench server start --port N`",
            port=port,
            taken=error.errno == errno.EADDRINUSE,
        ) from error
