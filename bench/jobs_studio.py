"""The studio of the benchmark `jobs`: everything but Telegram, and a provider on this machine."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.billing.ledger import Ledger
from core.billing.pricing import Pricing
from core.clock import Clock, SystemClock
from core.generation.assembly import Studio, Surroundings, build_studio
from core.generation.callback_addresses import CallbackAddresses
from core.generation.job import Job, JobState
from core.generation.model import Category, Model, ModelList
from core.generation.ports import LoggedAlerts
from core.generation.prices import FlatPrice
from core.generation.provider import (
    CallbackNews,
    CallbackRequest,
    ProviderTask,
    Result,
    Running,
    Status,
    Succeeded,
)
from core.generation.registry import Registry
from core.generation.settings import GenerationSettings
from core.http.addresses import LOOPBACK_TOO
from core.http.provider_http import HttpLayer, ProviderHttp
from core.http.reply import Reply
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
from core.telegram.uploader import MOST_BYTES
from core.web.callbacks import Callbacks
from core.web.server import Readiness, WebServer

PROVIDER = "loop"
MODEL = Model(
    id="loop-one",
    provider=PROVIDER,
    category=Category.IMAGE,
    title={"en": "Loop", "ru": "Петля"},
    price=FlatPrice(rule="flat", usd=Decimal("0.0065")),
    price_source="bench",
    price_date=date(2026, 1, 1),
)
_SECRET = b"a secret of the benchmark's own.."


class LoopProvider:
    """Speaks to the benchmark's server. `seconds` is how long its tasks take."""

    name = PROVIDER

    def __init__(self, http: ProviderHttp, server: str, *, polls_per_second: float) -> None:
        self._http = http
        self._server = server
        self.seconds = 0.0
        self.polls_per_second = polls_per_second
        self.polls = 0

    async def start(self) -> None: ...
    async def stop(self) -> None: ...

    def models(self) -> ModelList:
        """The one model."""
        return ModelList((MODEL,))

    async def submit(self, task: ProviderTask) -> str:
        """Order a task."""
        order = {"job": task.job_id, "seconds": self.seconds, "callback": task.callback_url}
        reply = await self._ask("POST", "tasks", json=order, safe=False)
        return str(reply.table()["id"])

    async def find(self, job_id: str) -> str | None:
        """Nothing is ever lost here."""
        return None

    async def poll(self, task_id: str) -> Status:
        """Whether the task is over."""
        self.polls += 1
        reply = await self._ask("GET", f"tasks/{task_id}", safe=True)
        if not reply.table()["done"]:
            return Running()
        return Succeeded((Result(url=f"{self._server}/files/{task_id}", mime_type="image/png"),))

    async def cancel(self, task_id: str) -> bool:
        """Nothing is stopped here."""
        return False

    async def open(self, result: Result) -> AsyncIterator[bytes]:
        """The file."""
        async for chunk in self._http.fetch(result.url):
            yield chunk

    async def account(self) -> None:
        """Nothing is paid here."""

    async def verify_callback(self, request: CallbackRequest) -> CallbackNews:
        """The server signs nothing; our own signature is in the address."""
        return CallbackNews(Reply(200, body=request.body).table()["task"])

    async def _ask(self, method: str, path: str, **rest: Any) -> Reply:
        return await self._http.request(method, f"{self._server}/{path}", **rest)


