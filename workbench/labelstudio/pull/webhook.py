"""A webhook that only wakes: whoever watches a project hears that something happened, and a pull finds out what.

Label Studio calls once, waits a second at the most, and never calls again. So nothing depends on a call: it is a reason
to look now and not later, and what it says is not even read.
"""

import hmac
import http.server
import secrets
import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import cast
from urllib.parse import urlsplit

import httpx

from workbench.errors import LabelStudioError, SettingsError
from workbench.labelstudio.api.client import LabelStudioClient

PATH = "/workbench-pull"
HEADER = "X-Workbench-Secret"
ACTIONS = ("ANNOTATION_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_DELETED", "TASKS_DELETED")
ANYWHERE = "127.0.0.1:0"
"""The address to listen at where none is named: this machine only, any free port."""
_ANSWER_SECONDS = 1.0
_LONGEST_CALL = 1 << 16


class WebhookListener:
    """Listens for one project's webhook, from its making until `close`; `start` registers it with Label Studio.

    A call counts only with the secret that was registered with it, which appears nowhere else.
    """

    def __init__(self, client: LabelStudioClient, address: str = ANYWHERE) -> None:
        """Begins to listen.

        Raises:
            SettingsError: the address is none, or cannot be listened on.
        """
        self._client = client
        self._webhook: int | None = None
        self._secret = secrets.token_urlsafe(24)
        self._notified = threading.Event()
        host, port = _parsed(address)
        try:
            self._listener = _Listener(host, port, self._secret, self._notified)
        except OSError as error:
            raise SettingsError(
                f"{address} cannot be listened on: {error.strerror or error}",
                hint="name an address of this machine and a free port: `webhook` of [label_studio] in workbench.toml",
            ) from error
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._listener.server_address[1]}{PATH}"
        threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()

    def __enter__(self) -> "WebhookListener":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def registered(self) -> bool:
        """Whether Label Studio knows of it."""
        return self._webhook is not None

    def start(self, project_id: int) -> None:
        """Registers it as a webhook of the project, in the place of those that a run on this host left when it died.

        Raises:
            LabelStudioError: Label Studio refuses; it calls no address of its own network unless it is told to.
            LabelStudioUnavailable: no answer.
        """
        if self.registered:
            return
        for one in self._client.webhooks(project_id):
            if _is_left(one["url"], self.url):
                self._client.delete_webhook(one["id"])
        made = self._client.create_webhook(project_id, self.url, ACTIONS, headers={HEADER: self._secret})
        self._webhook = made["id"]

    def wait(self, seconds: float) -> bool:
        """Whether it was notified within these seconds, or since the last time that somebody waited."""
        notified = self._notified.wait(seconds)
        self._notified.clear()
        return notified

    def close(self) -> None:
        """Takes it off Label Studio, where that answers, and stops listening."""
        if self._webhook is not None:
            with suppress(LabelStudioError):  # the next run takes off what is left
                self._client.delete_webhook(self._webhook)
            self._webhook = None
        self._listener.shutdown()
        self._listener.server_close()


class _Listener(http.server.ThreadingHTTPServer):
    """Takes calls, and notifies who waits."""

    daemon_threads = True
    allow_reuse_address = False

    def __init__(self, host: str, port: int, secret: str, notified: threading.Event) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.secret, self.notified = secret, notified
        super().__init__((host, port), _Call)

    def handle_error(self, request: object, client_address: object) -> None:
        """Says nothing: whoever breaks off a call has made none."""


class _Call(http.server.BaseHTTPRequestHandler):
    server_version, sys_version = "workbench", ""
    timeout = 5.0

    def do_GET(self) -> None:
        self._answer(200 if self.path == PATH else 404)

    def do_POST(self) -> None:
        given = self.headers.get(HEADER, "").encode()
        known = self.path == PATH and hmac.compare_digest(given, self._listener.secret.encode())
        self._drain()
        self._answer(204 if known else 404)
        if known:
            self._listener.notified.set()

    @property
    def _listener(self) -> _Listener:
        return cast(_Listener, self.server)

    def _drain(self) -> None:
        """Reads what was sent, within reason: a connection that is closed on unread data looks like a failure."""
        length = self.headers.get("Content-Length", "")
        if length.isdigit():
            self.rfile.read(min(int(length), _LONGEST_CALL))

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # the name that is overridden
        """Says nothing: a call is no news, and its headers hold a secret."""


def _parsed(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdigit() or int(port) > 65535:
        raise SettingsError(f"{address!r} is not an address to listen on", hint=f"write HOST:PORT, such as {ANYWHERE}")
    if host in ("0.0.0.0", "::"):
        raise SettingsError(
            f"{address} is not an address that Label Studio can call",
            hint="name this machine as Label Studio reaches it",
        )
    return host, int(port)


def _is_left(url: str, ours: str) -> bool:
    """Whether a webhook is one of ours, of this host, at which nobody listens any more."""
    there, here = urlsplit(url), urlsplit(ours)
    if there.path != PATH or there.hostname != here.hostname:
        return False
    if url == ours:
        return True
    try:
        return not httpx.get(url, timeout=_ANSWER_SECONDS, trust_env=False).is_success
    except httpx.HTTPError:
        return True
