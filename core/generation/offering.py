"""Lets a provider rest that cannot be paid or does not let us in, and a model that it has no more."""

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
_GONE_NAMESPACE = "providers:gone"
_GONE_BY = "gone"
_GONE = timedelta(days=1)
"""For how long nobody tries whether a model is back that its provider did not have any more."""


class Offering:
    """Who rests, as all instances know it within `follow` seconds. A rest lasts `seconds`.

    An account that rests, most often a whole provider's, is asked for nothing new; what runs there goes on.
    Its models are left to their alternates. A model that is gone is not offered at all for a day, or until
    this process starts again: operators may have set right by then what was wrong.
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
        self._began = clock.now()
        self._gone: dict[str, datetime] = {}
        """Models that are gone, and until when they are not tried again."""

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

    async def withdraw(self, job: Job) -> None:
        """Offer the model that a job asked its provider for no more, and tell the operators, once."""
        model = self._registry.known(job.made_by or job.model_id)
        if model is None or self._registry.taker_of(model) != job.provider or model.id in self._gone:
            return
        now = self._clock.now()
        self._gone[model.id] = now + _GONE
        self._apply_gone()
        _log.error("model is gone", provider=job.provider, model=model.id)
        await self._alerts.model_gone(job.provider, model.id)
        await self._store.set(_GONE_NAMESPACE, model.id, {"since": now, "until": now + _GONE})

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
        for model_id, kept in (await self._store.all(_GONE_NAMESPACE)).items():
            if "until" in kept and kept.get("since", self._began) >= self._began:
                self._gone[model_id] = kept["until"]
        self._apply_gone()

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
                self._registry.switch_off(
                    model.id, f"{account} rests: {reason.value}", by=_BY, others_may=True
                )
                self._hidden[model.id] = account
        for model_id, account in list(self._hidden.items()):
            if self.why_resting(account) is None:
                self._registry.switch_on(model_id, by=_BY)
                del self._hidden[model_id]

    def _apply_gone(self) -> None:
        for model_id, until in list(self._gone.items()):
            if until > self._clock.now():
                self._registry.switch_off(model_id, "its provider does not have it any more", by=_GONE_BY)
            else:
                del self._gone[model_id]
                self._registry.switch_on(model_id, by=_GONE_BY)


def _known(kept: Mapping[str, Any]) -> tuple[FailureReason, datetime] | None:
    """A rest as it was kept; None for what a later version may have written."""
    try:
        return FailureReason(kept["reason"]), kept["until"]
    except (KeyError, ValueError):
        return None
