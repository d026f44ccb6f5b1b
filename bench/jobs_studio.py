"""The studio of the benchmark `jobs`: everything but Telegram, with Kie.ai's provider as people run it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import structlog

from core.billing.ledger import Ledger
from core.billing.pricing import Pricing
from core.clock import Clock, SystemClock
from core.generation.assembly import Studio, Surroundings, build_studio
from core.generation.callback_addresses import CallbackAddresses
from core.generation.job import Job, JobState
from core.generation.ports import LoggedAlerts
from core.generation.registry import Registry
from core.generation.settings import GenerationSettings
from core.http.addresses import LOOPBACK_TOO
from core.http.provider_http import HttpLayer
from core.i18n import CORE, I18n
from core.observability.metrics import Metrics
from core.plugin import ProviderContext
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
from providers.kie import Config, create

PROVIDER = "kie"
MODEL = "z-image"
KEY = "kie-test-key"
"""What the contract server takes for an account."""
WEBHOOK_KEY = "kie-load-key"
"""What it signs with."""
_UNBOUND = 1_000_000
_SECRET = b"a secret of the benchmark's own.."


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
    jobs: CountedJobs
    ledger: Ledger
    database: Database
    delivered: Tally


@asynccontextmanager
async def open_house(
    uri: str,
    name: str,
    server: str,
    *,
    embedded: bool,
    callbacks: bool,
    queries: int,
    settings: GenerationSettings,
) -> AsyncIterator[House]:
    """A studio whose worker does not run yet; it ends with the block. `queries` a second Kie.ai allows."""
    clock, metrics, telegram = SystemClock(), Metrics(), NoTelegram()
    database = await Database.connect(uri, name, embedded=embedded, clock=clock)
    await database.prepare()
    layer = HttpLayer(clock, policy=LOOPBACK_TOO)
    provider = _kie(layer, clock, server, queries)
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
        yield House(studio, jobs, ledger, database, delivered)
    finally:
        await studio.worker.stop()
        await web.stop()
        await layer.close()
        await database.erase()
        await database.close()


def _kie(layer: HttpLayer, clock: Clock, server: str, queries: int) -> Any:
    """Its provider and its client, at the contract server; new tasks have no limit here."""
    secrets = {"KIE_API_KEY": KEY, "KIE_WEBHOOK_KEY": WEBHOOK_KEY, "KIE_BASE_URL": server}
    return create(
        ProviderContext(
            name=PROVIDER,
            config=Config(upload_url=server, new_tasks=_UNBOUND, queries=queries),
            clock=clock,
            log=structlog.stdlib.get_logger("providers.kie"),
            secret=secrets.get,
            http=layer.provider(PROVIDER),
            directory=Path(),
            sandbox=True,
        )
    )


async def _ready() -> Readiness:
    return Readiness(active=True, ready=True)
