"""A world for generations: real database and ledger, a scripted provider, a Telegram that records.

Everything outside (provider, Telegram, database) outlives a crash of the studio, as it does in life.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.billing.amounts import Amounts
from core.billing.free import FreeTier
from core.billing.ledger import Ledger
from core.billing.pricing import Pricing
from core.billing.rates import Rates
from core.errors import DatabaseAway, PersonUnreachable
from core.generation.assembly import Studio, Surroundings, build_studio
from core.generation.callback_addresses import CallbackAddresses
from core.generation.job import Job
from core.generation.model import Category, Model, ModelList
from core.generation.ports import LargeFiles, NoLargeFiles, OwnKeys, SharedKeys
from core.generation.prices import FlatPrice
from core.generation.provider import (
    InputFile,
    ProviderTask,
    Result,
    Running,
    Status,
    SubmissionUnknown,
    Succeeded,
)
from core.generation.registry import Registry
from core.generation.settings import GenerationSettings
from core.generation.transitions import Step
from core.i18n import CORE, I18n
from core.observability.metrics import Metrics
from core.storage.database import Database
from core.storage.durations import DurationStore
from core.storage.generations import JobStore
from core.storage.history import HistoryStore
from core.storage.leases import WORKER_LEASE, Leases
from core.storage.notes import NoteStore
from core.storage.settings import SettingsStore
from core.telegram.types import Keyboard, MediaDetails, MessageRef, OutgoingMedia
from core.telegram.upload.file import UploadedFile, UploadRefused
from core.users import User
from sandbox.clock import ManualClock

LOCALES = Path(__file__).parents[2] / "locales"
PRICE = 10
PERSON = User(id=5_000_000_001, first_name="Alice", username="alice", language="en")
CONTENT = b"a finished file" * 100
_READING = frozenset({"active_of", "all_holds", "balance", "entry", "get", "last_of", "open", "repaid"})
_REPORTING = 2
"""Tasks beside an upload that sleep until there is something to report."""


class Killed(BaseException):
    """The process dies here."""


@dataclass
class Killer:
    """Counts calls over a border, and ends the process after the `at`-th: what was called has happened.

    With an `action`, that comes to pass there instead.
    """

    at: int = 0
    error: Callable[[], BaseException] = Killed
    action: Callable[[], Awaitable[Any]] | None = None
    count: int = 0
    calls: list[str] = field(default_factory=list)
    under_way: int = 0

    def moments(self) -> list[int]:
        """Numbers of the calls after which somebody else would find something new.

        The first one stands for all that comes before anything was done. A call that only reads leaves what
        the one before it left, and so does one that is made again and again for the same answer.
        """
        following = [*self.calls[1:], ""]
        return [
            number
            for number, (call, then) in enumerate(zip(self.calls, following, strict=True), 1)
            if number == 1 or (call.partition(".")[2] not in _READING and call != then)
        ]

    async def passed(self, call: str) -> None:
        self.count += 1
        self.calls.append(call)
        if self.count != self.at:
            return
        if self.action is None:
            raise self.error()
        await self.action()

    def around(self, name: str, target: Any) -> Any:
        return _Bordered(self, name, target)


class _Bordered:
    def __init__(self, killer: Killer, name: str, target: Any) -> None:
        self._killer = killer
        self._name = name
        self._target = target

    def __getattr__(self, attribute: str) -> Any:
        member = getattr(self._target, attribute)
        if inspect.isasyncgenfunction(member):

            async def stream(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
                async for item in member(*args, **kwargs):
                    await self._killer.passed(f"{self._name}.{attribute}")
                    yield item

            return stream
        if not inspect.iscoroutinefunction(member):
            return member

        async def call(*args: Any, **kwargs: Any) -> Any:
            self._killer.under_way += 1
            try:
                answer = await member(*args, **kwargs)
            finally:
                self._killer.under_way -= 1
            await self._killer.passed(f"{self._name}.{attribute}")
            return answer

        return call


@functools.cache
def _texts() -> I18n:
    """The texts, read once: reading them takes longer than most stories."""
    texts = I18n()
    texts.add(CORE, LOCALES)
    return texts


def model(model_id: str = "scripted-one", *, provider: str = "scripted", usd: str = "0.065") -> Model:
    return Model(
        id=model_id,
        provider=provider,
        category=Category.VIDEO,
        title={"en": "Scripted", "ru": "По сценарию"},
        price=FlatPrice(rule="flat", usd=Decimal(usd)),
        price_source="test",
        price_date=date(2026, 1, 1),
        prompt_max=2000,
    )


class WatchedJobs(JobStore):
    """Generations, with something else that happens just before or after a call."""

    before_insert: Callable[[], Awaitable[Any]] | None = None
    after_get: Callable[[], Awaitable[Any]] | None = None

    async def insert(self, job: Job) -> bool:
        if self.before_insert is not None:
            await self.before_insert()
        return await super().insert(job)

    async def get(self, job_id: str) -> Job | None:
        found = await super().get(job_id)
        if self.after_get is not None:
            happens, self.after_get = self.after_get, None
            await happens()
        return found


def a_job(**changes: Any) -> Job:
    """A job by itself, in no database."""
    plain = Job(
        id="job",
        user_id=PERSON.id,
        chat_id=PERSON.id,
        language="en",
        username=None,
        model_id="scripted-one",
        provider="scripted",
        price=PRICE,
        cost_usd=Decimal("0.065"),
        prompt="",
        options={},
        delivery_random_id=1234567,
    )
    return replace(plain, **changes)


class ScriptedProvider:
    """Follows `statuses`, the last of which stays; keeps its tasks whatever happens to the studio."""

    def __init__(self, name: str = "scripted") -> None:
        self.name = name
        self.offered = ModelList((model(),))
        self.task_prefix = "task-"
        self.statuses: list[Any] = [Running(50), Succeeded((self.result(),))]
        self.tasks: dict[str, str] = {}
        self.submissions: list[ProviderTask] = []
        self.cancelled: list[str] = []
        self.cancels = True
        self.finds = True
        self.find_error: BaseException | None = None
        self.submit_errors: list[BaseException] = []
        self.poll_errors: list[BaseException] = []
        self.chunks: list[bytes] = [CONTENT]
        self.open_errors: list[BaseException] = []
        self.during_submit: Callable[[], Any] | None = None
        self.during_cancel: Callable[[], Any] | None = None
        self.during_poll: Callable[[], Any] | None = None
        self.polls = 0

    @staticmethod
    def result(**changes: Any) -> Result:
        plain = Result(
            url="scripted:1",
            mime_type="video/mp4",
            file_name="v.mp4",
            size=len(CONTENT),
            width=640,
            height=360,
            duration=5.0,
        )
        return replace(plain, **changes)

    async def start(self) -> None: ...
    async def stop(self) -> None: ...

    def models(self) -> ModelList:
        return self.offered

    async def submit(self, task: ProviderTask) -> Any:
        if self.submit_errors:
            raise self.submit_errors.pop(0)
        self.submissions.append(task)
        task_id = f"{self.task_prefix}{len(self.submissions)}"
        self.tasks[task.job_id] = task_id
        if self.during_submit is not None:
            await self.during_submit()
        return task_id

    async def find(self, job_id: str) -> str | None:
        if not self.finds:
            raise SubmissionUnknown("no list")
        if self.find_error is not None:
            raise self.find_error
        return self.tasks.get(job_id)

    async def poll(self, task_id: str) -> Status:
        self.polls += 1
        if self.poll_errors:
            raise self.poll_errors.pop(0)
        status: Status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if self.during_poll is not None:
            await self.during_poll()
        return status

    async def cancel(self, task_id: str) -> bool:
        self.cancelled.append(task_id)
        if self.during_cancel is not None:
            await self.during_cancel()
        return self.cancels

    async def open(self, result: Result) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk
        if self.open_errors:
            raise self.open_errors.pop(0)

    async def account(self) -> None:
        return None


@dataclass(frozen=True)
class Sent:
    """A message as the person sees it."""

    id: int
    chat_id: int
    text: str
    media: tuple[OutgoingMedia, ...] = ()
    keyboard: Keyboard = ()


class RecordedTelegram:
    """Takes messages and files, and refuses a second message of one random id as Telegram does."""

    def __init__(self) -> None:
        self.messages: dict[int, Sent] = {}
        self.files: list[bytes] = []
        self.uploads: list[tuple[MediaDetails, bytes]] = []
        """What media were made of the files."""
        self.albums: list[tuple[int, ...]] = []
        self.actions: list[str] = []
        self.most_bytes = 2000 * 1024 * 1024
        self.during_upload: Callable[[], Awaitable[None]] | None = None
        self.register_errors: list[BaseException] = []
        self.refreshes: dict[int, OutgoingMedia] = {}
        self.deleted: list[MessageRef] = []
        self.send_errors: list[BaseException] = []
        self.upload_errors: list[BaseException] = []
        self.blocked = False

    @property
    def media(self) -> list[Sent]:
        return [message for message in self.messages.values() if message.media]

    @property
    def notices(self) -> list[Sent]:
        return [message for message in self.messages.values() if not message.media]

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
        return self._send(random_id, chat_id, html, (), keyboard)

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
        return self._send(random_id, chat_id, caption, (media,), keyboard)

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
        first = self._send(random_ids[0], chat_id, caption, tuple(media))
        self.albums.append(tuple(random_ids))
        return tuple(MessageRef(chat_id, first.message_id * 100 + place) for place in range(len(media)))

    def chat_action(self, chat_id: int, action: str) -> Awaitable[None]:
        """Not counted among the calls: it comes from beside the way of a delivery."""
        self.actions.append(action)
        return asyncio.sleep(0)

    async def delete(self, ref: MessageRef) -> None:
        self.deleted.append(ref)

    async def file(
        self,
        source: AsyncIterator[bytes],
        *,
        name: str,
        size: int | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> UploadedFile:
        if size is not None and size > self.most_bytes:
            raise UploadRefused("FILE_TOO_LARGE")
        content = b""
        async for chunk in source:
            content += chunk
            if len(content) > self.most_bytes:
                raise UploadRefused("FILE_TOO_LARGE")
            if progress is not None:
                progress(len(content))
            if self.during_upload is not None:
                await self.during_upload()
            # Every part is a round trip.
            await asyncio.sleep(0)
        if self.upload_errors:
            raise self.upload_errors.pop(0)
        self.files.append(content)
        return UploadedFile(len(self.files), 1, name, len(content), None)

    async def register(
        self, chat_id: int, file: UploadedFile, thumbnail: bytes | None, details: MediaDetails
    ) -> OutgoingMedia:
        if self.blocked:
            raise PersonUnreachable(400, "USER_IS_BLOCKED")
        if self.register_errors:
            raise self.register_errors.pop(0)
        self.uploads.append((details, self.files[file.file_id - 1]))
        return OutgoingMedia(details.kind, {"number": len(self.uploads), "reference": b"\x01\x02"})

    async def refreshed(self, media: OutgoingMedia, message: MessageRef) -> OutgoingMedia | None:
        return self.refreshes.get(message.message_id)

    def _send(
        self,
        random_id: int,
        chat_id: int,
        text: str,
        media: tuple[OutgoingMedia, ...],
        keyboard: Keyboard = (),
    ) -> MessageRef:
        if self.blocked:
            raise PersonUnreachable(400, "USER_IS_BLOCKED")
        if self.send_errors:
            raise self.send_errors.pop(0)
        assert random_id, "a message that a crash could double"
        if random_id not in self.messages:
            number = 1000 + len(self.messages)
            self.messages[random_id] = Sent(number, chat_id, text, media, keyboard)
        return MessageRef(chat_id, self.messages[random_id].id)


class Plugins:
    """Hears of changes; refuses where told to."""

    def __init__(self) -> None:
        self.heard: list[Job] = []
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.buttons: Keyboard = ()
        self.slow: list[Job] = []
        self.refusal: Any = None
        self.withheld: Any = None
        self.rewrite: Callable[[str], str] = str
        self.reprice: Callable[[int], int] = int
        self.retouch: Callable[[bytes], bytes] | None = None
        self.listeners: list[Callable[[Job], Awaitable[None]]] = []

    async def changed(self, job: Job) -> None:
        self.heard.append(job)
        for listener in self.listeners:
            await listener(job)

    async def notify(self, hook: str, /, **arguments: Any) -> None:
        self.told.append((hook, arguments))
        if hook == "generation_slow":
            self.slow.append(arguments["job"])

    async def keyboard(self, hook: str, /, **arguments: Any) -> Keyboard:
        assert hook == "result_keyboard"
        return self.buttons

    async def decide(self, hook: str, /, **arguments: Any) -> Any:
        assert hook in ("may_generate", "may_deliver")
        return self.refusal if hook == "may_generate" else self.withheld

    def wants(self, hook: str) -> bool:
        return self.retouch is not None

    async def image(self, image: bytes, /, **arguments: Any) -> bytes:
        return self.retouch(image) if self.retouch is not None else image

    async def price_for(self, stars: int, /, **arguments: Any) -> int:
        return self.reprice(stars)

    async def rewrite_prompt(self, prompt: str, /, **arguments: Any) -> str:
        return self.rewrite(prompt)


class RecordedAlerts:
    def __init__(self) -> None:
        self.kinds: list[str] = []

    async def provider_rests(self, provider: str, reason: str, minutes: int) -> None:
        self.kinds.append(reason)

    async def model_gone(self, provider: str, model_id: str) -> None:
        self.kinds.append(f"{provider} has no {model_id}")

    async def alert(self, kind: str, job: Job, detail: str) -> None:
        self.kinds.append(kind)


class RecordedInputs:
    """Files that people gave, by their refs."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.discarded: list[str] = []

    def open(self, kept: Mapping[str, Any]) -> InputFile:
        content = self.files[kept["ref"]]

        async def read() -> AsyncIterator[bytes]:
            yield content

        return InputFile(
            kept["name"], kept["mime_type"], len(content), read, seconds=kept.get("seconds", 0.0)
        )

    async def discard(self, inputs: Iterable[Mapping[str, Any]]) -> None:
        self.discarded += [kept["ref"] for kept in inputs]

    async def are_there(self, inputs: Iterable[Mapping[str, Any]]) -> bool:
        return all(kept["ref"] in self.files for kept in inputs)


