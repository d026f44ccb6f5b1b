"""Kie.ai: most of the models, behind one account."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from providers.kie.api import CREATE, QUERY, KieApi
from providers.kie.bodies import body_of, problem_of
from providers.kie.callbacks import read_callback
from providers.kie.catalogue import KieCatalogue
from providers.kie.errors import asked_in_vain, is_unknown_task, poll_failure, refusal
from providers.kie.families import family_of, is_task_id, read_task_id
from providers.kie.records import CREDIT_USD, read_record
from providers.kie.uploads import UPLOAD, Uploads, is_public
from starloom.api import (
    Account,
    CallbackNews,
    CallbackRequest,
    FailureReason,
    ModelList,
    PluginConfig,
    ProviderContext,
    ProviderError,
    ProviderTask,
    Result,
    Status,
    SubmissionRefused,
    SubmissionUnknown,
    UpstreamList,
    UpstreamReading,
    Waiting,
    bringing_inputs,
    checked_options,
    read_models,
    submitting,
)

KEY = "KIE_API_KEY"
_BASE_URL = "https://api.kie.ai"
_MARKET_URL = "https://kie.ai/market"
_CREDIT = "/api/v1/chat/credit"
_FRESH_LINK = "/api/v1/common/download-url"
_POLLS_OF_QUERIES = 0.8
"""The share of all questions that polls may take; the rest is for balances and links."""


class KieConfig(PluginConfig):
    """The settings of Kie.ai, beside its keys and KIE_BASE_URL of the environment."""

    upload_url: str = Field(default="https://kieai.redpandaai.co", pattern=r"^https?://\S+$")
    """Where input files are uploaded to."""
    new_tasks: int = Field(default=20, ge=1)
    """How many generations may be asked for in 10 seconds, by Kie.ai's own limit of an account."""
    queries: int = Field(default=50, ge=1)
    """How many other questions may be asked in one second."""


