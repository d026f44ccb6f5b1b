"""Calls the handlers that plugins declare: each in a place of its plugin's, in its guard, and timed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from core.errors import UserFacingError
from core.events import Event, PreCheckoutEvent
from core.limits import TimeLimit
from core.observability.metrics import Metrics
from core.plugin_powers import WebReply, WebRequest
from core.plugins.guard import Interrupted, TimeLimitPassed
from core.plugins.hook_calls import NoteError
from core.plugins.people_settings import ShowUser
from core.plugins.running import RunningPlugin
from core.plugins.status import CallOutcome, CallResult
from core.routes import Route

_STATUSES = {CallResult.OFF: 404, CallResult.BUSY: 503}


class HandlerCalls:
    """Calls handlers; whatever they do, a call returns. `running` finds a plugin that takes calls.

    `show` says what a plugin sees of people.
    """

    def __init__(
        self,
        running: Callable[[str], RunningPlugin | None],
        note_error: NoteError,
        metrics: Metrics,
        show: ShowUser,
    ) -> None:
        self._show = show
        self._running = running
        self._note_error = note_error
        self._metrics = metrics

    async def call(self, route: Route, event: Event) -> CallOutcome:
        """Hand an update to a handler. What decides on a payment waits for no place: it has 10 seconds."""
        event.user = self._show(route.plugin, event.user)
        urgent = isinstance(event, PreCheckoutEvent)
        limit: TimeLimit = "pre_checkout_seconds" if urgent else "handler_seconds"
        outcome, _ = await self._timed(route, event, limit, urgent=urgent)
        return outcome

    async def serve(self, route: Route, request: WebRequest) -> WebReply:
        """Hand a request to a page of a plugin; where that fails the reply says so in a status alone."""
        outcome, reply = await self._timed(route, request, "handler_seconds")
        if outcome.result is CallResult.DONE and isinstance(reply, WebReply):
            return reply
        if outcome.result is CallResult.DONE:
            error = TypeError(f"answered {type(reply).__name__}; allowed: WebReply")
            self._note_error(route.plugin, f"page {_name(route)}", error)
        return WebReply(status=_STATUSES.get(outcome.result, 500))

    async def _timed(
        self, route: Route, given: object, limit: TimeLimit, *, urgent: bool = False
    ) -> tuple[CallOutcome, Any]:
        running = self._running(route.plugin)
        if running is None:
            return CallOutcome(CallResult.OFF), None
        # Real time and not the clock's: this measures our own speed.
        began = time.perf_counter()
        if urgent:
            result, raised, answer = await self._run(running, route, given, limit)
        else:
            async with running.place() as free:
                if free:
                    result, raised, answer = await self._run(running, route, given, limit)
                else:
                    result, raised, answer = CallResult.BUSY, None, None
        took = time.perf_counter() - began
        self._metrics.handler_calls.labels(route.plugin, result.value).inc()
        self._metrics.handler_seconds.labels(route.plugin).observe(took)
        return CallOutcome(result, raised, took), answer

    async def _run(
        self, running: RunningPlugin, route: Route, given: object, limit: TimeLimit
    ) -> tuple[CallResult, Exception | None, Any]:
        result = CallResult.FAILED
        raised: Exception
        try:
            answer = await running.run(_handled(route, given), _name(route), limit)
            return CallResult.DONE, None, answer
        except UserFacingError as error:
            return CallResult.REFUSED, error, None
        except Interrupted as error:
            return CallResult.OFF, error, None
        except TimeLimitPassed as error:
            result, raised = CallResult.TIMED_OUT, error
        except Exception as error:
            raised = error
        self._note_error(route.plugin, f"handler {_name(route)}", raised)
        return result, raised, None


def _name(route: Route) -> str:
    return getattr(route.handler, "__name__", "handler")


async def _handled(route: Route, given: object) -> Any:
    return await route.handler(given)
