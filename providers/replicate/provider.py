"""Replicate: runs predictions of official models, and follows them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from providers.replicate.api import KEY, ReplicateApi
from providers.replicate.files import INLINE_BYTES, data_address
from providers.replicate.predictions import cost_nothing, is_prediction_id, status_of
from providers.replicate.search import SEED, Search, Wanted, seed_of
from providers.replicate.webhooks import Webhooks
from starloom.api import (
    CallbackNews,
    CallbackRequest,
    Failed,
    FailureReason,
    InputFile,
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
    UpstreamList,
    UpstreamOffer,
    UpstreamReading,
    UserFacingError,
    bringing_inputs,
    checked_options,
    read_models,
)

_CLOCKS_APART = timedelta(minutes=2)
"""How much later than a prediction our own clock may have said that it was ordered."""
_INPUT_KEPT = timedelta(minutes=55)
"""For how long a prediction surely shows its input; Replicate deletes it after an hour."""
_MODELS_PAGE = "https://replicate.com/explore"
_UNTOLD = "its API tells no prices, and lists no models that are not offered here"
_THERE = "there"
_MOST_PAGES = 100
_MOST_KNOWN = 4096


class ReplicateConfig(PluginConfig):
    """The settings of Replicate, beside REPLICATE_API_TOKEN of the environment."""

    base_url: str = Field(default="https://api.replicate.com/v1", pattern=r"^https?://\S+$")
    """Where its API is."""
    run_minutes: int = Field(default=30, ge=1, le=30)
    """After how many minutes Replicate gives a prediction up; none runs longer than 30."""
    settle_seconds: float = Field(default=5.0, ge=0, le=30)
    """How long after an order its prediction is expected to be in Replicate's list."""


