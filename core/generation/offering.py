"""Lets a provider rest that cannot be paid or does not let us in: its models are not offered for a while."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from core.clock import Clock
from core.errors import DatabaseAway
from core.generation.job import Job
from core.generation.ports import Alerts
from core.generation.provider import FailureReason
from core.generation.registry import Registry
from core.storage.settings import SettingsStore

_log = structlog.stdlib.get_logger(__name__)

_NAMESPACE = "providers:resting"
_BY = "resting"


class Offering:
    """Who rests, as all instances know it within `follow` seconds. A rest lasts `seconds`.

    An account that rests, most often a whole provider's, is asked for nothing new; what runs there goes on.
    """

    def __init__(
        self,
        *,
        registry: Registry,
        store: SettingsStore,
        alerts: Alerts,
        clock: Clock,
        seconds: float,
        follow: float,
    ) -> None:
        self._registry = registry
        self._store = store
        self._alerts = alerts
        self._clock = clock
        self._seconds = seconds
        self._follow = follow
        self._resting: dict[str, tuple[FailureReason, datetime]] = {}
        self._hidden: dict[str, str] = {}

    def account_of(self, job: Job) -> str:
        """What pays for a job; see `Registry.account_of`."""
        model = self._registry.known(job.made_by or job.model_id)
        if model is None or self._registry.taker_of(model) != job.provider:
            return job.provider
        return self._registry.account_of(model)

    def why_resting(self, account: str) -> FailureReason | None:
        """Why an account rests just now, or None if it does not."""
        reason, until = self._resting.get(account, (None, None))
        return reason if until is not None and until > self._clock.now() else None

    async def pause(self, account: str, reason: FailureReason) -> None:
        """Let an account rest from now on, and tell the operators, once for each rest."""
        if self.why_resting(account) is not None:
            return
        until = self._clock.now() + timedelta(seconds=self._seconds)
        self._resting[account] = (reason, until)
        self._apply()
        _log.error("provider rests", provider=account, reason=reason.value)
        await self._alerts.provider_rests(account, reason.value, round(self._seconds / 60))
        await self._store.set(_NAMESPACE, account, {"reason": reason.value, "until": until})

    async def follow(self) -> None:
        """Take over what other instances found out, and offer again what has rested long enough.

        Raises:
            DatabaseAway: it cannot be read just now.

        """
        for account, kept in (await self._store.all(_NAMESPACE)).items():
            known = _known(kept)
            if known is not None and self.why_resting(account) is None:
                self._resting[account] = known
        self._apply()

    async def run(self) -> None:
        """Follow until cancelled."""
        while True:
            try:
                await self.follow()
            except DatabaseAway as error:
                _log.warning("resting providers not read: database away", error=str(error))
            await self._clock.sleep(self._follow)

    def _apply(self) -> None:
        for model in self._registry.models():
            account = self._registry.account_of(model)
            reason = self.why_resting(account)
            if reason is not None:
                self._registry.switch_off(model.id, f"{account} rests: {reason.value}", by=_BY)
                self._hidden[model.id] = account
        for model_id, account in list(self._hidden.items()):
            if self.why_resting(account) is None:
                self._registry.switch_on(model_id, by=_BY)
                del self._hidden[model_id]


def _known(kept: Mapping[str, Any]) -> tuple[FailureReason, datetime] | None:
    """A rest as it was kept; None for what a later version may have written."""
    try:
        return FailureReason(kept["reason"]), kept["until"]
    except (KeyError, ValueError):
        return None
