"""Models and servers for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.live_models import SAMPLES
from support.live_page import CHROMIUM, PATIENCE_MS, Opener
from support.live_server import PATIENCE_SECONDS, Server, Starter, ended_well, start_server, write_model


@pytest.fixture(scope="session")
def both_ways(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "reviews")


@pytest.fixture(scope="session")
def forward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "forward", direction="forward", seed=3)


@pytest.fixture(scope="session")
def server(both_ways: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the usual options, which many tests share."""
    running = start_server(both_ways, tmp_path_factory.mktemp("server") / "errors")
    yield running
    ended_well(running)


class Servers(dict[str, Server]):
    """A server of each task, started when it is first used. folder: where the models are, by task."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __missing__(self, task: str) -> Server:
        self[task] = start_server(SAMPLES[task].write(self.folder / task), self.folder / f"{task}-errors")
        return self[task]


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers with the usual options, which many tests share, by task."""
    running = Servers(tmp_path_factory.mktemp("servers"))
    yield running
    for server in running.values():
        ended_well(server)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Starter]:
    """Start a server of one's own."""
    running: list[Server] = []

    def starting(directory: Path, *options: str) -> Server:
        running.append(start_server(directory, tmp_path / f"errors{len(running)}", *options))
        return running[-1]

    yield starting
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait(PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright (pip install playwright)")
    with api.sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic"]
        running = driver.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        yield running
        running.close()


@pytest.fixture
def opened(browser: Any) -> Iterator[Opener]:
    """Open a server's page. It must load nothing from elsewhere, break no policy, and leave no error unhandled."""
    contexts: list[Any] = []
    faults: list[str] = []

    def opening(server: Server, path: str = "/", **options: Any) -> Any:
        allowed = options.pop("allowed", ())
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation', e => console.error('policy ' + e.violatedDirective))"
        )

        def noted(message: Any) -> None:
            if message.type in ("error", "warning") and not any(part in message.text for part in allowed):
                faults.append(message.text)

        def asked(request: Any) -> None:
            if not request.url.startswith((server.address, "data:", "blob:")):
                faults.append(request.url)

        page.on("console", noted)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", asked)
        page.goto(server.address + path)
        return page

    yield opening
    for context in contexts:
        context.close()
    assert faults == []
