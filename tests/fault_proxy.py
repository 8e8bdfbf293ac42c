"""A proxy between a client and a real server that breaks what a seeded plan tells it to.

It forwards HTTP/1.1 requests one by one. A fault either keeps the request from the server or lets it through and spoils
the answer: after the second kind the server has committed, and the client does not know.
"""

import http.client
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

BEFORE = ("error-500", "error-502", "error-429", "refused")
AFTER = ("timeout", "reset", "truncated", "slow", "lost-500")
FAULTS = BEFORE + AFTER
LATE = "late"
"""The server gets the request only after the client has given it up; no plan has it unless told to."""
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host", "te", "upgrade", "expect"}


@dataclass
class Plan:
    """Which requests get which fault: each with probability `rate`, `most` in all, none before request `after`."""

    seed: int = 0
    rate: float = 0.0
    faults: tuple[str, ...] = FAULTS
    most: int = 1_000_000
    after: int = 0
    only: tuple[str, ...] = ()
    hold: float = 3.0
    seen: int = 0
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._lock = threading.Lock()

    def fault(self, method: str, path: str) -> str | None:
        """The fault for the next request, or None."""
        with self._lock:
            self.seen += 1
            draw, choice = self._random.random(), self._random.choice(self.faults)
            fits = not self.only or any(f"{method} {path}".startswith(start) for start in self.only)
            if self.seen <= self.after or not fits or draw >= self.rate or self.done.total() >= self.most:
                return None
            self.done[choice] += 1
            return choice


class FaultProxy:
    """The proxy, serving on a port of its own while the `with` block lasts; `plan` can be changed at any time.

    `watch` is told of each request by its number in the plan: when it has arrived, when the server has answered, and
    when the client has been given the answer.
    """

    def __init__(self, target: str, plan: Plan | None = None) -> None:
        self.target = urlsplit(target)
        self.plan = plan or Plan()
        self.watch: Callable[[int, str], None] | None = None
        self.log: list[tuple[str, str, str | None]] = []
        self._under_way = 0
        self._change = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "FaultProxy":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_until_idle(self, seconds: float = 60.0) -> bool:
        """Whether every request has ended, those too that no client waits for any more."""
        with self._change:
            return self._change.wait_for(lambda: self._under_way == 0, timeout=seconds)

    def _tell(self, number: int, stage: str) -> None:
        if self.watch:
            self.watch(number, stage)

    def _count(self, by: int) -> None:
        with self._change:
            self._under_way += by
            self._change.notify_all()

    def _handler(proxy) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler below
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                return None

            def __getattr__(self, name: str) -> object:
                if name.startswith("do_"):
                    return self._serve
                raise AttributeError(name)

            def _serve(self) -> None:
                proxy._count(1)
                try:
                    self._carry()
                finally:
                    proxy._count(-1)

            def _carry(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fault = proxy.plan.fault(self.command, self.path)
                number = proxy.plan.seen
                proxy.log.append((self.command, self.path, fault))
                proxy._tell(number, "arrived")
                if fault in BEFORE:
                    self._break_before(fault)
                    return
                if fault == LATE:
                    time.sleep(proxy.plan.hold)
                status, headers, answer = self._forward(body)
                proxy._tell(number, "done")
                self._give(fault, status, headers, answer)
                proxy._tell(number, "answered")

            def _give(self, fault: str | None, status: int, headers: list[tuple[str, str]], answer: bytes) -> None:
                if fault == "lost-500":
                    self._answer(500, [("Content-Type", "text/html")], b"<h1>Server Error</h1>")
                elif fault in ("timeout", LATE):
                    time.sleep(proxy.plan.hold if fault == "timeout" else 0)
                    self._hang_up()
                elif fault == "reset":
                    self._answer(status, headers, answer[: len(answer) // 2], length=len(answer))
                    self._hang_up()
                elif fault == "truncated":
                    self._answer(status, headers, answer[: len(answer) * 2 // 3])
                else:
                    self._answer(status, headers, answer, slowly=fault == "slow")

            def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
                connection = http.client.HTTPConnection(proxy.target.hostname, proxy.target.port, timeout=300)
                headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP_BY_HOP}
                headers["Host"] = proxy.target.netloc
                headers["Accept-Encoding"] = "identity"
                try:
                    connection.request(self.command, self.path, body=body or None, headers=headers)
                    response = connection.getresponse()
                    kept = [(k, v) for k, v in response.getheaders() if k.lower() not in _HOP_BY_HOP]
                    return response.status, kept, response.read()
                except OSError:
                    return 502, [("Content-Type", "text/plain")], b"the server behind the proxy does not answer"
                finally:
                    connection.close()

            def _break_before(self, fault: str) -> None:
                if fault == "refused":
                    self._hang_up()
                elif fault == "error-429":
                    self._answer(
                        429, [("Content-Type", "application/json"), ("Retry-After", "1")], b'{"detail": "slow down"}'
                    )
                else:
                    self._answer(int(fault.removeprefix("error-")), [("Content-Type", "text/html")], b"<h1>broken</h1>")

            def _answer(
                self,
                status: int,
                headers: list[tuple[str, str]],
                body: bytes,
                *,
                length: int | None = None,
                slowly: bool = False,
            ) -> None:
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body) if length is None else length))
                self.end_headers()
                step = max(1, len(body) // 8) if slowly else max(1, len(body))
                for start in range(0, len(body), step):
                    self.wfile.write(body[start : start + step])
                    self.wfile.flush()
                    if slowly:
                        time.sleep(0.1)

            def _hang_up(self) -> None:
                """Ends the connection with a reset, as a dying server does."""
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.close()

        return Handler
