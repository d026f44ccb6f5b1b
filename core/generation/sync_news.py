"""Tells admins what became of models: all that is new in one message, and again until it is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import structlog

from core.clock import Clock
from core.errors import DatabaseAway
from core.generation.registry import Registry
from core.generation.sync_deciding import amounts, mark_of, price_of
from core.generation.sync_upstream import ListsModels
from core.i18n import Html, Translator
from core.observability.tracebacks import frames, in_words
from core.storage.catalogue import CatalogueStore, ModelState, SyncRun
from core.telegram.types import Keyboard

_log = structlog.stdlib.get_logger(__name__)

_LINES = 30
"""Models that one message names; of the others it gives the number."""
_PARTS = 4
"""Parts of a price that are named; a table may have dozens."""

Show = Callable[[Callable[[Translator], tuple[Html, Keyboard]], str], Awaitable[None]]
"""Sends every admin what is drawn for their language, once for each of the texts given."""


class ModelNews:
    """Finds what admins have not been told yet, and tells it."""

    def __init__(
        self, registry: Registry, store: CatalogueStore, clock: Clock, *, show: Show, seconds: float
    ) -> None:
        self._registry = registry
        self._store = store
        self._clock = clock
        self._show = show
        self._seconds = seconds

    async def run(self) -> None:
        """Tell again and again, until cancelled."""
        while True:
            try:
                await self.tell()
            except DatabaseAway:
                _log.warning("news of models cannot be told just now")
            except Exception as error:
                _log.error("news of models not told", error=in_words(error), frames=frames(error))
            await self._clock.sleep(self._seconds)

    async def tell(self) -> None:
        """Tell all that is new.

        Raises:
            DatabaseAway: the database does not answer.

        """
        names = [each.name for each in self._registry.providers() if isinstance(each, ListsModels)]
        before = {name: await self._store.run(name) for name in names}
        states = [state for state in (await self._store.states()).values() if state.news]
        for name in names:
            run = await self._store.run(name)
            if self._half_stored(run) or run.writings != before[name].writings:
                # All that is new comes in one message.
                continue
            own = sorted((state for state in states if state.provider == name), key=lambda each: each.id)
            if own or run.fresh or run.alarm:
                await self._tell(run, own)

    def _half_stored(self, run: SyncRun) -> bool:
        return run.writing_until is not None and run.writing_until > self._clock.now()

    async def _tell(self, run: SyncRun, states: Sequence[ModelState]) -> None:
        versions = ",".join(f"{state.id}:{state.version}" for state in states)
        at = run.next_at.isoformat() if run.next_at else ""
        about = mark_of(f"{run.provider}|{at}|{versions}|{','.join(run.fresh)}|{run.alarm}")

        def draw(t: Translator) -> tuple[Html, Keyboard]:
            return self._text(t, run, states), ()

        await self._show(draw, f"models:{about}")
        for state in states:
            # One that has changed meanwhile has news of its own.
            await self._store.replace(replace(state, news=""))
        if run.fresh or run.alarm:
            await self._store.told(run)

    def _text(self, t: Translator, run: SyncRun, states: Sequence[ModelState]) -> Html:
        lines: list[str] = [t("sync-head", provider=run.provider)]
        if run.alarm:
            lines.append(t(f"sync-alarm-{run.alarm}", detail=run.detail))
        lines += [self._line(t, state) for state in states[:_LINES]]
        if len(states) > _LINES:
            lines.append(t("sync-more", count=len(states) - _LINES))
        if run.fresh:
            shown = ", ".join(run.fresh[:_LINES])
            lines.append(t("sync-fresh", count=len(run.fresh), models=shown, page=run.page))
        if any(state.waiting for state in states):
            lines.append(t("sync-decide"))
        return Html("\n".join(lines))

    def _line(self, t: Translator, state: ModelState) -> Html:
        old, new = price_words(state)
        return t(
            f"sync-{state.news}",
            model=self._registry.title(state.id, t.language),
            id=state.id,
            old=old,
            new=new,
            text=state.text[:200],
            operator=str(state.by or ""),
        )


def price_words(state: ModelState) -> tuple[str, str]:
    """The old and the new price of a state's news, as far as they differ; empty where there are none."""
    if not (state.news_old and state.news_new):
        return "", ""
    old, new = amounts(price_of(state.news_old)), amounts(price_of(state.news_new))
    names = [name for name in old if old[name] != new.get(name)] or list(old)
    return _words(old, names), _words(new, names if set(names) <= set(new) else list(new))


def _words(found: dict[str, Decimal], names: Sequence[str]) -> str:
    parts = [f"{name} {_dollars(found[name])}".strip() for name in names[:_PARTS]]
    return ", ".join(parts) + (" …" if len(names) > _PARTS else "")


def _dollars(amount: Decimal) -> str:
    """To the cent, or as exactly as it is meant."""
    places = amount.normalize().as_tuple().exponent
    return f"${amount:.{max(2, -int(places))}f}"
