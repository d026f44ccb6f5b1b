"""A2E: videos from images, and images. Much of its API is not described, so nothing is taken for granted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from pydantic import Field

from providers.a2e.api import KEY, A2eApi
from providers.a2e.callbacks import read_callback, token_of
from providers.a2e.errors import asked_in_vain, is_unknown_task, submission_error
from providers.a2e.search import find_task
from providers.a2e.tasks import KINDS, TaskId, ids_in, is_untouched, record_in, records_in, status_of
from providers.a2e.uploads import Uploads
from starloom.api import (
    Account,
    CallbackNews,
    CallbackRequest,
    Failed,
    FailureReason,
    Model,
    ModelList,
    PluginConfig,
    ProviderContext,
    ProviderError,
    ProviderTask,
    Result,
    Status,
    SubmissionRefused,
    SubmissionUnknown,
    bringing_inputs,
    checked_options,
    read_models,
    submitting,
)

_CLOCKS_APART = timedelta(minutes=2)
_LONGEST_ADDRESS = 2048


class A2eConfig(PluginConfig):
    """The settings of A2E, beside A2E_API_KEY of the environment."""

    base_url: str = Field(default="https://video.a2e.ai/api/v1", pattern=r"^https?://\S+$")
    """Where its API is."""
    requests_per_second: int = Field(default=5, ge=1)
    """A2E limits requests, and does not say how many."""
    settle_seconds: float = Field(default=5.0, ge=0, le=30)
    """How long after an order its task is expected to be in A2E's list."""


