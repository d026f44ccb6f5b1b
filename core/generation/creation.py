"""Makes jobs: checks what is asked for, writes it down once, and holds its price."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from core.billing.ledger import LedgerView
from core.errors import InsufficientStars, UserFacingError
from core.generation.job import Job, JobState, queue_places, running_places
from core.generation.model import Quote
from core.generation.moments import lengths_of
from core.generation.personal_quotes import PersonalQuotes
from core.generation.pipeline import Pipeline
from core.generation.ports import Hooks, Inputs, Room, Spending
from core.generation.prices import Facts
from core.generation.provider import TokenCount
from core.generation.queue import Queue
from core.generation.refused import DryRun, FreeNow, NotFreeAnyMore, PriceChanged, TooManyActive
from core.generation.registry import Registry
from core.generation.sources import GivenSource, Source, Sources
from core.generation.transitions import Transitions
from core.preferences import Preferences
from core.storage.generations import JobStore
from core.telegram.random_ids import random_id
from core.users import User


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What a person wants made, at the price that they were shown. `job_id` is the job's that it makes."""

    job_id: str
    user: User
    chat_id: int
    quote: Quote
    prompt: str
    inputs: tuple[Mapping[str, Any], ...] = ()
    progress_message_id: int | None = None
    source: Source | None = None


class Creation:
    """Makes jobs. `wake` is called with one that has something to do at once."""

    def __init__(
        self,
        *,
        registry: Registry,
        quotes: PersonalQuotes,
        jobs: JobStore,
        transitions: Transitions,
        pipeline: Pipeline,
        queue: Queue,
        ledger: LedgerView,
        hooks: Hooks,
        inputs: Inputs,
        sources: Sources,
        wake: Callable[[Job], None],
        spending: Spending | None,
        max_active: int,
        max_queued: int,
        dry_run: bool,
    ) -> None:
        self._registry = registry
        self._quotes = quotes
        self._jobs = jobs
        self._transitions = transitions
        self._pipeline = pipeline
        self._queue = queue
        self._ledger = ledger
        self._hooks = hooks
        self._inputs = inputs
        self._sources = sources
        self._wake = wake
        self._spending = spending
        self._max_active = max_active
        self._max_queued = max_queued
        self._dry_run = dry_run

    async def create(self, request: JobRequest) -> Job:
        """The request's job, whose price is held; see `Generations.create`."""
        job = await self._jobs.get(request.job_id)
        if job is None:
            try:
                job = await self._make(request)
            except UserFacingError:
                # What speaks against it may be the very job that the same request has made meanwhile.
                job = await self._jobs.get(request.job_id)
                if job is None:
                    raise
        if job.state is JobState.CREATED:
            job = await self._pipeline.hold(job)
            self._wake(job)
        return job

    async def _make(self, request: JobRequest) -> Job:
        """Check and write a job; once more if others took the free slots that it found open."""
        user, quote = request.user, request.quote
        clean = self._registry.check_prompt(quote.model_id, request.prompt)
        facts = Facts.of(clean, request.inputs)
        await self._check_inputs(quote, facts, request.inputs)
        given = await self._check_source(user, quote, request)
        asked = await self._rewritten(user, quote.model_id, clean)
        while True:
            allowance = await self._quotes.allowance(user, [quote])
            listed = self._registry.quote(quote.model_id, quote.options, facts)
            now = await self._quotes.priced(user, listed, allowance)
            await self._check(user, quote, now, asked, facts)
            # Last of all: what is refused for another reason counts for nothing there.
            async with self._room(now) as room:
                number = await self._jobs.next_number(user.id)
                job = replace(
                    self._new_job(request, now, asked),
                    facts=facts.model_dump(),
                    number=number,
                    source=given.kept() if given else {},
                )
                written = await self._insert(job, allowance.open_slots(now.free) if now.free else ("",))
                if room is not None:
                    room.taken = written is not None
            if written is not None:
                return written

    def _room(self, quote: Quote) -> AbstractAsyncContextManager[Room | None]:
        """What the order may take of what providers may be paid, if that has a limit."""
        if self._spending is None:
            return nullcontext()
        return self._spending.room(self._registry.taker_of(self._registry.model(quote.model_id)), quote.usd)

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

    async def _check_inputs(self, quote: Quote, facts: Facts, inputs: Sequence[Mapping[str, Any]]) -> None:
        """Refuse files that are missing, too many or gone, before anything is said of a price."""
        model = self._registry.model(quote.model_id)
        model.check_inputs(facts.counts, model.check_options(quote.options))
        if inputs and not await self._inputs.are_there(inputs):
            raise UserFacingError("inputs-gone")

    async def _check_source(self, user: User, quote: Quote, request: JobRequest) -> GivenSource | None:
        """What is gone on from, if anything is; refuse what cannot be, and moments that lie outside."""
        model = self._registry.model(quote.model_id)
        given = await self._sources.take(user.id, model, request.source)
        lengths = lengths_of(request.inputs, source_seconds=given.seconds if given else 0.0)
        model.check_moments(model.check_options(quote.options), lengths)
        return given

    def _new_job(self, request: JobRequest, quote: Quote, prompt: str) -> Job:
        user, job_id = request.user, request.job_id
        model = self._registry.model(quote.model_id)
        return Job(
            id=job_id,
            user_id=user.id,
            chat_id=request.chat_id,
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
            inputs=request.inputs,
            progress_message_id=request.progress_message_id,
            reply_to_id=_asked_in(user, request.chat_id),
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


def _asked_in(user: User, chat_id: int) -> int | None:
    """The person's own message that led here, where others could not tell whose result it is."""
    in_group = chat_id != user.id and user.dialogue is not None
    return (user.dialogue.message_id or None) if in_group and user.dialogue else None


def _language_of(user: User) -> str:
    return user.language or user.telegram_language or ""