class KieProvider:
    """Hands tasks to Kie.ai and follows them.

    It has no list of tasks and no key that makes a submission safe to repeat: what became of a submission
    whose reply was lost is learned from its callback alone.
    """

    name: ClassVar[str] = "kie"
    Config: ClassVar[type[KieConfig]] = KieConfig

    def __init__(self, context: ProviderContext[KieConfig]) -> None:
        config = context.config
        self._http = context.http
        self._key = context.secret(KEY) or ""
        self._webhook_key = context.secret("KIE_WEBHOOK_KEY") or ""
        base = context.secret("KIE_BASE_URL") or _BASE_URL
        self._api = KieApi(self._http, base=base, key=self._key)
        self._catalogue = KieCatalogue(
            self._http, self._api, base=base, page=context.secret("KIE_MARKET_URL") or _MARKET_URL
        )
        self._uploads = Uploads(self._http, self._api, base=config.upload_url)
        self._http.limits(CREATE, calls=config.new_tasks, seconds=10)
        self._http.limits(QUERY, calls=config.queries, seconds=1)
        self._http.limits(UPLOAD, calls=config.new_tasks, seconds=1)
        self._sandbox = context.sandbox
        self._keyless = not self._key and not context.stood_in
        self.polls_per_second = config.queries * _POLLS_OF_QUERIES
        self._read = _described()
        self._models = {model.id: model for model in self._read.models if not problem_of(model)}
        self._categories = {model.upstream_id: model.category for model in self._models.values()}

    async def start(self) -> None:
        """Nothing: Kie.ai is asked when there is something to ask."""

    async def stop(self) -> None:
        """Nothing: tasks go on there."""

    def models(self) -> ModelList:
        """What `models.toml` says; without a key all of it is locked."""
        return self._read.locking(lambda model: f"{KEY} is not set" if self._keyless else problem_of(model))

    async def submit(self, task: ProviderTask) -> str:
        """Upload what was given, and order the generation once."""
        model = self._models.get(task.model_id)
        if model is None:
            raise SubmissionRefused(FailureReason.UNAVAILABLE, "the model is not known")
        if not self._key:
            raise SubmissionRefused(FailureReason.UNAUTHORIZED, f"{KEY} is not set")
        options = checked_options(model, task)
        if model.source is not None and not task.source.keys() >= set(model.source.fields):
            raise SubmissionRefused(FailureReason.INPUT_REJECTED, "there is nothing that it could go on from")
        async with bringing_inputs(task):
            media = await self._uploads.addresses(task)
        body = body_of(
            model,
            prompt=task.prompt,
            options=options,
            media=media,
            source=task.source,
            callback_url=self._callback_url(task),
        )
        family = family_of(model)
        with submitting(self._http, model.id):
            answer = await self._api.order(family.create, body, model=model.id, request_id=task.job_id)
        if not answer.ok:
            raise refusal(answer.code, answer.message, goes_on=model.source is not None)
        theirs: object = answer.data.get("taskId") if isinstance(answer.data, dict) else None
        if not is_task_id(theirs):
            raise SubmissionUnknown("accepted without a task id")
        return family.task_id(theirs)

    def _callback_url(self, task: ProviderTask) -> str:
        """Where Kie.ai may call back: an address of HTTPS that it can reach, or in the sandbox any."""
        url = task.callback_url
        reachable = url.startswith("https://") and is_public(url)
        return url if reachable or self._sandbox else ""

    async def find(self, job_id: str) -> str | None:
        """Kie.ai has no list of tasks.

        Raises:
            SubmissionUnknown: always.

        """
        raise SubmissionUnknown("Kie.ai has no list of tasks")

    async def poll(self, task_id: str) -> Status:
        """Read the task's record; one that Kie.ai has no record of may still come."""
        family, theirs = read_task_id(task_id)
        answer = await self._api.get(family.record, taskId=theirs)
        if answer.ok and answer.data is not None:
            return read_record(family, answer.data, self._categories.get)
        if answer.ok or is_unknown_task(answer.code):
            return Waiting("Kie.ai has no record of the task")
        if failed := poll_failure(answer.code, answer.message):
            return failed
        raise asked_in_vain(answer.code)

    async def cancel(self, task_id: str) -> bool:
        """Kie.ai stops nothing."""
        return False

    def open(self, result: Result) -> AsyncIterator[bytes]:
        """The bytes of a result; an address that has expired is replaced by a fresh one."""
        return self._http.fetch(result.url, renew=lambda: self._fresh_link(result.url))

    async def _fresh_link(self, url: str) -> str:
        answer = await self._api.ask(_FRESH_LINK, {"url": url})
        if not answer.ok:
            raise asked_in_vain(answer.code)
        if not isinstance(answer.data, str) or not answer.data.startswith(("https://", "http://")):
            raise ProviderError("the fresh link is no address")
        return answer.data

    async def account(self) -> Account | None:
        """The credits that are left; None without a key."""
        if not self._key:
            return None
        answer = await self._api.get(_CREDIT)
        if not answer.ok:
            raise asked_in_vain(answer.code)
        if type(answer.data) not in (int, float):
            raise ProviderError("the balance is no number")
        remaining = Decimal(str(answer.data))
        return Account(remaining, "credits", remaining * CREDIT_USD)

    async def upstream_models(self, reading: UpstreamReading) -> UpstreamList:
        """What Kie.ai lists of these models, and the prices that it tells."""
        return await self._catalogue.read(self.models().models, reading)

    async def verify_callback(self, request: CallbackRequest) -> CallbackNews:
        """Check Kie.ai's signature where KIE_WEBHOOK_KEY is set, our own of the job where it is not."""
        return read_callback(request, key=self._webhook_key)


@functools.cache
def _described() -> ModelList:
    """What `models.toml` says, read once: it is as long as a book."""
    return read_models(Path(__file__).with_name("models.toml"), provider=KieProvider.name)
