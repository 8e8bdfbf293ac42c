"""The process that pushes or pulls, and may be killed while it does."""

import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace

from contexts import PartsContext
from pushing import Bench

from workbench.core.annotations import Producer
from workbench.core.ports import Silent
from workbench.errors import WorkbenchError
from workbench.labelstudio.api import client as client_module
from workbench.labelstudio.api import transport
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.api.transport import Transport
from workbench.labelstudio.pull import pull as pull_module
from workbench.labelstudio.push import delivery, ledger, retiring, suggestions
from workbench.workflows.adjudicate import adjudicate
from workbench.workflows.sync import pull_projects

HURRY = 0.1
"""How much of its pauses the client takes."""


@dataclass(frozen=True)
class Job:
    """What a child process does, and how small and hurried everything is made for it."""

    action: str
    folder: Path
    title: str
    url: str
    token: str
    producers: tuple[Producer, ...]
    overlap: int
    chunk: int
    page: int
    seconds: float
    patience: float
    look_back: float
    verify: bool = False


@dataclass(frozen=True)
class Ended:
    """How a child ended: done, error (one that a user would be told in a line) or crash; what it said."""

    how: str
    said: str
    report: object = None


def work(job: Job, pipe: Connection) -> None:
    """Does the job in this process, and says through the pipe how it ended."""
    bench = open_bench(job)
    try:
        if job.action == "push":
            report = bench.push(
                producers=list(job.producers),
                overlap_of_new=job.overlap,
                patience=job.patience,
                verify=job.verify,
            )
        elif job.action == "adjudicate":
            context = PartsContext(job.folder, store=bench.store, client=bench.client)
            report = adjudicate(context, patience=job.patience)
        else:
            report = pull_projects(bench.store, bench.client, Silent(), title=job.title)
    except WorkbenchError as error:
        pipe.send(Ended("error", f"{type(error).__name__}: {error.message}"))
    except BaseException:  # noqa: BLE001 - whatever it was, the run has to tell it
        pipe.send(Ended("crash", traceback.format_exc()))
    else:
        pipe.send(Ended("done", "", report))


def open_bench(job: Job) -> Bench:
    """The store and a client, with small chunks and short times."""
    delivery.CHUNK = suggestions.RENEWAL_CHUNK = ledger.CHUNK = retiring.CHUNK = job.chunk
    pull_module.PAGE = job.page
    pull_module.OVERLAP = type(pull_module.OVERLAP)(seconds=job.look_back)
    client_module.IMPORT_SECONDS = client_module.DELETE_SECONDS = job.seconds
    hurried = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds * HURRY), monotonic=time.monotonic)
    transport.time = hurried
    client = LabelStudioClient(Transport(job.url, job.token, answer_seconds=job.seconds), server="torture")
    return Bench(job.folder, client, job.title)
