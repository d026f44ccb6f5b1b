"""What plugins see of generations: models, prices, and jobs made, watched and stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from core.errors import UserFacingError
from core.generation.creation import Creation, JobRequest
from core.generation.durations import Durations
from core.generation.history import History
from core.generation.job import Job, job_id_of
from core.generation.model import Category, Model, Quote
from core.generation.moments import lengths_of
from core.generation.personal_quotes import PersonalQuotes
from core.generation.prices import Facts
from core.generation.queue import Queue
from core.generation.registry import Registry
from core.generation.resending import Resending
from core.generation.sources import GivenSource, Source, Sources
from core.generation.stopping import Stopping
from core.storage.generations import JobStore
from core.telegram.types import MessageRef
from core.users import User


class Generations:
    """Models and jobs, for plugins.

    Every method that takes a person's id answers for that person's jobs alone. `history`, a `History`, tells
    of what they made before.
    """

    def __init__(
        self,
        *,
        registry: Registry,
        jobs: JobStore,
        history: History,
        quotes: PersonalQuotes,
        creation: Creation,
        sources: Sources,
        stopping: Stopping,
        resending: Resending,
        queue: Queue,
        durations: Durations,
        pins: Callable[[], Mapping[str, int]],
        max_active: int,
        max_queued: int,
    ) -> None:
        self._registry = registry
        self._jobs = jobs
        self.history = history
        """People's past generations."""
        self._quotes = quotes
        self._creation = creation
        self._sources = sources
        self._stopping = stopping
        self._resending = resending
        self._queue = queue
        self._durations = durations
        self._pins = pins
        self._max_active = max_active
        self._max_queued = max_queued

    @property
    def max_active(self) -> int:
        """How many generations of one person are made at the same time."""
        return self._max_active

    @property
    def max_queued(self) -> int:
        """How many more may wait for those to end."""
        return self._max_queued

    @property
    def pins(self) -> Mapping[str, int]:
        """Models that operators want before those that are used most, with a number of uses beyond all."""
        return self._pins()

    def models(self, category: Category | None = None) -> tuple[Model, ...]:
        """The models on offer to begin with, those of one category if it is given.

        Those that go on from an earlier result are `follow_ups` of that.
        """
        return tuple(model for model in self._registry.models(category) if model.source is None)

    def model(self, model_id: str) -> Model:
        """The model of this id.

        Raises:
            UserFacingError: it is not on offer.

        """
        return self._registry.model(model_id)

    def suggestions(self, name: str, *, most: int = 3) -> tuple[Model, ...]:
        """The models on offer to begin with that a name may mean which none has, the likeliest first."""
        meant = self._registry.suggestions(name, most=2 * most)
        return tuple(model for model in meant if model.source is None)[:most]

    def follow_ups(self, job: Job) -> tuple[Model, ...]:
        """The models on offer that go on from what a job has made (`Model.source`)."""
        return self._sources.follow_ups(job)

    async def source(self, user_id: int, model_id: str, source: Source) -> GivenSource:
        """What a model goes on from, checked: a result of this person's that it can go on from.

        Raises:
            UserFacingError: it is not theirs, gone, too old or unfit, or the model goes on from nothing.

        """
        given = await self._sources.take(user_id, self._registry.model(model_id), source)
        if given is None:
            raise UserFacingError("source-unfit")
        return given

    def check_moments(
        self,
        model_id: str,
        options: Mapping[str, Any],
        inputs: Sequence[Mapping[str, Any]] = (),
        *,
        source_seconds: float = 0.0,
    ) -> None:
        """Check that moments among these options lie within what they belong to.

        `inputs` are given files as `create` takes them, `source_seconds` the length of the source.

        Raises:
            UserFacingError: one does not, an option is not allowed, or the model is not on offer.

        """
        model = self._registry.model(model_id)
        model.check_moments(model.check_options(options), lengths_of(inputs, source_seconds=source_seconds))

    def title(self, model_id: str, language: str) -> str:
        """The model's name for people, or its id if it is not on offer any more."""
        return self._registry.title(model_id, language)

    def token(self, model_id: str) -> str:
        """Eight characters that name the model in a button."""
        return self._registry.token(model_id)

    def by_token(self, token: str) -> Model | None:
        """The model that a button's token names, or None if it is not on offer (any more)."""
        return self._registry.by_token(token)

    def quote(
        self, model_id: str, options: Mapping[str, Any] | None = None, facts: Facts | None = None
    ) -> Quote:
        """What one generation with these options costs whoever pays for it; defaults are filled in.

        `facts` are what the price may depend on beside them (`Facts.of`); without them it can be the least
        that it may turn out to be, and says so.

        Raises:
            UserFacingError: the model is not on offer, or an option is not allowed.

        """
        return self._registry.quote(model_id, options, facts)

    async def quote_for(
        self,
        user: User,
        model_id: str,
        options: Mapping[str, Any] | None = None,
        facts: Facts | None = None,
    ) -> Quote:
        """What it costs this person: `quote`, or the same marked as free if they have that left.

        Raises:
            UserFacingError: the model is not on offer, or an option is not allowed.

        """
        return await self._quotes.quote(user, model_id, options, facts)

    async def quotes_for(self, user: User, model_ids: Iterable[str]) -> tuple[Quote, ...]:
        """What one generation with each of these models costs this person, at the models' default options.

        Where those do not tell the price, it is the least that it may be. Models that went are left out.
        """
        return await self._quotes.quotes(user, model_ids)

    def check_prompt(self, model_id: str, text: str) -> str:
        """The prompt as the model's provider will get it.

        Raises:
            UserFacingError: it is empty or too long, or the model is not on offer.

        """
        return self._registry.check_prompt(model_id, text)

    async def create(
        self,
        *,
        request_id: str,
        user: User,
        chat_id: int,
        quote: Quote,
        prompt: str,
        inputs: Sequence[Mapping[str, Any]] = (),
        source: Source | None = None,
        progress_message_id: int | None = None,
    ) -> Job:
        """Begin a generation: check it, hold its price, and hand it to the workers.

        `inputs` are the files that the person gave, as `GivenFile.kept()` has them. They belong to the job
        from then on and are deleted when it ends. `source` is the earlier result that it goes on from, for a
        model that does.

        The same `request_id` of the same person makes one job, however often it comes; the answer is then
        that job, whatever became of it. `progress_message_id` is a message of the bot's in `chat_id` that is
        deleted when the job ends.

        A quote that is free (`quote_for`) is held from the promo account and leaves the balance as it is.

        While as many of the person's are made as may be, further ones are queued (`job.waits`) and begin by
        themselves, in the order of ordering. Their price is held from the beginning.

        Raises:
            PriceChanged: the quote does not hold any more, for its price or for being free; nothing was held.
            TooManyActive: all places of the person are taken, those in the queue as well; nothing was held.
            InsufficientStars: the balance does not cover the price; nothing was held.
            DryRun: nothing is generated in this mode; nothing was held.
            UserFacingError: the prompt, the model, an option, a file or the source is refused, or a plugin is
                against it.

        """
        return await self._creation.create(
            JobRequest(
                job_id_of(user.id, request_id),
                user,
                chat_id,
                quote,
                prompt,
                tuple(inputs),
                progress_message_id,
                source,
            )
        )

    def job_id(self, user_id: int, request_id: str) -> str:
        """The id of the job that `create` makes, or has made, for this person and `request_id`."""
        return job_id_of(user_id, request_id)

    async def made_for(self, user_id: int, request_id: str) -> Job | None:
        """The job that `create` made for this person and `request_id`, if it did."""
        return await self._jobs.get(job_id_of(user_id, request_id))

    async def get(self, job_id: str) -> Job | None:
        """The job of this id."""
        return await self._jobs.get(job_id)

    async def active(self, user_id: int) -> list[Job]:
        """A person's jobs whose result they still wait for, oldest first."""
        return [job for job in await self._jobs.active_of(user_id) if job.message_id is None]

    async def position(self, job: Job) -> int:
        """The job's turn in its person's queue, 1 for the next to begin; 0 for one that does not wait."""
        line = [waiting.id for waiting in await self._queue.waiting(job.user_id)] if job.waits else []
        return line.index(job.id) + 1 if job.id in line else 0

    async def expected_seconds(self, model_id: str) -> float | None:
        """How long a generation with this model usually takes, from its order to the file in the chat.

        It is the median of the last ones; None where too few are known. What is known is read once a minute.
        """
        return await self._durations.usual(model_id)

    async def expected_seconds_of(self, model_ids: Iterable[str]) -> Mapping[str, float]:
        """The same for several models, with one read at most; without those of which too little is known."""
        return await self._durations.usual_of(model_ids)

    async def send_again(
        self, user_id: int, job_id: str, *, chat_id: int | None = None, key: str = "", bare: bool = False
    ) -> MessageRef:
        """Send a person's delivered result once more, at no cost and without an upload; its first message.

        It goes where it was delivered, or to `chat_id`. The same `key` (an event's, say) sends it once. With
        `bare` the files alone are sent, without a caption and buttons.

        Raises:
            UserFacingError: there is no such result of theirs (any more).
            TelegramError: Telegram refused.

        """
        job = await self._own(user_id, job_id, "result-gone")
        return await self._resending.again(job, chat_id=chat_id or job.chat_id, key=key, bare=bare)

    async def refreshed(self, user_id: int, job_id: str) -> Job:
        """A person's delivered job with fresh references to its files, where Telegram refuses the old ones.

        Raises:
            UserFacingError: they are not there any more.
            TelegramError: Telegram refused.

        """
        return await self._resending.refreshed(await self._own(user_id, job_id, "result-gone"))

    async def send_original(
        self, user_id: int, job_id: str, *, chat_id: int | None = None, key: str = ""
    ) -> MessageRef:
        """Send the uncompressed files of a person's photos, where `Job.has_original`; as `send_again`."""
        job = await self._own(user_id, job_id, "original-gone")
        return await self._resending.original(job, chat_id=chat_id or job.chat_id, key=key)

    async def _own(self, user_id: int, job_id: str, missing: str) -> Job:
        job = await self._jobs.get(job_id)
        if job is None or job.user_id != user_id:
            raise UserFacingError(missing)
        return job

    async def cancel(self, user_id: int, job_id: str) -> bool:
        """Stop a person's job; its price is released, and the person gets a notice that says so.

        True also while it is being stopped already. False if there is nothing to stop any more: no such job
        of theirs, it has ended or is being sent, or its provider cannot stop it. What is made already can be
        stopped until it is sent.
        """
        return await self._stopping.stop(user_id, job_id)
