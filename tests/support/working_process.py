"""A worker for a process of its own, whose provider and Telegram are a server of the test's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp

from core.billing.ledger import Ledger
from core.billing.pricing import Pricing
from core.clock import SystemClock
from core.generation.assembly import Surroundings, build_studio
from core.generation.callback_addresses import CallbackAddresses
from core.generation.job import Job, JobState
from core.generation.model import Category, Model, ModelList
from core.generation.ports import LoggedAlerts
from core.generation.prices import FlatPrice
from core.generation.provider import ProviderTask, Result, Running, Status, SubmissionUnknown, Succeeded
from core.generation.registry import Registry
from core.generation.settings import GenerationSettings, Originals, Patience, WorkerSettings
from core.i18n import CORE, I18n
from core.observability.metrics import Metrics
from core.storage.database import Database
from core.storage.durations import DurationStore
from core.storage.generations import JobStore
from core.storage.history import HistoryStore
from core.storage.leases import Leases
from core.storage.notes import NoteStore
from core.storage.settings import SettingsStore
from core.telegram.types import Keyboard, MediaDetails, MessageRef, OutgoingMedia
from core.telegram.upload.file import UploadedFile

MODEL = Model(
    id="remote-one",
    provider="remote",
    category=Category.IMAGE,
    title={"en": "Remote", "ru": "Далеко"},
    price=FlatPrice(rule="flat", usd=Decimal("0.065")),
    price_source="test",
    price_date=date(2026, 1, 1),
)


class Remote:
    """A provider and a Telegram behind one server, which outlives this process."""

    name = "remote"
    most_bytes = 1000

    def __init__(self, url: str, client: aiohttp.ClientSession) -> None:
        self._url = url
        self._client = client

    async def _ask(self, path: str, **sent: Any) -> Any:
        async with self._client.post(f"{self._url}/{path}", json=sent) as response:
            return await response.json()

    async def start(self) -> None: ...
    async def stop(self) -> None: ...

    def models(self) -> ModelList:
        return ModelList((MODEL,))

    async def submit(self, task: ProviderTask) -> str:
        try:
            return str((await self._ask("submit", job=task.job_id))["task"])
        except aiohttp.ClientError as error:
            raise SubmissionUnknown(type(error).__name__) from error

    async def find(self, job_id: str) -> str | None:
        found: str | None = (await self._ask("find", job=job_id))["task"]
        return found

    async def poll(self, task_id: str) -> Status:
        done = (await self._ask("poll", task=task_id))["done"]
        return Succeeded((Result(url="x", mime_type="image/png", size=4),)) if done else Running()

    async def cancel(self, task_id: str) -> bool:
        return False

    async def open(self, result: Result) -> AsyncIterator[bytes]:
        yield b"file"

    async def account(self) -> None:
        return None

    async def send_text(
        self,
        chat_id: int,
        html: str,
        *,
        keyboard: Keyboard = (),
        reply_to: int | None = None,
        silent: bool = False,
        random_id: int,
    ) -> MessageRef:
        return MessageRef(chat_id, (await self._ask("send", random=random_id, media=False))["id"])

    async def send_media(
        self,
        chat_id: int,
        media: OutgoingMedia,
        caption: str,
        *,
        keyboard: Keyboard = (),
        reply_to: int | None = None,
        silent: bool = False,
        random_id: int,
    ) -> MessageRef:
        return MessageRef(chat_id, (await self._ask("send", random=random_id, media=True))["id"])

    async def send_album(
        self,
        chat_id: int,
        media: Sequence[OutgoingMedia],
        caption: str,
        *,
        reply_to: int | None = None,
        silent: bool = False,
        random_ids: Sequence[int],
    ) -> tuple[MessageRef, ...]:
        raise AssertionError("one file only")

    async def chat_action(self, chat_id: int, action: str) -> None: ...

    async def hear(self, job: Job) -> None:
        """Tell the test when the job is done."""
        if job.state is JobState.DELIVERED:
            await self._ask("delivered")

    async def delete(self, ref: MessageRef) -> None: ...

    async def file(
        self,
        source: AsyncIterator[bytes],
        *,
        name: str,
        size: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> UploadedFile:
        return UploadedFile(1, 1, name, len(b"".join([chunk async for chunk in source])), None)

    async def register(
        self, chat_id: int, file: UploadedFile, thumbnail: bytes | None, details: MediaDetails
    ) -> OutgoingMedia:
        return OutgoingMedia(details.kind, await self._ask("upload", size=file.size))

    async def refreshed(self, media: OutgoingMedia, message: MessageRef) -> OutgoingMedia | None:
        return None


class Everybody:
    async def notify(self, hook: str, /, **arguments: Any) -> None: ...

    async def keyboard(self, hook: str, /, **arguments: Any) -> Keyboard:
        return ()

    async def rewrite_prompt(self, prompt: str, /, **arguments: Any) -> str:
        return prompt

    def wants(self, hook: str) -> bool:
        return False

    async def image(self, image: bytes, /, **arguments: Any) -> bytes:
        return image

    async def price_for(self, stars: int, /, **arguments: Any) -> int:
        return stars

    async def decide(self, hook: str, /, **arguments: Any) -> Any:
        return None


def work(uri: str, name: str, url: str) -> None:
    """Work until the process is killed, on the database at `uri`, with the server at `url`."""
    asyncio.run(_work(uri, name, url))


async def _work(uri: str, name: str, url: str) -> None:
    clock = SystemClock()
    database = await Database.connect(uri, name, embedded=True, clock=clock)
    i18n = I18n()
    i18n.add(CORE, Path(__file__).parents[2] / "locales")
    async with aiohttp.ClientSession() as client:
        remote = Remote(url, client)
        registry = Registry(Pricing(markup=Decimal(2), star_usd=Decimal("0.013")))
        registry.add(remote)
        studio = build_studio(
            Surroundings(
                registry=registry,
                jobs=JobStore(database, clock),
                history=HistoryStore(database),
                notes=NoteStore(database, clock),
                durations=DurationStore(database),
                leases=Leases(database, clock),
                ledger=Ledger(database, clock),
                messenger=remote,
                uploader=remote,
                hooks=Everybody(),
                notify=remote.hear,
                translators=i18n.translator,
                alerts=LoggedAlerts(),
                stored=SettingsStore(database),
                addresses=CallbackAddresses(None, ()),
                clock=clock,
                metrics=Metrics(),
            ),
            GenerationSettings(
                patience=Patience(poll_first=0.05, retry_first=0.05),
                worker=WorkerSettings(look=0.05),
                originals=Originals.NEVER,
            ),
            worker_name="only",
        )
        studio.worker.start()
        await asyncio.Event().wait()
