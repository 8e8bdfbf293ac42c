"""Texts parsed in several processes: in order, and without anything left behind when it ends early."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc

from workbench import processes as pool
from workbench.errors import ModelError
from workbench.pipeline.parallel import parsed
from workbench.pipeline.pieces import LONGEST

SLEEPER = """
import spacy, sys, time
from workbench.pipeline.parallel import parsed

def slow(doc):
    time.sleep(0.2)
    return len(doc)

def texts():
    for number in range(500):
        yield "word " * number

for number, length in enumerate(parsed(spacy.blank("en"), texts(), slow, batch=2, processes=2)):
    print(length, flush=True)
"""


def _words(doc: Doc) -> list[str]:
    return [token.text for token in doc]


def _where(doc: Doc) -> tuple[str, int]:
    return doc.text, os.getpid()


def _die(doc: Doc) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _children_of(pid: int) -> set[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return {int(line) for line in found.stdout.split()}


def _interruptible() -> None:
    """Lets a new process be interrupted; one that a background job starts inherits that interrupts are ignored.

    That its processes ignore the other signal, by which they are ended, is tried besides.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _gone(pids: set[int], seconds: float = 60) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_made_comes_in_the_order_of_the_texts(processes: int) -> None:
    texts = [f"text {number} ends" for number in range(45)]
    found = parsed(spacy.blank("en"), iter(texts), _words, batch=4, processes=processes)
    assert list(found) == [text.split() for text in texts]


def _joined(parts: Sequence[list[str]]) -> list[str]:
    return [word for part in parts for word in part]


@pytest.mark.parametrize("processes", [1, 2])
def test_a_text_that_is_too_long_is_parsed_in_pieces_and_put_together(processes: int) -> None:
    nlp = spacy.blank("en")
    # No text of this pipeline may be longer, so that a long one gets through in pieces or not at all.
    nlp.max_length = LONGEST
    texts = ["before it", "a line of words\n" * 20_000, "", "after it"]
    found = list(parsed(nlp, iter(texts), _words, join=_joined, processes=processes))
    assert [[word for word in words if word.strip()] for words in found] == [text.split() for text in texts]


@pytest.mark.parametrize("processes", [1, 2])
def test_a_lot_is_bounded_by_its_characters(processes: int) -> None:
    taken: list[int] = []

    def texts() -> Iterator[str]:
        for number in range(40):
            taken.append(number)
            yield "a word in a line\n" * (LONGEST // 20)

    found = parsed(spacy.blank("en"), texts(), _words, join=_joined, processes=processes)
    next(found)
    assert len(taken) <= 3 + processes * 2 * 3
    found.close()


def test_texts_are_taken_as_they_are_needed() -> None:
    taken: list[int] = []

    def texts() -> Iterator[str]:
        for number in range(1000):
            taken.append(number)
            yield "a word"

    found = parsed(spacy.blank("en"), texts(), _words, batch=4, processes=2)
    next(found)
    assert len(taken) < 50
    found.close()
    end = time.monotonic() + 60
    while multiprocessing.active_children() and time.monotonic() < end:
        time.sleep(0.05)
    assert multiprocessing.active_children() == []


def test_a_process_that_was_killed_is_told() -> None:
    with pytest.raises(ModelError, match="was killed") as raised:
        list(parsed(spacy.blank("en"), ["a", "b"], _die, batch=1, processes=2))
    assert "--processes 1" in raised.value.hint


@pytest.mark.parametrize(("number", "several"), [(6, False), (40, True)])
def test_unasked_few_texts_are_parsed_here_and_many_on_every_core(
    number: int, several: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_cores", lambda: 2)
    texts = [str(n) for n in range(number)]
    found = list(parsed(spacy.blank("en"), iter(texts), _where, batch=2, processes=0))
    assert [text for text, _ in found] == texts
    assert (os.getpid() not in {pid for _, pid in found}) == several


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at /proc")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_nothing_goes_on_after_an_interrupt_or_a_kill(how: signal.Signals) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", SLEEPER],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        preexec_fn=_interruptible,
    )
    assert run.stdout is not None
    run.stdout.readline()
    children = _children_of(run.pid)
    assert len(children) == 2
    run.send_signal(how)
    run.wait(10)
    run.stdout.close()
    assert _gone(children)
