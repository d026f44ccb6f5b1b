"""Google's video models: Veo with a service account, Gemini Omni with an API key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

from providers.veo.availability import Availabilities
from providers.veo.failures import ModelGone
from providers.veo.omni import TASK
from providers.veo.routes import (
    INTERACTIONS,
    VERTEX,
    Route,
    RouteMissing,
    VeoConfig,
    interactions_route,
    vertex_route,
)
from providers.veo.spool import SPOOLED, Spool, read_address
from providers.veo.tokens import TokenCounter
from providers.veo.vertex import BUCKET, ORDERS
from starloom.api import (
    FailureReason,
    Model,
    ModelList,
    ProviderContext,
    ProviderError,
    ProviderTask,
    Result,
    Status,
    SubmissionRefused,
    SubmissionUnknown,
    TokenCount,
    checked_options,
    read_models,
    submitting,
)


class VeoProvider:
    """Hands tasks to Google and follows them.

    Google has no list of tasks and no key that makes a submission safe to repeat: what became of a submission
    whose reply was lost cannot be learned.
    """

    name: ClassVar[str] = "veo"
    Config: ClassVar[type[VeoConfig]] = VeoConfig
    unlisted: ClassVar[str] = (
        "Google is asked at every start which of these models it still has; its API tells no prices"
    )

    def __init__(self, context: ProviderContext[VeoConfig]) -> None:
        config = context.config
        self.polls_per_second = config.polls_per_second
        self._context = context
        self._http = context.http
        self._http.limits(ORDERS, calls=config.orders_per_minute, seconds=60)
        self._spool = Spool(context.directory, context.clock, keep=timedelta(minutes=config.keep_minutes))
        self._available = Availabilities(
            context.clock, context.log, again_after=config.probe_again_minutes * 60
        )
        self._counter = TokenCounter(config.token_models, context.log, seconds=config.token_seconds)
        self._read = read_models(Path(__file__).with_name("models.toml"), provider=self.name)
        self._models = {model.id: model for model in self._read.models}
        self._routes: dict[str, Route] = {}
        self._missing: dict[str, str] = {}

    async def start(self) -> None:
        """Find out which models there are. What is missing locks models, and never stops the start."""
        if self._routes or self._missing or self._context.stood_in:
            return
        await asyncio.to_thread(self._spool.open)
        for name, make in ((VERTEX, vertex_route), (INTERACTIONS, interactions_route)):
            try:
                self._routes[name] = await make(self._context, self._spool)
            except RouteMissing as missing:
                self._missing[name] = str(missing)
        await self._available.ask(
            [
                (model, route.probe)
                for model in self._read.models
                if (route := self._routes.get(model.endpoint))
            ],
            seconds=self._context.config.probe_seconds,
        )

    async def stop(self) -> None:
        """Ask no more; tasks go on at Google."""
        await self._available.stop()
        for route in self._routes.values():
            await route.close()
        self._routes.clear()
        self._missing.clear()
        await asyncio.to_thread(self._spool.close)

    def models(self) -> ModelList:
        """What `models.toml` says, less what Google does not have for us."""
        return self._read.locking(self._reason_against)

    def _reason_against(self, model: Model) -> str:
        if self._context.stood_in:
            return ""
        return self._missing.get(model.endpoint, "") or self._available.reason(model.id)

    async def submit(self, task: ProviderTask) -> str:
        """Order the generation once."""
        model = self._models.get(task.model_id)
        if model is None:
            raise SubmissionRefused(FailureReason.UNAVAILABLE, "the model is not known")
        reason = self._reason_against(model)
        route = self._routes.get(model.endpoint)
        if reason or route is None:
            # What is missing here, a key say, is told at the start; what Google says is news.
            gone = bool(self._available.reason(model.id))
            raise SubmissionRefused(FailureReason.UNAVAILABLE, reason or "not running", gone=gone)
        options = checked_options(model, task)
        try:
            with submitting(self._http, model.id):
                return await route.submit(task, model, options)
        except ModelGone:
            self._available.lock(model.id, "retired by Google")
            raise

    async def find(self, job_id: str) -> str | None:
        """Google has no list of tasks.

        Raises:
            SubmissionUnknown: always.

        """
        raise SubmissionUnknown("Google has no list of tasks")

    async def poll(self, task_id: str) -> Status:
        """How a task stands."""
        return await self._route_of(task_id).poll(task_id)

    async def cancel(self, task_id: str) -> bool:
        """Stop a task; Veo itself stops nothing."""
        return await self._route_of(task_id).cancel(task_id)

    def open(self, result: Result) -> AsyncIterator[bytes]:
        """The bytes of a result: from the reply it came in, a bucket, or Google's file store."""
        if result.url.startswith(SPOOLED):
            return self._spooled(result.url)
        return self._route(VERTEX if result.url.startswith(BUCKET) else INTERACTIONS).open(result.url)

    async def account(self) -> None:
        """Google tells nobody what remains."""

    async def count_tokens(self, task: ProviderTask) -> TokenCount:
        """Count the prompt's tokens with a text model, or estimate them."""
        model = self._models.get(task.model_id)
        route = self._routes.get(model.endpoint) if model else None
        return await self._counter.count(task.prompt, task.job_id, route.count_tokens if route else None)

    async def _spooled(self, address: str) -> AsyncIterator[bytes]:
        """A video that came inside a reply; one that is not here any more is asked for again."""
        number, task_id = read_address(address)
        if self._spool.size(task_id, number) is None:
            await self.poll(task_id)
        chunks = self._spool.read(task_id, number)
        try:
            while chunk := await asyncio.to_thread(next, chunks, b""):
                yield chunk
        except FileNotFoundError:
            raise ProviderError("the video is not there any more") from None
        finally:
            chunks.close()

    def _route_of(self, task_id: str) -> Route:
        return self._route(INTERACTIONS if task_id.startswith(TASK) else VERTEX)

    def _route(self, name: str) -> Route:
        try:
            return self._routes[name]
        except KeyError:
            raise ProviderError(self._missing.get(name) or "not running") from None