class World:
    """Everything that outlives a crash, and ways to run a studio in it."""

    def __init__(
        self,
        database: Database,
        clock: ManualClock,
        settings: GenerationSettings | None = None,
        *,
        number: int = 1,
    ) -> None:
        """`number` tells the worlds of one database apart: each has a person of its own."""
        self.number = number
        self.person = replace(PERSON, id=PERSON.id + number)
        self.clock = clock
        self.settings = settings or GenerationSettings()
        self.jobs = WatchedJobs(database, clock)
        self.history = HistoryStore(database)
        self.notes = NoteStore(database, clock)
        self.durations = DurationStore(database)
        self.leases = Leases(database, clock)
        self.ledger = Ledger(database, clock)
        self.stored = SettingsStore(database)
        self.addresses = CallbackAddresses(None, ())
        self.inputs = RecordedInputs()
        self.large: LargeFiles = NoLargeFiles()
        rates = Rates(store=SettingsStore(database), clock=clock, configured=Decimal(80))
        self.amounts = Amounts(rates, star_usd=Decimal("0.013"))
        self.provider = ScriptedProvider()
        self.others: list[ScriptedProvider] = []
        self.own_registry: Registry | None = None
        """The registry of the studios instead of one with `provider`."""
        self.telegram = RecordedTelegram()
        self.plugins = Plugins()
        self.alerts = RecordedAlerts()
        self.i18n = _texts()
        self.free = FreeTier()
        self.keys: SharedKeys = OwnKeys()
        self.pricing = Pricing(markup=Decimal(2), star_usd=Decimal("0.013"))
        self._starts = 0
        self._killers: list[Killer] = []

    async def pay(self, stars: int) -> None:
        user_id = self.person.id
        await self.ledger.credit(
            user_id,
            stars,
            source="manual",
            key=f"paid:{user_id}:{stars}",
            reference="",
            actor="test",
            reason="test",
        )

    def registry(self, provider: Any | None = None, **changes: Any) -> Registry:
        registry = Registry(self.pricing, **changes)
        registry.add(provider or self.provider)
        return registry

    def studio(self, killer: Killer | None = None, *, name: str = "one") -> Studio:
        killer = killer or Killer()
        self._killers.append(killer)
        border = killer.around
        registry = self.own_registry or self.registry(border("provider", self.provider))
        for other in self.others:
            registry.add(border(other.name, other))
        return build_studio(
            Surroundings(
                registry=registry,
                jobs=border("jobs", self.jobs),
                history=self.history,
                notes=self.notes,
                durations=border("durations", self.durations),
                leases=border("leases", self.leases),
                ledger=border("ledger", self.ledger),
                messenger=border("telegram", self.telegram),
                uploader=border("telegram", self.telegram),
                hooks=self.plugins,
                notify=self.plugins.changed,
                translators=self.i18n.translator,
                alerts=self.alerts,
                stored=border("stored", self.stored),
                addresses=self.addresses,
                inputs=self.inputs,
                large=self.large,
                clock=self.clock,
                metrics=Metrics(),
                free=self.free,
                keys=self.keys,
            ),
            self.settings,
            worker_name=name,
        )

    async def create(self, studio: Studio, request: str = "r1", **changes: Any) -> Job:
        fields = {
            "request_id": request,
            "user": self.person,
            "chat_id": self.person.id,
            "quote": changes.get("quote") or studio.generations.quote("scripted-one"),
            "prompt": "a lighthouse at night",
            "progress_message_id": 77,
        }
        return await studio.generations.create(**{**fields, **changes})

    async def run(self, studio: Studio, *, most: int = 500, seconds: float = 10 * 24 * 3600) -> None:
        """Work like a worker that has just started, one job at a time, until there is nothing left to do.

        Stops as well when the clock has moved by `seconds`.
        """
        self._starts += 1
        name = f"w{self.number}-{self._starts}"
        lease = await self.leases.acquire(f"{WORKER_LEASE}{name}", name, 30 * 24 * 3600)
        assert lease is not None
        end = self.clock.monotonic() + seconds
        try:
            while True:
                claimed = await self.jobs.claim(name, lease.epoch, 10)
                if not claimed:
                    break
                for job in claimed:
                    await self._carry(studio, job, most, end)
        finally:
            await self.leases.release(lease)
        try:
            await studio.sweeper.sweep()
        except DatabaseAway:
            await studio.sweeper.sweep()

    async def _carry(self, studio: Studio, job: Job, most: int, end: float) -> None:
        current: Job = job
        for _ in range(most):
            try:
                step = await self._step(studio, current)
            except Exception:
                # What a worker does: look at the job anew.
                again = await self.jobs.get(current.id)
                assert again is not None
                current = again
                continue
            if step.job is None or self.clock.monotonic() + step.wait > end:
                return
            if step.wait:
                await self.clock.advance(step.wait)
            current = step.job
        raise AssertionError(f"job stays {current.state} for ever")

    async def _step(self, studio: Studio, job: Job) -> Step:
        """One step; the clock moves on while it waits for more than to report how far it is."""
        step = asyncio.ensure_future(studio.pipeline.step(job))
        while not step.done():
            waits = asyncio.ensure_future(self.clock.until_asleep(_REPORTING + 1))
            await asyncio.wait({step, waits}, return_when=asyncio.FIRST_COMPLETED)
            waits.cancel()
            if not step.done():
                await self.clock.advance(0.5)
        return await step

    async def job(self) -> Job:
        found = await self.all_jobs()
        assert len(found) == 1
        return found[0]

    async def all_jobs(self) -> list[Job]:
        rows = await self.jobs._rows.find({"user_id": self.person.id}, fields=["_id"])
        return list(await self.jobs.get_many([row["_id"] for row in rows])) if rows else []

    async def assert_sound(self, *, paid: int) -> list[Job]:
        """Nothing held, every job closed with exactly one message, money where the messages say; the jobs."""
        assert await self.ledger.all_holds() == []
        report = await self.ledger.check()
        assert report.problems == ()
        assert report.total == 0
        jobs = await self.all_jobs()
        delivered = [job for job in jobs if job.state == "delivered"]
        released = [job for job in jobs if job.state == "released"]
        assert len(delivered) + len(released) == len(jobs), [job.state for job in jobs]
        assert len(self.telegram.media) == len(delivered)
        assert len(self.telegram.notices) == len(released)
        assert all(job.notified for job in released)
        balance = await self.ledger.balance(self.person.id)
        charged = [job for job in delivered if not job.free]
        assert (balance.available, balance.held) == (paid - PRICE * len(charged), 0)
        assert all(job.prompt == "" and job.slot == "" for job in jobs)
        return jobs

    async def until(self, condition: Callable[[], Any], *, step: float = 1.0, most: int = 5000) -> None:
        """Let time pass, `step` seconds after `step`, until something holds.

        Time stands still while any call is under way, however slow the machine.
        """
        for _ in range(most):
            await self._quiet()
            outcome = condition()
            if inspect.isawaitable(outcome):
                outcome = await outcome
            if outcome:
                return
            if step:
                await self.clock.advance(step)
        raise AssertionError("it never came to hold")

    async def _quiet(self) -> None:
        """Wait until nothing but the clock is waited for."""
        calm = 0
        while calm < 20:
            busy = any(killer.under_way for killer in self._killers)
            await asyncio.sleep(0.001 if busy else 0)
            calm = 0 if busy else calm + 1
