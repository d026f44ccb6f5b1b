"""The chat page in a real browser, in front of one whole bot for all tests of a module."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from support.studio_talk import shared_studio

from sandbox.http import HttpFace, make_app
from sandbox.studio import Studio
from sandbox.web import add_page
from starloom.cli.books import BotBooks

OpenPage = Callable[..., Awaitable[Page]]
_PATIENCE_MS = 20_000
_LISTENING = re.compile(r"DevTools listening on (ws://\S+)")


def find_chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is missing; .ci/run installs it")
        # What begins so is told in big letters at the end of the run as well.
        pytest.skip("NOT TESTED: the chat page; install Chromium (Debian: apt-get install chromium)")
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a browser without a window, for all tests of a process."""
    profile = tmp_path_factory.mktemp("chromium")
    # Inside a container everybody is root, which Chromium's own sandbox refuses.
    flags = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio")
    where = (f"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank")
    process = await asyncio.create_subprocess_exec(
        find_chromium(), *flags, *where, stderr=asyncio.subprocess.PIPE
    )
    try:
        yield await _address(process)
    finally:
        process.terminate()
        await process.communicate()


async def _address(process: asyncio.subprocess.Process) -> str:
    """Where a browser that has been started says that it listens."""
    assert process.stderr is not None
    async for line in process.stderr:
        found = _LISTENING.search(line.decode())
        if found is not None:
            return found.group(1)
    raise AssertionError("Chromium ended at once")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        yield await playwright.chromium.connect_over_cdp(chromium)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    """A bot that anybody may register with; each test has people of its own."""
    async with shared_studio(database_uri, tmp_path_factory.mktemp("studio")) as studio:
        studio.bot.allow_inline("what you have made")
        yield studio


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(studio: Studio) -> AsyncIterator[str]:
    """The page of the studio's local Telegram."""
    books = BotBooks(studio.database)
    await books.open()
    app = make_app(studio.sandbox)
    add_page(app, books)
    async with HttpFace(app) as face:
        yield face.url
    await books.close()


@pytest_asyncio.fixture(loop_scope="module")
async def open_page(browser: Browser, address: str) -> AsyncIterator[OpenPage]:
    """Open the page as a person, in a profile of its own or `beside` another page; it may report no error."""
    errors: list[str] = []
    contexts: list[BrowserContext] = []

    async def open_as(name: str, *, beside: Page | None = None, width: int = 1280, **options: Any) -> Page:
        if beside is None:
            # Nothing moves that need not: without a graphics card that costs more than all the rest.
            options = {"viewport": {"width": width, "height": 844}, "reduced_motion": "reduce", **options}
            context = await browser.new_context(**options)
            context.set_default_timeout(_PATIENCE_MS)
            contexts.append(context)
        else:
            context = beside.context
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if _is_fault(said.type, said.text) else None)
        await page.goto(f"{address}/#as={name}")
        await page.locator("#chat .head b").first.wait_for()
        return page

    yield open_as
    for context in contexts:
        await context.close()
    assert errors == []


def _is_fault(kind: str, text: str) -> bool:
    """Whether a line of the console is the page's own: lost lines are told by themselves."""
    return kind == "error" and "Failed to load resource" not in text and "WebSocket" not in text
