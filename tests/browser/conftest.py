"""A real Chromium, and a person with an account on the live server, logged in through the form."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.editor import READY_SECONDS, Editor
from playwright.sync_api import Browser, Page, expect, sync_playwright

from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.server import accounts

ARGUMENTS = [
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
SIZE = {"width": 1440, "height": 900}

expect.set_options(timeout=READY_SECONDS * 1000)  # machines may be busy


@pytest.fixture(scope="session", autouse=True)
def chromium_path() -> str:
    """Where Chromium is; looked up before the server is started for nothing."""
    path = os.environ.get("CHROMIUM") or next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail(
            "no Chromium here. Run as root: apt-get update && apt-get install -y --no-install-recommends chromium",
            pytrace=False,
        )
    return path


@pytest.fixture(scope="session")
def chromium(chromium_path: str) -> Iterator[Browser]:
    # Chromium's sandbox refuses to run as root.
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def person(label_studio: LabelStudioClient, live_workspace: Path) -> accounts.Account:
    """An annotator's account."""
    report = accounts.add(label_studio, live_workspace, ("noor",))
    assert report.added, report
    return report.added[0]


@pytest.fixture(scope="session")
def session_state(chromium: Browser, label_studio: LabelStudioClient, person: accounts.Account) -> dict[str, object]:
    """The cookies of the person, after the login form."""
    context = chromium.new_context()
    editor = Editor(context.new_page(), label_studio.url)
    editor.log_in(person.email, person.password)
    state = context.storage_state()
    context.close()
    return dict(state)


@pytest.fixture
def editor(chromium: Browser, label_studio: LabelStudioClient, session_state: dict[str, object]) -> Iterator[Editor]:
    """The editor in a fresh tab; an error on the page's console that is about the page fails the test."""
    context = chromium.new_context(storage_state=session_state, viewport=SIZE)
    page: Page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield Editor(page, label_studio.url)
    context.close()
    assert errors == []
