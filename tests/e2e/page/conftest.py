"""The chat page in a real browser, in front of the whole bot."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright

from sandbox.http import HttpFace, make_app
from sandbox.studio import Studio
from sandbox.web import add_page
from starloom.cli.books import BotBooks

OpenPage = Callable[..., Awaitable[Page]]
_PATIENCE_MS = 20_000
_LISTENING = re.compile(r"DevTools listening on (ws://\S+)")


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing; .ci/run installs it")
        warnings.warn(
            "NOT TESTED: the chat page, for there is no Chromium here", pytest.PytestWarning, stacklevel=2
        )
        pytest.skip("NOT TESTED: the chat page; install Chromium (Debian: apt-get install chromium)")
    return found


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a browser without a window, for all tests of a process."""
    profile = tmp_path_factory.mktemp("chromium")
    # Inside a container everybody is root, which Chromium's own sandbox refuses.
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio")
    where = (f"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank")
    command = [_chromium(), *flags, *where]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - found above
        assert process.stderr is not None
        found = (_LISTENING.search(line) for line in process.stderr)
        yield next(match for match in found if match is not None).group(1)
        process.terminate()
        process.stderr.read()


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        yield await playwright.chromium.connect_over_cdp(chromium)


@pytest.fixture
async def address(studio: Studio) -> AsyncIterator[str]:
    """The page of the studio's local Telegram."""
    books = BotBooks(studio.database)
    await books.open()
    app = make_app(studio.sandbox)
    add_page(app, books)
    async with HttpFace(app) as face:
        yield face.url
    await books.close()


@pytest.fixture
async def open_page(browser: Browser, address: str) -> AsyncIterator[OpenPage]:
    """Open the page as a person, in a profile of its own or `beside` another page; it may report no error."""
    errors: list[str] = []

    async def open_as(name: str, *, beside: Page | None = None, width: int = 1280, **options: Any) -> Page:
        if beside is None:
            context = await browser.new_context(viewport={"width": width, "height": 844}, **options)
            context.set_default_timeout(_PATIENCE_MS)
        else:
            context = beside.context
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if _is_fault(said.type, said.text) else None)
        await page.goto(f"{address}/#as={name}")
        await page.locator("#chat .head b").first.wait_for()
        return page

    yield open_as
    assert errors == []


def _is_fault(kind: str, text: str) -> bool:
    """Whether a line of the console is the page's own: lost lines are told by themselves."""
    return kind == "error" and "Failed to load resource" not in text and "WebSocket" not in text
