"""Models as operators see and change them; of two who change one at once, the first does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.generation.model import Model
from core.generation.model_policy import ModelPolicies, Policy
from core.generation.registry import Registry
from core.generation.sync_assembly import Synchronising
from core.storage.audit import AuditLog
from core.storage.claims import Claim, Claims


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A model with what was decided of it.

    `stars` is its price with default options, None where that varies or it is not offered. `reason` says why
    it is not, empty where it is.
    """

    model: Model
    policy: Policy
    stars: int | None
    free: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Synced:
    """What came of looking at one provider's list."""

    provider: str
    changed: int
    fresh: int
    looked_at: int
    failed: bool


class ModelDesk:
    """Looks at models and decides about them."""

    def __init__(
        self,
        registry: Registry,
        policies: ModelPolicies,
        synchronising: Synchronising | None,
        claims: Claims,
        audit: AuditLog,
    ) -> None:
        self._registry = registry
        self._policies = policies
        self._synchronising = synchronising
        self._claims = claims
        self._audit = audit

    def all(self) -> tuple[Model, ...]:
        """The models on offer, and behind them those that operators have switched off."""
        offered = self._registry.models()
        names = {model.id for model in offered}
        off = [
            model
            for locked in self._registry.locked
            if locked.id not in names and self._policies.of(locked.id).off
            if (model := self._registry.known(locked.id)) is not None
        ]
        return (*offered, *off)

    def card(self, name: str) -> ModelCard | None:
        """One of them by its id, or another name of it."""
        model = self._registry.known(name)
        if model is None:
            return None
        offered = self._registry.offers(model.id)
        quote = self._registry.default_quote(model.id) if offered else None
        reason = next((each.reason for each in self._registry.locked if each.id == model.id), "")
        return ModelCard(
            model=model,
            policy=self._policies.of(model.id),
            stars=quote.stars if quote is not None else None,
            free=self._policies.is_free(model.id),
            reason=reason,
        )

    async def decide(self, model_id: str, changes: dict[str, Any], *, seen: int, by: int) -> Claim:
        """Change what was decided of a model; `seen` is the `serial` that the operator saw.

        Raises:
            UserFacingError: a price or a markup is none.

        """
        self._policies.check(model_id, changes)
        before = self._policies.of(model_id)
        what, stale = ",".join(sorted(changes)), seen != before.serial
        claim = await self._claims.take(f"model:{model_id}:{seen}", what, by=by, stale=stale)
        if claim.first:
            after = await self._policies.decide(model_id, changes)
            was = {name: getattr(before, name) for name in changes}
            now = {name: getattr(after, name) for name in changes}
            about = {"model": model_id}
            await self._audit.write(f"user:{by}", "models.decide", before=about | was, after=about | now)
        return claim

    async def synchronise(self, *, by: int) -> Sequence[Synced]:
        """Look at all providers' lists now; nothing is taken from what was read before."""
        parts = self._synchronising
        if parts is None:
            return ()
        found = []
        for provider in parts.sync.listers():
            outcome = await parts.sync.synchronise(provider, replace(parts.sync.reading, force=True))
            found.append(
                Synced(
                    provider.name,
                    len(outcome.changed),
                    len(outcome.fresh),
                    outcome.looked_at,
                    bool(outcome.alarm),
                )
            )
        await self._audit.write(f"user:{by}", "models.sync", after=[each.provider for each in found])
        return found
