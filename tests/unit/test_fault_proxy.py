"""The proxy breaks what it is told to, and nothing else."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from fault_proxy import FAULTS, LATE, FaultProxy, Plan

BODY = b'{"some": "json", "long": "' + b"x" * 500 + b'"}'


class Counting(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    posts = 0

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).posts += 1
        self.do_GET()

    def log_message(self, *_: object) -> None:
        return None


@pytest.fixture
def server() -> Iterator[str]:
    Counting.posts = 0
    running = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_address[1]}"
    running.shutdown()
    running.server_close()


def post(url: str) -> str:
    try:
        answer = httpx.post(f"{url}/x", content=b"hello", timeout=1)
        answer.json()
    except (httpx.HTTPError, ValueError) as error:
        return type(error).__name__
    return str(answer.status_code)


@pytest.mark.parametrize(
    ("fault", "seen", "committed"),
    [
        ("error-500", ("ValueError", "JSONDecodeError"), 0),
        ("error-502", ("ValueError", "JSONDecodeError"), 0),
        ("error-429", ("429",), 0),
        ("refused", ("ReadError", "RemoteProtocolError"), 0),
        ("timeout", ("ReadTimeout",), 1),
        ("reset", ("ReadError", "RemoteProtocolError"), 1),
        ("truncated", ("JSONDecodeError",), 1),
        ("lost-500", ("JSONDecodeError",), 1),
        ("slow", ("200",), 1),
    ],
)
def test_each_fault(server: str, fault: str, seen: tuple[str, ...], committed: int):
    with FaultProxy(server, Plan(rate=1.0, faults=(fault,), most=1, hold=2)) as proxy:
        assert post(proxy.url) in seen
        assert Counting.posts == committed
        assert post(proxy.url) == "200"


def test_the_same_seed_is_the_same_plan():
    plans = [Plan(seed=7, rate=0.3) for _ in range(2)]
    one, other = ([plan.fault("GET", "/") for _ in range(200)] for plan in plans)
    assert one == other
    assert {fault for fault in one if fault} == set(FAULTS)


def test_a_late_request_reaches_the_server_after_its_client_has_gone(server: str):
    with FaultProxy(server, Plan(rate=1.0, faults=(LATE,), most=1, hold=1.2)) as proxy:
        assert post(proxy.url) == "ReadTimeout"
        assert Counting.posts == 0
        assert proxy.wait_until_idle()
        assert Counting.posts == 1


def test_who_watches_is_told_of_each_request_and_its_stages(server: str):
    told: list[tuple[int, str]] = []
    with FaultProxy(server, Plan()) as proxy:
        proxy.watch = lambda number, stage: told.append((number, stage))
        post(proxy.url)
        post(proxy.url)
        assert proxy.wait_until_idle()
    assert told == [(number, stage) for number in (1, 2) for stage in ("arrived", "done", "answered")]
