"""`models sync|changes|approve|reject`: compare with the providers' lists, and decide what waits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from core.app import stand_ins_of
from core.clock import SystemClock
from core.errors import StarloomError
from core.generation.registry import Registry
from core.generation.sync import SyncOutcome
from core.generation.sync_assembly import Synchronising, build_synchronising
from core.generation.sync_deciding import OFF_REASONS
from core.generation.sync_news import price_words
from core.generation.sync_upstream import ReadingSettings
from core.observability.logging import configure_logging
from core.plugins.providers import ProviderManager
from core.storage.catalogue import ModelState
from starloom.cli.data import open_database
from starloom.cli.options import Options
from starloom.cli.speaking import FAILED, aligned, complain, say

_Work = Callable[[Synchronising, ReadingSettings], Awaitable[int]]
_SHOWN = 120
"""Characters of a provider's words."""


def synchronise(options: Options, *, force: bool, workers: int) -> int:
    """Read the providers' lists and apply what is different; the exit status."""

    async def work(parts: Synchronising, reading: ReadingSettings) -> int:
        listers = parts.sync.listers()
        for name, why in parts.sync.unlisted().items():
            say(f"{name}: {why}")
        if not listers:
            complain("No provider that is on can list its models.")
            return FAILED
        outcomes = [
            await parts.sync.synchronise(provider, replace(reading, force=force, workers=workers))
            for provider in listers
        ]
        for outcome in outcomes:
            _tell(outcome)
        return FAILED if any(outcome.alarm for outcome in outcomes) else 0

    return _with_parts(options, work)


def changes(options: Options) -> int:
    """Print what waits for a decision; the exit status."""

    async def work(parts: Synchronising, _reading: ReadingSettings) -> int:
        waiting = await parts.changes.waiting()
        if not waiting:
            say("Nothing waits for a decision.")
            return 0
        for line in aligned([("id", "what", "change"), *map(_row, waiting)]):
            say(line)
        say("Decide with: models approve ID, models reject ID")
        return 0

    return _with_parts(options, work)


def decide(options: Options, model_id: str, *, accept: bool) -> int:
    """Ask the price that waits, or go on with the old one; the exit status."""

    async def work(parts: Synchronising, _reading: ReadingSettings) -> int:
        waiting = {state.id: state for state in await parts.changes.waiting()}
        state = waiting.get(model_id)
        if state is None:
            complain(f"Nothing of {model_id} waits for a decision.")
            return FAILED
        if accept and not state.offered:
            complain(f"{model_id} has no new price that could be read: it can only be rejected.")
            return FAILED
        word = parts.changes.approve if accept else parts.changes.keep
        decided = await word(model_id, state.mark, by=0)
        if not decided.first:
            complain(f"Somebody else has just decided about {model_id}.")
            return FAILED
        say(f"{model_id}: {'the new price is asked' if accept else 'the price stays as it is'}.")
        return 0

    return _with_parts(options, work)


def _tell(outcome: SyncOutcome) -> None:
    if outcome.alarm:
        complain(f"{outcome.provider}: nothing was changed: {outcome.alarm} ({outcome.detail})")
    else:
        say(f"{outcome.provider}: {outcome.looked_at} models compared, {len(outcome.changed)} changed")
    for line in aligned([_row(state) for state in outcome.changed]) if outcome.changed else ():
        say(line)
    if outcome.untold and not outcome.alarm:
        say(f"{outcome.provider}: {outcome.untold}")
    if outcome.fresh:
        say(f"new there: {', '.join(outcome.fresh)}")
    taken = outcome.statistics
    say(
        f"{taken.seconds:.1f} s, {taken.requests} requests, {taken.cache_hits} answers from the cache, "
        f"{taken.errors} errors"
    )


def _row(state: ModelState) -> tuple[str, str, str]:
    old, new = price_words(state)
    change = f"{old} -> {new}" if old else state.text[:_SHOWN] or OFF_REASONS.get(state.off, "")
    return state.id, state.waiting or state.news, change


def _with_parts(options: Options, work: _Work) -> int:
    try:
        # What was done is printed; the log is for what went wrong on the way.
        log = configure_logging(level="ERROR", secrets=options.settings().secrets())
        try:
            return asyncio.run(_run(options, work))
        finally:
            log.close()
    except StarloomError as error:
        complain(str(error))
        return FAILED


async def _run(options: Options, work: _Work) -> int:
    settings = options.settings()
    reading = ReadingSettings(
        delay=settings.request_delay, timeout=settings.request_timeout, most_models=settings.max_models
    )
    async with _opened(options, reading) as parts:
        return await work(parts, reading)


@contextlib.asynccontextmanager
async def _opened(options: Options, reading: ReadingSettings) -> AsyncIterator[Synchronising]:
    """The parts, with the providers started and the stored prices in force."""
    settings, file, clock = options.settings(), options.plugins(), SystemClock()
    registry = Registry(settings.pricing(file.prices), clock=clock, stand_ins=stand_ins_of(settings))
    manager = ProviderManager(
        file,
        clock=clock,
        secret=settings.provider_secret,
        directory=settings.data_dir / "providers",
        sandbox=settings.bot_token is None,
        reply_seconds=settings.request_timeout,
        stood_in=registry.stood_in,
    )
    async with open_database(options) as database:
        try:
            for provider in (await manager.start()).values():
                registry.add(provider)
            parts = build_synchronising(registry, database, clock, reading=reading, follow_seconds=1.0)
            await parts.follower.read()
            yield parts
        finally:
            await manager.stop()
