"""What plugins see of generations: models, prices, and jobs made, watched and stopped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.billing.free import Allowance, FreeTier
from core.billing.ledger import LedgerView
from core.clock import Clock
from core.errors import InsufficientStars, UserFacingError
from core.generation.durations import Durations
from core.generation.history import History
from core.generation.job import Job, JobState, queue_places, running_places
from core.generation.model import Category, Model, Quote
from core.generation.pipeline import Pipeline
from core.generation.ports import Hooks, Inputs, Spending
from core.generation.prices import Facts
from core.generation.provider import TokenCount
from core.generation.queue import Queue
from core.generation.refused import DryRun, FreeNow, NotFreeAnyMore, PriceChanged, TooManyActive
from core.generation.registry import Registry
from core.generation.resending import Resending
from core.generation.stopping import Stopping
from core.generation.transitions import Transitions
from core.preferences import Preferences
from core.storage.generations import JobStore
from core.telegram.random_ids import random_id
from core.telegram.types import MessageRef
from core.users import User

__all__ = ["DryRun", "FreeNow", "Generations", "NotFreeAnyMore", "PriceChanged", "TooManyActive", "job_id_of"]

_ID_LENGTH = 12


class Generations:
    """Models and jobs, for plugins.

    `wake` is called with a job that has something to do at once. Every method that takes a person's id
    answers for that person's jobs alone.
    """

    def __init__(
        self,
        *,
        registry: Registry,
        jobs: JobStore,
        history: History,
        transitions: Transitions,
        pipeline: Pipeline,
        stopping: Stopping,
        ledger: LedgerView,
        hooks: Hooks,
        wake: Callable[[Job], None],
        clock: Clock,
        inputs: Inputs,
        resending: Resending,
        queue: Queue,
        durations: Durations,
        spending: Spending | None = None,
        free: FreeTier | None = None,
        pins: Callable[[], Mapping[str, int]] = dict,
        max_active: int = 1,
        max_queued: int = 0,
        dry_run: bool = False,
    ) -> None:
        self._registry = registry
        self._jobs = jobs
        self.history = history
        """People's past generations."""
        self._transitions = transitions
        self._pipeline = pipeline
        self._stopping = stopping
        self._ledger = ledger
        self._hooks = hooks
        self._wake = wake
        self._clock = clock
        self._inputs = inputs
        self._resending = resending
        self._free = free or FreeTier()
        self._pins = pins
        self._queue = queue
        self._durations = durations
        self._spending = spending
        self._max_active = max_active
        self._max_queued = max_queued
        self._dry_run = dry_run

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
        """The models on offer, those of one category if it is given."""
        return self._registry.models(category)

    def model(self, model_id: str) -> Model:
        """The model of this id.

        Raises:
            UserFacingError: it is not on offer.

        """
        return self._registry.model(model_id)

    def suggestions(self, name: str, *, most: int = 3) -> tuple[Model, ...]:
        """The models on offer that may be meant by a name that none has, the likeliest first."""
        return self._registry.suggestions(name, most=most)

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
        quote = self._registry.quote(model_id, options, facts)
        return await self._for_person(user, quote, await self._allowance(user, [quote]))

    async def quotes_for(self, user: User, model_ids: Iterable[str]) -> tuple[Quote, ...]:
        """What one generation with each of these models costs this person, at the models' default options.

        Where those do not tell the price, it is the least that it may be. Models that went are left out.
        """
        quotes = [
            self._registry.least_quote(model_id) for model_id in model_ids if self._registry.offers(model_id)
        ]
        allowance = await self._allowance(user, quotes)
        return tuple([await self._for_person(user, quote, allowance) for quote in quotes])

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
        progress_message_id: int | None = None,
    ) -> Job:
        """Begin a generation: check it, hold its price, and hand it to the workers.

        `inputs` are the files that the person gave, as `GivenFile.kept()` has them. They belong to the job
        from then on and are deleted when it ends.

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
            UserFacingError: the prompt, the model, an option or a file is refused, or a plugin is against it.

        """
        job_id = job_id_of(user.id, request_id)
        job = await self._jobs.get(job_id)
        if job is None:
            try:
                job = await self._make(
                    job_id=job_id,
                    user=user,
                    chat_id=chat_id,
                    quote=quote,
                    prompt=prompt,
                    inputs=tuple(inputs),
                    progress_message_id=progress_message_id,
                )
            except UserFacingError:
                # What speaks against it may be the very job that the same request has made meanwhile.
                job = await self._jobs.get(job_id)
                if job is None:
                    raise
        if job.state is JobState.CREATED:
            job = await self._pipeline.hold(job)
            self._wake(job)
        return job

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

    async def _allowance(self, user: User, quotes: Iterable[Quote]) -> Allowance:
        """What of the free tier a person has left, as far as it matters to these quotes.

        Who comes again after an erasure has had what newcomers get, and what there was on that day.
        """
        day = self._clock.now().date()
        models = [self._registry.model(quote.model_id) for quote in quotes]
        kinds = {kind for model in models for kind in self._free.kinds(model)}
        slots = {kind: self._free.slots(kind, user.id, day) for kind in kinds}
        taken: set[str] = set()
        if user.left_on is not None:
            taken.update(slots.pop("newcomer", ()))
            taken.update(slots.pop("daily", ()) if user.left_on == day else ())
        open_ones = [slot for each in slots.values() for slot in each]
        taken |= await self._jobs.taken_free_slots(open_ones) if open_ones else set()
        return Allowance(self._free, user.id, day, taken)

    async def _for_person(self, user: User, quote: Quote, allowance: Allowance) -> Quote:
        """The quote, marked if it is free, or else with the price that plugins make for the person.

        What costs more than the model's default is never free.
        """
        default = self._registry.default_quote(quote.model_id)
        may_be_free = default is not None and quote.stars <= default.stars
        free = allowance.kind_for(self._registry.model(quote.model_id)) if may_be_free else ""
        if not free:
            stars = await self._hooks.price_for(quote.stars, user=user, model_id=quote.model_id)
            return quote if stars == quote.stars else quote.model_copy(update={"stars": stars})
        left = len(allowance.open_slots(free))
        return quote.model_copy(update={"free": free, "free_left": left})

    async def _make(
        self,
        *,
        job_id: str,
        user: User,
        chat_id: int,
        quote: Quote,
        prompt: str,
        inputs: tuple[Mapping[str, Any], ...],
        progress_message_id: int | None,
    ) -> Job:
        """Check and write a job; once more if others took the free slots that it found open."""
        clean = self._registry.check_prompt(quote.model_id, prompt)
        facts = Facts.of(clean, inputs)
        await self._check_inputs(quote, facts, inputs)
        asked = await self._rewritten(user, quote.model_id, clean)
        while True:
            allowance = await self._allowance(user, [quote])
            listed = self._registry.quote(quote.model_id, quote.options, facts)
            now = await self._for_person(user, listed, allowance)
            await self._check(user, quote, now, asked, facts)
            job = self._new_job(job_id, user, chat_id, now, asked, progress_message_id=progress_message_id)
            number = await self._jobs.next_number(user.id)
            job = replace(job, inputs=inputs, facts=facts.model_dump(), number=number)
            written = await self._insert(job, allowance.open_slots(now.free) if now.free else ("",))
            if written is not None:
                return written

    async def _rewritten(self, user: User, model_id: str, prompt: str) -> str:
        """What plugins make of the words, if the model takes it; the words themselves otherwise."""
        if not prompt:
            return prompt
        asked = await self._hooks.rewrite_prompt(prompt, user=user, model_id=model_id)
        try:
            return self._registry.check_prompt(model_id, asked)
        except UserFacingError:
            return prompt

    async def _check(self, user: User, shown: Quote, now: Quote, prompt: str, facts: Facts) -> None:
        """Everything else that can speak against a job before money."""
        model = self._registry.model(now.model_id)
        _compare(shown, now)
        refusal = await self._hooks.decide(
            "may_generate", user=user, model_id=model.id, prompt=prompt, options=dict(now.options)
        )
        if refusal is not None:
            raise UserFacingError(refusal.key, **refusal.variables)
        if self._dry_run:
            raise DryRun(
                now,
                facts,
                title=model.title_in(_language_of(user)),
                provider=self._registry.taker_of(model),
            )
        if now.to_pay:
            balance = await self._ledger.balance(user.id)
            if balance.available < now.to_pay:
                raise InsufficientStars(needed=now.to_pay, available=balance.available)
        # Last of all: what is refused for another reason counts for nothing here.
        if self._spending is not None:
            await self._spending.check(self._registry.taker_of(model), now.usd)

    async def _check_inputs(self, quote: Quote, facts: Facts, inputs: Sequence[Mapping[str, Any]]) -> None:
        """Refuse files that are missing, too many or gone, before anything is said of a price."""
        model = self._registry.model(quote.model_id)
        model.check_inputs(facts.counts, model.check_options(quote.options))
        if inputs and not await self._inputs.are_there(inputs):
            raise UserFacingError("inputs-gone")

    def _new_job(
        self,
        job_id: str,
        user: User,
        chat_id: int,
        quote: Quote,
        prompt: str,
        *,
        progress_message_id: int | None,
    ) -> Job:
        model = self._registry.model(quote.model_id)
        return Job(
            id=job_id,
            user_id=user.id,
            chat_id=chat_id,
            language=_language_of(user),
            username=user.username,
            model_id=model.id,
            category=model.category.value,
            provider=self._registry.taker_of(model),
            price=quote.stars,
            cost_usd=quote.usd,
            free=quote.free,
            prompt=prompt,
            keep_prompt=Preferences.of(user).keep_prompts,
            prompt_tokens=TokenCount.estimate(prompt).tokens,
            options=quote.options,
            word_fields=tuple(
                option.field
                for option in model.options
                if option.takes_words and quote.options.get(option.field)
            ),
            progress_message_id=progress_message_id,
            reply_to_id=_asked_in(user, chat_id),
            silent=not Preferences.of(user).notify.sound,
            delivery_random_id=random_id(f"delivery:{job_id}"),
            notice_random_id=random_id(f"notice:{job_id}"),
        )

    async def _insert(self, job: Job, free_slots: Sequence[str]) -> Job | None:
        """Write the job in one of the person's slots and one of `free_slots`; None if all of those are taken.

        A slot taken twice is what the database refuses. It does not say which it was, so each is looked at.
        """
        slots = list(queue_places(job.user_id, self._max_queued))
        if not await self._queue.waiting(job.user_id):
            # Nobody waits who would be overtaken.
            slots[:0] = running_places(job.user_id, self._max_active)
        free = list(free_slots)
        while slots and free:
            slotted = replace(job, slot=slots[0], free_slot=free[0])
            if await self._jobs.insert(slotted):
                await self._transitions.tell(slotted)
                return slotted
            made = await self._jobs.get(job.id)
            if made is not None:
                return made
            if await self._jobs.has_slot(slots[0]):
                del slots[0]
            elif free[0] and await self._jobs.taken_free_slots(free[:1]):
                del free[0]
            else:
                # The slot is free again by now, or the person's record was counted anew.
                job = replace(job, number=await self._jobs.next_number(job.user_id))
        if not slots:
            raise TooManyActive(self._max_active, self._max_queued)
        return None


def _compare(shown: Quote, now: Quote) -> None:
    """Raise PriceChanged unless what was shown is what holds now; which free one it is does not matter."""
    if shown.free and not now.free:
        raise NotFreeAnyMore(now)
    if now.free and not shown.free:
        raise FreeNow(now)
    if not now.free and now.stars != shown.stars:
        raise PriceChanged(now, was=shown.stars)


def job_id_of(user_id: int, request_id: str) -> str:
    """The id of the job that a person's request makes: short enough to be told, the same every time."""
    digest = hashlib.blake2b(f"{user_id}:{request_id}".encode(), digest_size=10).digest()
    return base64.b32encode(digest).decode().lower()[:_ID_LENGTH]


def _asked_in(user: User, chat_id: int) -> int | None:
    """The person's own message that led here, where others could not tell whose result it is."""
    in_group = chat_id != user.id and user.dialogue is not None
    return (user.dialogue.message_id or None) if in_group and user.dialogue else None


def _language_of(user: User) -> str:
    return user.language or user.telegram_language or ""
