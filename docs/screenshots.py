"""Takes the README's pictures from the running project: `python -m docs.screenshots`.

It needs Chromium, and a font with emoji (Debian: `apt-get install chromium fonts-noto-color-emoji`). With
`--gallery DIR` it takes the page in both languages, dark and light, wide and on a phone instead, to be
looked at. The videos are long, and so is the line, so that there is something to see of their way.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import shutil
import tempfile
import tomllib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Annotated, Any

import typer
from PIL import Image
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from core.clock import SystemClock
from core.generation.job import Job, JobState
from core.observability.logging import configure_logging
from core.statistics.periods import Period
from core.storage.embedded import EmbeddedServer
from core.storage.generations import job_document
from sandbox.faults import Fault, FaultKind
from sandbox.http import HttpFace, make_app
from sandbox.studio import Studio
from sandbox.web import add_page
from starloom.cli.books import BotBooks

_ROOT = Path(__file__).parents[1]
_IMAGES = Path(__file__).with_name("images")
_PATIENCE_MS = 60_000
_VIDEO_MIB, _ROUND_TRIP = 48, 4.0
"""A video that takes some seconds where each of its parts takes so many seconds."""
_DAYS = 30
_SEED = 7
_TALL: ViewportSize = {"width": 1280, "height": 1400}
_ALL_SEEN = "() => [...document.images].every((each) => each.complete)"


@dataclass(frozen=True, slots=True)
class _Scene:
    """Who looks at the page, and how."""

    name: str
    language: str
    width: int = 1280
    height: int = 860
    dark: bool = False
    scale: float = 1.5
    welcome: str = "Create"
    model: str = "Demo video"
    prompts: tuple[str, str] = (
        "A lighthouse above the clouds at dawn, calm and golden",
        "A whale drifting over a city at night, slow and solemn",
    )


_RUSSIAN = {
    "welcome": "Создать",
    "model": "Демо-видео",
    "prompts": (
        "Маяк над облаками на рассвете, спокойно и золотисто",
        "Кит плывёт над ночным городом, медленно и торжественно",
    ),
}


def main(
    gallery: Annotated[Path | None, typer.Option(help="Take every view into this folder instead.")] = None,
) -> None:
    """Take the pictures of the README."""
    configure_logging(level="ERROR")
    asyncio.run(_take(gallery))


async def _take(gallery: Path | None) -> None:
    expect.set_options(timeout=_PATIENCE_MS)
    async with _studio() as studio, _page_of(studio) as address, _browser() as browser:
        await _seed(studio)
        if gallery is None:
            scene = _Scene("Alice", "en")
            async with _opened(browser, address, studio, scene) as page:
                await _chat(page, studio, scene, _IMAGES / "delivery.png")
                await _chart(page, _IMAGES / "statistics.png")
            return
        for scene in _every_scene():
            async with _opened(browser, address, studio, scene) as page:
                await _chat(page, studio, scene, gallery / f"{scene.name}-delivery.png")
                await _chart(page, gallery / f"{scene.name}-statistics.png", whole=True)
                await _tour(page, gallery, scene)


def _every_scene() -> Iterator[_Scene]:
    for language, dark, width in product(("en", "ru"), (False, True), (1280, 390)):
        name = f"{language}-{'dark' if dark else 'light'}-{width}"
        words: dict[str, Any] = _RUSSIAN if language == "ru" else {}
        yield _Scene(name, language, width=width, dark=dark, scale=1, **words)


@contextlib.asynccontextmanager
async def _studio() -> AsyncIterator[Studio]:
    plugins = tomllib.loads((_ROOT / "plugins.toml").read_text(encoding="utf-8"))
    plugins["providers"]["demo"] |= {
        "module": "bench.padded_provider",
        "seconds": 1,
        "padding_mib": _VIDEO_MIB,
    }
    with tempfile.TemporaryDirectory(prefix="starloom-screenshots-") as folder:
        server = EmbeddedServer(Path(folder) / "database", durable=False)
        try:
            options: dict[str, Any] = {"directory": Path(folder), "plugins": plugins, "admins": 1}
            async with await Studio.start(database_uri=await server.start(), **options) as studio:
                studio.bot.allow_inline("what you have made")
                yield studio
        finally:
            await server.stop()


@contextlib.asynccontextmanager
async def _page_of(studio: Studio) -> AsyncIterator[str]:
    books = BotBooks(studio.database)
    await books.open()
    app = make_app(studio.sandbox)
    add_page(app, books)
    try:
        async with HttpFace(app) as face:
            yield face.url
    finally:
        await books.close()


@contextlib.asynccontextmanager
async def _browser() -> AsyncIterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise SystemExit("Chromium is missing (Debian: apt-get install chromium fonts-noto-color-emoji)")
    async with async_playwright() as playwright:
        # Inside a container everybody is root, which Chromium's own sandbox refuses.
        browser = await playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--mute-audio"]
        )
        yield browser
        await browser.close()


@contextlib.asynccontextmanager
async def _opened(browser: Browser, address: str, studio: Studio, scene: _Scene) -> AsyncIterator[Page]:
    person = studio.person(scene.name, scene.language, stars=1000)
    friend = studio.person(f"Boris {scene.name}" if scene.name != "Alice" else "Boris", scene.language)
    group = studio.sandbox.add_group("Film club", [person, friend, studio.bot])
    await friend.send("Look what I made last night 🎬", to=group)
    context = await browser.new_context(
        viewport={"width": scene.width, "height": scene.height},
        device_scale_factor=scene.scale,
        color_scheme="dark" if scene.dark else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(_PATIENCE_MS)
    page = await context.new_page()
    await page.goto(f"{address}/#as={person.id}")
    await page.locator("#chat .head b").first.wait_for()
    yield page
    await context.close()


async def _seed(studio: Studio) -> None:
    """A month of made-up generations, which the bot counts as it counts all others."""
    chance, now = random.Random(_SEED), SystemClock().now()
    ended: list[Job] = []
    for ago in range(_DAYS):
        for _ in range(round(chance.gauss(26, 4) - ago * 0.6 + 7 * (ago % 7 in (0, 1)))):
            at = now - timedelta(days=ago, minutes=chance.randrange(5, 600))
            ended.append(_ended(chance, len(ended), at))
    async with studio.database() as database:
        await database.collection("generations").insert_many(
            [{**job_document(job), "state": str(job.state), "uncounted": True} for job in ended]
        )

    async def counted() -> bool:
        everybody = await studio.service.statistics.of_all(Period.ALL)
        return everybody.generations.count >= len(ended)

    await studio.until(counted, seconds=60)


def _ended(chance: random.Random, number: int, at: datetime) -> Job:
    models = {
        "demo-video": ("video", 20),
        "demo-image": ("image", 3),
        "demo-audio": ("audio", 2),
        "demo-animate": ("video", 10),
    }
    model = chance.choices(list(models), (46, 33, 9, 12))[0]
    category, price = models[model]
    outcome = chance.choices(("delivered", "failed", "cancelled"), (93, 4, 3))[0]
    begun = at - timedelta(seconds=chance.randrange(20, 180))
    timings = {"created": begun, "held": begun, "submitted": begun, "ready": at, outcome: at}
    return Job(
        id=f"made-up-{number}",
        user_id=100_000 + chance.randrange(90),
        chat_id=1,
        language="en",
        username="",
        model_id=model,
        provider="demo",
        price=price,
        cost_usd=Decimal("0.04"),
        prompt="",
        options={"duration": chance.choice((5, 10))} if category == "video" else {},
        prompt_tokens=chance.randrange(8, 40),
        category=category,
        created_at=begun,
        timings=timings,
        state=JobState.DELIVERED if outcome == "delivered" else JobState.RELEASED,
    )


async def _chat(page: Page, studio: Studio, scene: _Scene, path: Path) -> None:
    """One video is there, and the next goes up over a long line."""
    await page.locator(".closed button").click()
    await _press_last(page, scene.welcome)
    await _press_last(page, scene.model)
    await expect(page.locator(".message").last).to_contain_text(scene.model)
    await _order(page, scene.prompts[0])
    await page.locator("video").wait_for()
    await page.evaluate("document.querySelector('video').currentTime = 2")
    far = Fault(kind=FaultKind.LATENCY, method="upload.SaveBigFilePart", seconds=_ROUND_TRIP)
    with studio.sandbox.faults.add(far):
        await _order(page, scene.prompts[1])
        last = page.locator(".message").last
        await expect(last).to_contain_text("📤")
        await expect(last).to_contain_text(re.compile(r"[4-9]\d\s?%"))
        await expect(page.locator("#chat .head .dim")).to_contain_text("…")
        await expect(page.locator(".toast")).to_have_count(0)
        await _shoot(page, path)
    await expect(page.locator("video")).to_have_count(2)


async def _order(page: Page, prompt: str) -> None:
    await _write(page, prompt)
    await _press_last(page, "✨")


async def _press_last(page: Page, label: str) -> None:
    await page.locator(".message:last-child .key").filter(has_text=label).first.click()


async def _chart(page: Page, path: Path, *, whole: bool = False) -> None:
    """The last thirty days, as everybody sees them."""
    if not whole:
        await page.set_viewport_size(_TALL)
    await _write(page, "/stats")
    await _press_last(page, "30")
    last = page.locator(".message:last-child")
    await expect(last.locator(".key").filter(has_text="• 30")).to_be_visible()
    await page.wait_for_function(_ALL_SEEN)
    await _shoot(page, path, None if whole else last.locator(".column"))


async def _tour(page: Page, folder: Path, scene: _Scene) -> None:
    """The rest of what the page can show."""

    async def shoot(name: str) -> None:
        await page.wait_for_function(_ALL_SEEN)
        await _shoot(page, folder / f"{scene.name}-{name}.png")

    field = page.locator("textarea.field")
    await field.press_sequentially("/")
    await page.get_by_role("option").first.wait_for()
    await shoot("commands")
    await field.fill("@starloom_bot ")
    await page.locator(".choices img").first.wait_for()
    await shoot("inline")
    await field.fill("")
    await _write(page, "/buy")
    await _press_last(page, "50 ⭐")
    await _press_last(page, "✅")
    await page.locator(".key.pay").click()
    await page.get_by_role("dialog").wait_for()
    await shoot("payment")
    await page.keyboard.press("Escape")
    await page.locator("#chat .head button").last.click()
    await page.locator(".wire li").first.wait_for()
    await shoot("panel")
    await page.get_by_role("tab").nth(1).click()
    await page.locator(".faults li").first.wait_for()
    await shoot("faults")
    await page.locator("#panel button").first.click()
    await page.locator("#chat .head .narrow").dispatch_event("click")
    await page.locator(".person").click()
    await shoot("people")
    await page.keyboard.press("Escape")
    await shoot("chats")


async def _write(page: Page, text: str) -> None:
    field = page.locator("textarea.field")
    await field.fill(text)
    await field.press("Escape")
    await field.press("Enter")


async def _shoot(page: Page, path: Path, part: Any = None) -> None:
    """Write what is seen, as small as it goes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    await page.mouse.move(0, 0)
    await (part or page).screenshot(path=str(path), animations="disabled")
    with Image.open(path) as picture:
        picture.convert("RGB").save(path, optimize=True)
    typer.echo(path.name)


if __name__ == "__main__":
    cli = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    cli.command()(main)
    cli()