class A2eProvider:
    """Hands tasks to A2E, each named after its job, and follows them."""

    name: ClassVar[str] = "a2e"
    Config: ClassVar[type[A2eConfig]] = A2eConfig
    unlisted: ClassVar[str] = (
        "its API has no list of models and no prices; compare your balance before and after an order"
    )

    def __init__(self, context: ProviderContext[A2eConfig]) -> None:
        config = context.config
        self._config = config
        self._clock = context.clock
        self._http = context.http
        self._key = context.secret(KEY) or ""
        self._stood_in = context.stood_in
        self._api = A2eApi(
            context.http, base=config.base_url, key=self._key, per_second=config.requests_per_second
        )
        schemes = ("https", "http") if urlsplit(config.base_url).scheme == "http" else ("https",)
        self._uploads = Uploads(context.http, self._api, schemes=schemes)
        self._list = read_models(Path(__file__).with_name("models.toml"), provider=self.name)
        self._models = {model.id: model for model in self._list.models}
        self.polls_per_second = max(1.0, config.requests_per_second * 0.8)

    async def start(self) -> None:
        """Nothing: A2E is asked when there is something to ask."""

    async def stop(self) -> None:
        """Nothing: tasks go on there."""

    def models(self) -> ModelList:
        """What `models.toml` says; without a key all of it is locked."""
        if self._key or self._stood_in:
            return self._list
        return self._list.locking(lambda _model: f"{KEY} is not set")

    async def submit(self, task: ProviderTask) -> str:
        """Bring what was given to A2E, and order the generation once."""
        if not self._key:
            raise SubmissionRefused(FailureReason.UNAUTHORIZED, f"{KEY} is not set")
        model = self._models.get(task.model_id)
        if model is None:
            raise SubmissionRefused(FailureReason.UNAVAILABLE, "the model is not known")
        body = await self._body(model, task)
        with submitting(self._http, model.id):
            answer = await self._api.order(
                f"/{model.endpoint}/start", body, model=model.id, request_id=task.job_id
            )
        if not answer.ok:
            raise submission_error(answer.code, answer.message)
        parts = ids_in(answer.data)
        if not parts:
            raise SubmissionUnknown("accepted without an id")
        return str(TaskId(model.endpoint, parts))

    async def find(self, job_id: str) -> str | None:
        """The task that is named after the job, whichever kind it is of.

        Raises:
            SubmissionUnknown: A2E's lists do not tell.
            ProviderError: they cannot be had just now.

        """
        for kind in KINDS:
            found = await find_task(self._api, kind, job_id, None)
            if found is not None:
                return str(found)
        return None

    async def find_task(self, task: ProviderTask, since: datetime) -> str | None:
        """The task that is named after the job, among those made since then.

        Raises:
            SubmissionUnknown: A2E's list does not tell.
            ProviderError: it cannot be had just now.

        """
        model = self._models.get(task.model_id)
        if model is None:
            return await self.find(task.job_id)
        passed = max(0.0, (self._clock.now() - since).total_seconds())
        if passed < self._config.settle_seconds:
            await self._clock.sleep(self._config.settle_seconds - passed)
        found = await find_task(self._api, model.endpoint, task.job_id, since - _CLOCKS_APART)
        return None if found is None else str(found)

    async def poll(self, task_id: str) -> Status:
        """Read the records of all that the order was answered with."""
        task = TaskId.read(task_id)
        records = [await self._record(task.kind, part) for part in task.parts]
        known = [record for record in records if record is not None]
        if len(known) < len(records):
            return Failed(FailureReason.EXPIRED, "A2E has no such task")
        return status_of(task.kind, known)

    async def cancel(self, task_id: str) -> bool:
        """Delete a task that nothing has been done for, which gives its coins back; no other is touched."""
        task = TaskId.read(task_id)
        for part in task.parts:
            record = await self._record(task.kind, part)
            if record is None or not is_untouched(record):
                return False
        answers = [await self._api.ask("DELETE", f"/{task.kind}/{part}") for part in task.parts]
        return all(answer.ok for answer in answers)

    def open(self, result: Result) -> AsyncIterator[bytes]:
        """The bytes of a result, from where A2E keeps it for some days."""
        return self._http.fetch(result.url)

    async def account(self) -> Account | None:
        """The coins that are left, None without a key; what one is worth is not known."""
        if not self._key:
            return None
        answer = await self._api.ask("GET", "/user/remainingCoins")
        if not answer.ok:
            raise asked_in_vain(answer.code)
        coins = answer.data.get("coins") if isinstance(answer.data, Mapping) else answer.data
        if isinstance(coins, bool) or not isinstance(coins, int | float | str):
            raise ProviderError("the balance is no number")
        try:
            remaining = Decimal(str(coins))
        except InvalidOperation:
            raise ProviderError("the balance is no number") from None
        if not remaining.is_finite():
            raise ProviderError("the balance is no number")
        return Account(remaining, "coins")

    async def verify_callback(self, request: CallbackRequest) -> CallbackNews:
        """Check that a callback brings the token that was made for its job."""
        return read_callback(request, key=self._key)

    async def _body(self, model: Model, task: ProviderTask) -> dict[str, Any]:
        body: dict[str, Any] = {"name": task.job_id, **checked_options(model, task), **model.fixed}
        if task.prompt:
            body[model.prompt_field] = task.prompt
        async with bringing_inputs(task):
            body |= await self._files(model, task)
        if task.callback_url and len(task.callback_url) <= _LONGEST_ADDRESS:
            token = token_of(self._key, task.job_id, model.endpoint)
            body |= {"webhook_url": task.callback_url, "webhook_token": token}
        return body

    async def _files(self, model: Model, task: ProviderTask) -> dict[str, Any]:
        """The given files, by field, as addresses."""
        found: dict[str, Any] = {}
        number = 0
        for field in model.media:
            addresses = []
            for file in task.inputs.get(field.field, ()):
                addresses.append(await self._uploads.address(file, job_id=task.job_id, number=number))
                number += 1
            if addresses:
                found[field.field] = addresses if field.many else addresses[0]
        return found

    async def _record(self, kind: str, part: str) -> Mapping[str, Any] | None:
        """One task's record; None if there is none, by either way of asking.

        For some kinds A2E knew no single task while the list had it.
        """
        for method, path, body in (
            ("GET", f"/{kind}/{part}", None),
            ("POST", f"/{kind}/batchDetail", {"ids": [part]}),
        ):
            answer = await self._api.ask(method, path, body)
            if not answer.ok:
                if not is_unknown_task(answer.code, answer.message):
                    raise asked_in_vain(answer.code)
            elif found := record_in(answer.data, part):
                return found
            elif answer.data and records_in(answer.data) is None:
                raise ProviderError("a task's record that cannot be read")
        return None
