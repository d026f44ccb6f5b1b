"""`demo`: two people go from /start to a delivered video on a local Telegram, and everything is checked."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import av

from core.billing.ledger import Balance, Ledger
from core.clock import SystemClock
from core.config import provider_names
from core.errors import StarloomError
from core.observability.logging import configure_logging
from core.storage.database import Database
from core.storage.embedded import EmbeddedServer
from core.storage.generations import JobStore
from providers.demo.making import Order, make
from sandbox.people.person import Person
from sandbox.people.reading import PersonError
from sandbox.people.views import MessageView
from starloom.api import Category, Job, JobState
from starloom.cli.local import BotProcess, LocalTelegram, bot_environment
from starloom.cli.options import Options
from starloom.cli.speaking import FAILED, complain, say, verdict

_PATIENCE = 90.0
"""Seconds that a person waits for an answer; the machine may be slow."""
_LOOK_AGAIN = 0.1


class _Wrong(Exception):
    """Something is not as it must be; the words say what."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What one person does in the demonstration."""

    name: str
    language: str
    model: str
    prompt: str


_PARTS = (
    _Part("Alice", "en", "Demo video", "A lighthouse above the clouds at dawn, calm and golden"),
    _Part("Борис", "ru", "Демо-видео", "Кит плывёт над ночным городом, медленно и торжественно"),
)


def demo(options: Options) -> int:
    """Show it; 0 if everything is as it must be, or 1 with the reason."""
    configure_logging(level="ERROR")
    began = time.monotonic()
    try:
        asyncio.run(_play(options))
    except (_Wrong, StarloomError, AssertionError, PersonError) as error:
        complain(f"The demonstration failed: {error}")
        return FAILED
    say(f"Everything is as it must be, after {time.monotonic() - began:.1f} s.")
    return 0


async def _play(options: Options) -> None:
    with tempfile.TemporaryDirectory(prefix="starloom-demo-") as folder:
        directory = Path(folder)
        local = await LocalTelegram.start(directory, port=0)
        environment = bot_environment(
            local, {**os.environ, "DATA_DIR": folder, "PORT": "0", "LOG_LEVEL": "ERROR"}
        )
        # Whatever is set for a bot of one’s own: the demo provider is shown, on a database of its own.
        databases = ("MONGODB_URI", "DATABASE_URL", "TEST_DATABASE_URL")
        modes = ("TEST_MODE", "DRY_RUN", "KIE_STUB", "STORAGE_MODE")
        for name in (*databases, *modes, "LOG_FILE", *provider_names()):
            environment.pop(name, None)
        bot = await BotProcess.start(environment, plugins_file=options.plugins_path())
        try:
            people = [local.sandbox.add_person(part.name, language=part.language) for part in _PARTS]
            async with _books(directory, local.bot.id) as (ledger, jobs):
                acting = _all_the_way(local, people, ledger, jobs)
                delivered = await _while_alive(bot, asyncio.ensure_future(acting))
                await bot.stop()
                for person in people:
                    say(f"\n— {person.name} —\n{person.transcript()}")
                say("")
                await _check(directory, people, delivered, ledger, jobs)
        finally:
            await bot.stop()
            await local.stop()


async def _while_alive(bot: BotProcess, acting: asyncio.Future[list[MessageView]]) -> list[MessageView]:
    """What the people end up with.

    Raises:
        _Wrong: the bot's process ended meanwhile; nobody need wait any longer.
    """

    def give_up(ended: asyncio.Task[int]) -> None:
        acting.cancel(f"the bot's process ended with status {ended.result()}")

    watching = asyncio.create_task(bot.wait())
    watching.add_done_callback(give_up)
    try:
        return await acting
    except asyncio.CancelledError as error:
        if not error.args:
            raise
        raise _Wrong(str(error)) from None
    finally:
        watching.remove_done_callback(give_up)
        watching.cancel()


async def _all_the_way(
    local: LocalTelegram, people: list[Person], ledger: Ledger, jobs: JobStore
) -> list[MessageView]:
    """What the people got, once the bot has ended everything about it: the message comes before that."""
    await local.ready.wait()
    delivered = await asyncio.gather(
        *(_generate(person, part) for person, part in zip(people, _PARTS, strict=True))
    )
    for person in people:
        deadline = time.monotonic() + _PATIENCE
        while await _delivered_job(jobs, ledger, person) is None:
            if time.monotonic() > deadline:
                raise _Wrong(f"the generation of {person.name} is not delivered and settled once")
            await SystemClock().sleep(_LOOK_AGAIN)
    return delivered