class ReplicateProvider:
    """Orders predictions, once each, and finds those again whose reply was lost."""

    name: ClassVar[str] = "replicate"
    Config: ClassVar[type[ReplicateConfig]] = ReplicateConfig
    polls_per_second = 40.0
    """Of the 50 questions a second that Replicate allows."""

    def __init__(self, context: ProviderContext[ReplicateConfig]) -> None:
        self._config = context.config
        self._clock = context.clock
        self._http = context.http
        self._token = context.secret(KEY) or ""
        self._stood_in = context.stood_in
        self._api = ReplicateApi(context.http, base=context.config.base_url, token=self._token)
        self._webhooks = Webhooks(self._api.webhook_secret, context.clock)
        self._list = read_models(Path(__file__).with_name("models.toml"), provider=self.name)
        self._models = {model.id: model for model in self._list.models}
        self._known: OrderedDict[str, str] = OrderedDict()

    async def start(self) -> None:
        """Nothing: Replicate is asked when there is something to ask."""

    async def stop(self) -> None:
        """Nothing: predictions go on there."""

    def models(self) -> ModelList:
        """What `models.toml` says; without a token all of it is locked."""
        if self._token or self._stood_in:
            return self._list
        return self._list.locking(lambda _model: f"{KEY} is not set")

    async def submit(self, task: ProviderTask) -> str:
        """Bring what was given to Replicate, and order the prediction once."""
        if not self._token:
            raise SubmissionRefused(FailureReason.UNAUTHORIZED, f"{KEY} is not set")
        model = self._models.get(task.model_id)
        if model is None:
            raise SubmissionRefused(FailureReason.UNAVAILABLE, "the model is not known")
        given = _input(model, task, checked_options(model, task))
        async with bringing_inputs(task):
            files = await self._files(model, task)
        body: dict[str, Any] = {"input": {**given, **files}}
        if task.callback_url.startswith("https://"):
            body |= {"webhook": task.callback_url, "webhook_events_filter": ["completed"]}
        task_id = await self._api.create(
            model.upstream_id,
            body,
            cancel_after=f"{self._config.run_minutes}m",
            model=model.id,
            request_id=task.job_id,
        )
        self._remember(task_id, task.job_id)
        return task_id

    async def find(self, job_id: str) -> str | None:
        """The prediction that has this job's own seed; nothing is certain where none has.

        Raises:
            SubmissionUnknown: always when there is none: it may have had a seed of the person's.
            ProviderError: Replicate cannot be asked just now.

        """
        wanted = Wanted("", {SEED: seed_of(job_id)}, self._clock.now() - _INPUT_KEPT)
        found = await self._search(wanted, job_id)
        if found is None:
            raise SubmissionUnknown("no prediction has the job's own seed")
        return found

    async def find_task(self, task: ProviderTask, since: datetime) -> str | None:
        """The prediction that was ordered for this task; see `search` for how it is known.

        Raises:
            SubmissionUnknown: there are several, or some that cannot be told apart from it.
            ProviderError: Replicate cannot be asked just now.

        """
        model = self._models.get(task.model_id)
        if model is None:
            raise SubmissionUnknown("the model is not known any more")
        passed = max(0.0, (self._clock.now() - since).total_seconds())
        if passed < self._config.settle_seconds:
            await self._clock.sleep(self._config.settle_seconds - passed)
        try:
            given = _input(model, task, model.check_options(task.options))
        except UserFacingError as error:
            raise SubmissionUnknown("its options are not the model's any more") from error
        own_seed = given.get(SEED) == seed_of(task.job_id)
        wanted = {SEED: given[SEED]} if own_seed else given
        return await self._search(Wanted(model.upstream_id, wanted, since - _CLOCKS_APART), task.job_id)

    async def poll(self, task_id: str) -> Status:
        """Read the prediction."""
        prediction = await self._api.prediction(_checked(task_id))
        if prediction is None:
            return Failed(FailureReason.EXPIRED, "Replicate has no such prediction")
        return status_of(prediction)

    async def cancel(self, task_id: str) -> bool:
        """Stop a prediction; what has begun to run is billed all the same."""
        return cost_nothing(await self._api.cancel(_checked(task_id)))

    def open(self, result: Result) -> AsyncIterator[bytes]:
        """The bytes of a result, from where Replicate delivers it."""
        return self._http.fetch(result.url)

    async def account(self) -> None:
        """Replicate does not tell what remains of the credit."""

    async def upstream_models(self, reading: UpstreamReading) -> UpstreamList:
        """Which of these models Replicate still has; of prices its API tells nothing, so they stay.

        Official models have no versions of their own that could be told of.
        """
        models = self.models().models[: reading.settings.most_models]
        there = await reading.together([self._is_there(model, reading) for model in models])
        offers = {
            model.id: UpstreamOffer(model.price)
            for model, is_there in zip(models, there, strict=True)
            if is_there
        }
        return UpstreamList(
            offers=offers,
            asked=frozenset(model.id for model in models),
            listed=frozenset(),
            source=f"{self._config.base_url}/models",
            page=_MODELS_PAGE,
            untold=_UNTOLD,
        )

    async def _is_there(self, model: Model, reading: UpstreamReading) -> bool:
        async def ask() -> str:
            return _THERE if await self._api.has_model(model.upstream_id) else ""

        return await reading.answer(f"model:{model.upstream_id}", ask) == _THERE

    async def verify_callback(self, request: CallbackRequest) -> CallbackNews:
        """Check the signature of a webhook with the account's secret."""
        return await self._webhooks.read(request)

    async def _files(self, model: Model, task: ProviderTask) -> dict[str, Any]:
        """The given files, by field, as addresses."""
        found: dict[str, Any] = {}
        for field in model.media:
            addresses = [await self._address(file, task.job_id) for file in task.inputs.get(field.field, ())]
            if addresses:
                found[field.field] = addresses if field.many else addresses[0]
        return found

    async def _address(self, file: InputFile, job_id: str) -> str:
        content = await file.read()
        if len(content) <= INLINE_BYTES:
            return data_address(file.mime_type, content)
        return await self._api.upload(file, content, request_id=job_id)

    async def _search(self, wanted: Wanted, job_id: str) -> str | None:
        others = frozenset(task_id for task_id, owner in self._known.items() if owner != job_id)
        search = Search(wanted, others)
        number = 0
        async for page in self._api.pages(wanted.since):
            number += 1
            if not search.look_at(page):
                break
            if number >= _MOST_PAGES:
                raise SubmissionUnknown("there are too many predictions to look through")
        found = search.found()
        if found is not None:
            self._remember(found, job_id)
        return found

    def _remember(self, task_id: str, job_id: str) -> None:
        """Note whose prediction it is, so that no other job takes it for its own."""
        self._known[task_id] = job_id
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)


def _input(model: Model, task: ProviderTask, options: Mapping[str, Any]) -> dict[str, Any]:
    """The input of a prediction but for its files."""
    return {model.prompt_field: task.prompt, SEED: seed_of(task.job_id), **options, **model.fixed}


def _checked(task_id: str) -> str:
    if not is_prediction_id(task_id):
        raise ProviderError("this is no id of a prediction")
    return task_id
