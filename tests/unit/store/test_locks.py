"""Only one process at a time does a thing to a store; the others wait, and say for whom."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from workbench.core.ports import Silent
from workbench.errors import StoreUnavailable
from workbench.store import Store
from workbench.store.locks import waiting

HOLDER = """
import sys, time
from workbench.core.ports import Silent
from workbench.store import Store
with Store.open(sys.argv[1]).exclusive("push", Silent()):
    print("mine", flush=True)
    time.sleep(60)
"""


class Telling(Silent):
    def __init__(self) -> None:
        self.told: list[str] = []
        self.waits = threading.Event()

    def say(self, message: str) -> None:
        self.told.append(message)
        self.waits.set()


def test_the_second_waits_for_the_first_and_says_so(store: Store, url: str) -> None:
    second = Store.open(url)
    progress, order = Telling(), list[str]()

    def later() -> None:
        with second.exclusive("push", progress):
            order.append("second")

    with store.exclusive("push", Silent()):
        thread = threading.Thread(target=later)
        thread.start()
        assert progress.waits.wait(20)
        with store.transaction(), second.exclusive("pull", progress):
            order.append("first")
    thread.join(20)
    second.close()
    assert order == ["first", "second"]
    assert len(progress.told) == 1
    assert f"waiting for the push that process {os.getpid()} began at " in progress.told[0]


def test_a_process_that_is_killed_lets_go(store: Store, url: str) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, url], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "mine\n"
    progress = Telling()
    threading.Timer(0.5, holder.kill).start()
    began = time.monotonic()
    with store.exclusive("push", progress):
        assert 0.2 < time.monotonic() - began < 20
    holder.wait()
    holder.stdout.close()
    assert f"process {holder.pid} " in progress.told[0]


def test_an_error_within_the_block_lets_go(store: Store) -> None:
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), store.exclusive("push", Silent()):
            raise ZeroDivisionError


def test_a_lock_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'workbench.db'}")
    (tmp_path / "workbench.db.push.lock").mkdir()
    with pytest.raises(StoreUnavailable, match="cannot be made"), store.exclusive("push", Silent()):
        pass
    store.close()


def test_a_holder_that_is_not_known_is_waited_for_all_the_same() -> None:
    assert waiting("pull", "") == "waiting for another pull…"