class NoTelegram:
    """Takes everything at once."""

    most_bytes = MOST_BYTES

    def __init__(self) -> None:
        self._ids = itertools.count(1)

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
        """Send a text."""
        return MessageRef(chat_id, next(self._ids))

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
        """Send a file."""
        return MessageRef(chat_id, next(self._ids))

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
        """Send files."""
        return tuple(MessageRef(chat_id, next(self._ids)) for _ in media)

    async def chat_action(self, chat_id: int, action: str) -> None: ...

    async def delete(self, ref: MessageRef) -> None: ...

    async def file(
        self,
        source: AsyncIterator[bytes],
        *,
        name: str,
        size: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> UploadedFile:
        """Take a file."""
        taken = 0
        async for chunk in source:
            taken += len(chunk)
        return UploadedFile(next(self._ids), 1, name, taken, None)

    async def register(
        self, chat_id: int, file: UploadedFile, thumbnail: bytes | None, details: MediaDetails
    ) -> OutgoingMedia:
        """Make media of it."""
        return OutgoingMedia(details.kind, {"id": file.file_id})

    async def refreshed(self, media: OutgoingMedia, message: MessageRef) -> OutgoingMedia | None:
        """Nothing expires here."""
        return media

    async def notify(self, hook: str, /, **arguments: Any) -> None: ...

    async def keyboard(self, hook: str, /, **arguments: Any) -> Keyboard:
        """No plugin has buttons."""
        return ()

    async def rewrite_prompt(self, prompt: str, /, **arguments: Any) -> str:
        """No plugin makes anything else of it."""
        return prompt

    def wants(self, hook: str) -> bool:
        """No plugin has any."""
        return False

    async def image(self, image: bytes, /, **arguments: Any) -> bytes:
        """No plugin changes it."""
        return image

    async def price_for(self, stars: int, /, **arguments: Any) -> int:
        """No plugin changes it."""
        return stars

    async def decide(self, hook: str, /, **arguments: Any) -> Any:
        """No plugin has anything against it."""
        return None


class Tally:
    """A number that grows, and whoever waits for it to be reached."""

    def __init__(self) -> None:
        self._count = 0
        self._grown = asyncio.Event()

    def add(self, number: int) -> None:
        """Count so many more."""
        self._count += number
        self._grown.set()

    async def reach(self, number: int) -> None:
        """Wait until so many have been counted."""
        while self._count < number:
            self._grown.clear()
            await self._grown.wait()


class CountedJobs(JobStore):
    """Generations, and how many of them have been claimed."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self.claimed = Tally()

    async def claim(self, worker: str, epoch: int, limit: int) -> list[Job]:
        """Claim as every worker does, and count it."""
        claimed = await super().claim(worker, epoch, limit)
        self.claimed.add(len(claimed))
        return claimed


@dataclass(frozen=True, slots=True)
class House:
    """What a round works with. `delivered` counts the jobs that are done."""

    studio: Studio
    provider: LoopProvider
    jobs: CountedJobs
    ledger: Ledger
    database: Database
    delivered: Tally


@asynccontextmanager
async def open_house(
    uri: str, name: str, server: str, *, embedded: bool, callbacks: bool, settings: GenerationSettings
) -> AsyncIterator[House]:
    """A studio whose worker does not run yet; it ends with the block."""
    clock, metrics, telegram = SystemClock(), Metrics(), NoTelegram()
    database = await Database.connect(uri, name, embedded=embedded, clock=clock)
    await database.prepare()
    layer = HttpLayer(clock, policy=LOOPBACK_TOO)
    provider = LoopProvider(
        layer.provider(PROVIDER), server, polls_per_second=settings.worker.polls_per_second
    )
    registry = Registry(Pricing(markup=Decimal(2), star_usd=Decimal("0.013")))
    registry.add(provider)
    jobs, i18n, delivered = CountedJobs(database, clock), I18n(), Tally()
    i18n.add(CORE, Path(__file__).parents[1] / "locales")
    web = WebServer(host="127.0.0.1", port=0, metrics=metrics, readiness=_ready)
    await web.start()
    addresses = CallbackAddresses(f"http://127.0.0.1:{web.port}" if callbacks else None, [_SECRET])

    async def count(job: Job) -> None:
        delivered.add(job.state is JobState.DELIVERED)

    ledger = Ledger(database, clock)
    studio = build_studio(
        Surroundings(
            registry=registry,
            jobs=jobs,
            history=HistoryStore(database),
            notes=NoteStore(database, clock),
            durations=DurationStore(database),
            leases=Leases(database, clock),
            ledger=ledger,
            messenger=telegram,
            uploader=telegram,
            hooks=telegram,
            notify=count,
            translators=i18n.translator,
            alerts=LoggedAlerts(),
            stored=SettingsStore(database),
            addresses=addresses,
            clock=clock,
            metrics=metrics,
        ),
        settings,
        worker_name="bench",
    )
    desk = Callbacks(
        addresses=addresses, jobs=jobs, worker=lambda: studio.worker, clock=clock, metrics=metrics
    )
    web.serve_callbacks(PROVIDER, lambda request: desk.receive(PROVIDER, provider, request))
    try:
        yield House(studio, provider, jobs, ledger, database, delivered)
    finally:
        await studio.worker.stop()
        await web.stop()
        await layer.close()
        await database.erase()
        await database.close()


async def _ready() -> Readiness:
    return Readiness(active=True, ready=True)