async def _generate(person: Person, part: _Part) -> MessageView:
    """Go from /start to the file in the chat, as a person would."""
    await person.start()
    await person.expect(kind="new", within=_PATIENCE)
    await person.send("/generate")
    await person.expect(kind="new", within=_PATIENCE)
    await person.press(part.model)
    await person.expect(kind="edit", within=_PATIENCE)
    await person.send(part.prompt)
    await person.expect(kind="new", within=_PATIENCE)
    await person.press("✨")
    return await person.expect(kind="video", within=_PATIENCE)


@contextlib.asynccontextmanager
async def _books(directory: Path, bot_id: int) -> AsyncIterator[tuple[Ledger, JobStore]]:
    """The bot's ledger and jobs, beside the running bot."""
    server, clock = EmbeddedServer(directory / "database"), SystemClock()
    database = await Database.connect(await server.start(), f"starloom_{bot_id}", embedded=True, clock=clock)
    try:
        yield Ledger(database, clock), JobStore(database, clock)
    finally:
        await database.close()
        await server.stop()


async def _check(
    directory: Path, people: list[Person], delivered: list[MessageView], ledger: Ledger, jobs: JobStore
) -> None:
    """Hold the chats, the files and the ledger against each other.

    Raises:
        _Wrong: something is not as it must be.
    """
    for person, part, message in zip(people, _PARTS, delivered, strict=True):
        job = await _delivered_job(jobs, ledger, person)
        if job is None:
            raise _Wrong(f"the generation of {person.name} is not delivered and settled once")
        content = await person.download(message)
        _check_file(directory, part, job, message, content)
        balance = await ledger.balance(person.id)
        _check_money(part.name, job, balance, await _given(ledger, person))
    report = await ledger.check()
    if report.total != 0 or report.problems:
        raise _Wrong(f"the ledger sums to {report.total}: {'; '.join(report.problems)}")
    verdict(True, "ledger", f"sums to {report.total}, nothing is held")


async def _delivered_job(jobs: JobStore, ledger: Ledger, person: Person) -> Job | None:
    """The person's one job, if everything about it has ended."""
    settled = [entry for entry in await ledger.statement(person.id, 50) if entry.credit == "revenue"]
    if len(settled) != 1:
        return None
    job = await jobs.get(settled[0].reference)
    return job if job is not None and job.state is JobState.DELIVERED else None


async def _given(ledger: Ledger, person: Person) -> int:
    """Stars that came to the person."""
    account = f"user:{person.id}"
    return sum(entry.amount for entry in await ledger.statement(person.id, 50) if entry.credit == account)


def _check_file(directory: Path, part: _Part, job: Job, message: MessageView, content: bytes) -> None:
    """The provider makes the same bytes again; those in the chat must be equal and a video as ordered."""
    path = directory / "again.mp4"
    made = make(Order(Category.VIDEO, part.prompt, dict(job.options)), path)
    found = hashlib.sha256(content).hexdigest()
    if found != made.sha256:
        raise _Wrong(f"the file in the chat of {part.name} has SHA-256 {found}, the provider's {made.sha256}")
    path.write_bytes(content)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        seconds = float((container.duration or 0) / av.time_base)
        frames = sum(1 for _ in container.decode(stream))
        size = (stream.codec_context.width, stream.codec_context.height)
    wanted = int(job.options["duration"])
    if abs(seconds - wanted) > 0.5 or size != (made.width, made.height) or not frames:
        raise _Wrong(f"the video of {part.name} is {size} px and {seconds:.2f} s, not {wanted} s")
    media = message.media
    if media is None or (media.width, media.height) != size or abs((media.duration or 0) - wanted) > 0.5:
        raise _Wrong(f"Telegram shows {media} for the video of {part.name}")
    verdict(
        True,
        f"file of {part.name}",
        f"SHA-256 {found[:16]}… is the provider's; {size[0]}x{size[1]} px, {seconds:.2f} s, "
        f"{frames} frames, {len(content)} bytes",
    )


def _check_money(name: str, job: Job, balance: Balance, given: int) -> None:
    if balance.held:
        raise _Wrong(f"{balance.held} Stars of {name} are still held")
    if given - balance.available != job.price:
        raise _Wrong(f"{name} had {given} Stars, has {balance.available}, and was shown {job.price}")
    verdict(
        True,
        f"money of {name}",
        f"{given} Stars given, {job.price} shown and settled, {balance.available} left",
    )
