"""Leaves a provider alone that fails again and again, and asks it now and then whether it is back."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import structlog

from core.clock import Clock
from core.http.reply import NotSent

_log = structlog.stdlib.get_logger(__name__)

Watch = Callable[[str, bool], None]
"""Told of a model, empty for the provider itself, and whether its breaker is open; also when it stays so."""


@dataclass(frozen=True, slots=True)
class BreakerSettings:
    """`model_faults` and `provider_faults` in a row open a breaker. Waits are seconds.

    After `first_wait` one call may try; if it fails the wait doubles, up to `longest_wait`.
    """

    model_faults: int = 5
    provider_faults: int = 10
    first_wait: float = 30.0
    longest_wait: float = 600.0


class Breaker:
    """One breaker: closed, open for a while, or half open while one call tries."""

    def __init__(self, clock: Clock, *, faults: int, first_wait: float, longest_wait: float) -> None:
        self._clock = clock
        self._most = faults
        self._first_wait = first_wait
        self._longest_wait = longest_wait
        self._faults = 0
        self._wait = 0.0
        self._opened_at = 0.0
        self._trying = False

    @property
    def tripped(self) -> bool:
        """Whether the faults were too many, and no call has succeeded since."""
        return self._wait > 0

    @property
    def refuses(self) -> bool:
        """Whether a call would be refused just now."""
        waiting = self._clock.monotonic() < self._opened_at + self._wait
        return self.tripped and (waiting or self._trying)

    def begin(self) -> bool:
        """A call begins; whether it is the one that tries a provider that was left alone."""
        self._trying = tries = self.tripped
        return tries

    def end(self, *, tried: bool, fault: bool | None) -> None:
        """A call has ended; None where nobody knows how, as it was broken off."""
        if tried:
            self._trying = False
        if fault is False:
            self._faults = 0
            self._wait = 0.0
        elif fault:
            self._faults += 1
            if self._faults >= self._most:
                self._trip()

    def _trip(self) -> None:
        now = self._clock.monotonic()
        if self.tripped and now < self._opened_at + self._wait:
            # A call that began before the others' faults were known says nothing new.
            return
        self._wait = min(self._longest_wait, self._wait * 2 or self._first_wait)
        self._opened_at = now


class Outcome:
    """What became of a call, as whoever makes it finds out."""

    def __init__(self) -> None:
        self.fault: bool | None = None


class Circuit:
    """The breakers of one provider: its own, and one for each model."""

    def __init__(self, provider: str, clock: Clock, settings: BreakerSettings, watch: Watch) -> None:
        self._provider = provider
        self._clock = clock
        self._settings = settings
        self._watch = watch
        self._breakers: dict[str, Breaker] = {"": self._new(settings.provider_faults)}
        watch("", False)

    def is_open(self, model: str = "") -> bool:
        """Whether a call for the model, or any call if none is named, would be refused just now."""
        return any(breaker.refuses for _, breaker in self._of(model))

    def check(self, model: str) -> None:
        """Raise NotSent if a call for the model would be refused."""
        for name, breaker in self._of(model):
            if breaker.refuses:
                what = f"model {name}" if name else "provider"
                raise NotSent(f"the {what} fails again and again and is left alone", again=False)

    @contextlib.contextmanager
    def calling(self, model: str) -> Iterator[Outcome]:
        """Make a call inside, and note its outcome.

        Raises:
            NotSent: a breaker is open.

        """
        self.check(model)
        begun = [(name, breaker, breaker.begin()) for name, breaker in self._of(model)]
        outcome = Outcome()
        try:
            yield outcome
        finally:
            for name, breaker, tried in begun:
                before = breaker.tripped
                breaker.end(tried=tried, fault=outcome.fault)
                self._tell(name, breaker, before=before)

    def _tell(self, name: str, breaker: Breaker, *, before: bool) -> None:
        if breaker.tripped or before:
            self._watch(name, breaker.tripped)
        if breaker.tripped == before:
            return
        say = _log.warning if breaker.tripped else _log.info
        say(
            "provider is left alone" if breaker.tripped else "provider is back",
            provider=self._provider,
            model=name,
        )

    def _of(self, model: str) -> list[tuple[str, Breaker]]:
        if model and model not in self._breakers:
            self._breakers[model] = self._new(self._settings.model_faults)
        return [(name, self._breakers[name]) for name in dict.fromkeys(("", model))]

    def _new(self, faults: int) -> Breaker:
        settings = self._settings
        return Breaker(
            self._clock,
            faults=faults,
            first_wait=settings.first_wait,
            longest_wait=settings.longest_wait,
        )
