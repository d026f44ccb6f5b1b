"""What admins decide of models: whether a lower price is asked, or the old one stays."""

from __future__ import annotations

from dataclasses import dataclass

from core.clock import Clock
from core.generation.prices import Price
from core.generation.registry import Registry
from core.generation.sync_deciding import approved, kept
from core.generation.sync_following import CatalogueFollower
from core.storage.catalogue import CatalogueStore, ModelState

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of an admin's word.

    `first` tells whether it was this one that counts; `state` is the model's afterwards, None where nothing
    is known of it.
    """

    state: ModelState | None
    first: bool


class ModelChanges:
    """The changes that wait. Of several decisions on one change, the first counts."""

    def __init__(
        self, registry: Registry, store: CatalogueStore, follower: CatalogueFollower, clock: Clock
    ) -> None:
        self._registry = registry
        self._store = store
        self._follower = follower
        self._clock = clock

    async def waiting(self) -> tuple[ModelState, ...]:
        """What waits for a decision, by model."""
        states = await self._follower.read()
        return tuple(state for _, state in sorted(states.items()) if state.waiting)

    def title(self, model_id: str, language: str) -> str:
        """The model's name for people."""
        return self._registry.title(model_id, language)

    async def approve(self, model_id: str, mark: str, *, by: int) -> Decision:
        """Ask the price that waits from now on. What has no new price cannot be approved."""
        return await self._decide(model_id, mark, by, accept=True)

    async def keep(self, model_id: str, mark: str, *, by: int) -> Decision:
        """Go on with the price as it is, and ask no more about this change."""
        return await self._decide(model_id, mark, by, accept=False)

    async def _decide(self, model_id: str, mark: str, by: int, *, accept: bool) -> Decision:
        first = False
        for _ in range(_ATTEMPTS):
            state = await self._store.state(model_id)
            current = self._price(model_id)
            if state is None or current is None or state.mark != mark or not state.waiting:
                break
            if accept and not state.offered:
                break
            today = self._clock.now().date().isoformat()
            decided = approved(state, current, by, today=today) if accept else kept(state, current, by)
            # Something else may have been noted in the state meanwhile, with the change still waiting.
            if first := await self._store.replace(decided):
                break
        await self._follower.read()
        return Decision(await self._store.state(model_id), first)

    def _price(self, model_id: str) -> Price | None:
        model = self._registry.known(model_id)
        return None if model is None else model.price
