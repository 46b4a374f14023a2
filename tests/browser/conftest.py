"""A server and a browser for these tests. Skipped, with the reason, where there is no Chromium."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
PASSWORD = "Right-Horse-9"
Open = Callable[..., Any]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One headless browser for a file of tests.

    Not for the session: Playwright keeps an event loop running in this thread as long as it is
    open, and every test after it in the same process would be called from within that loop.
    """
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
    if found is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - not where it is not used

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


def house(folder: Path, act: str) -> list[str]:
    """The command that does one thing to the house in that folder."""
    return [sys.executable, str(HERE / "serve.py"), str(folder), act]


class Server:
    """The running house and its worker's hand."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            house(folder, "serve"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def act(self, what: str) -> None:
        """Let the worker do something, as another process does in life."""
        subprocess.run(house(self.folder, what), check=True)

    def stop(self) -> None:
        """End it: nothing may outlive the tests."""
        self.process.communicate(timeout=30)


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with everything in it, made once and copied for every test."""
    folder = tmp_path_factory.mktemp("furnished") / "data"
    subprocess.run(house(folder, "make"), check=True)
    return folder


@pytest.fixture
def server(furnished: Path, tmp_path: Path) -> Iterator[Server]:
    """A server of its own for each test: what one confirms another does not find."""
    shutil.copytree(furnished, tmp_path / "data")
    made = Server(tmp_path / "data")
    yield made
    made.stop()


@pytest.fixture
def open_page(chromium: Any, server: Server) -> Iterator[Open]:
    """Opens pages as somebody; the test fails when one logs an error (a CSP breach is one)."""
    contexts: list[Any] = []
    errors: list[str] = []

    def open_as(
        who: str, where: str = "/", width: int = 1366, height: int = 768, **more: Any
    ) -> Any:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, has_touch=width < 600, **more
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.set_default_timeout(15_000)
        page.goto(f"{server.url}/login/?next={where}")
        page.fill("#id_username", who)
        page.fill("#id_password", PASSWORD)
        page.click("main form button")
        page.wait_for_url(lambda url: "/login/" not in url)
        return page

    open_as.errors = errors  # type: ignore[attr-defined]
    yield open_as
    for context in contexts:
        context.close()
    assert errors == []
