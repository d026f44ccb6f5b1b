"""Tells people how far their results are: plugins now and then, and the chat what the bot is doing."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import structlog

from core.clock import Clock
from core.generation.job import Job
from core.generation.ports import Hooks, Messenger
from core.generation.progress import DeliveryProgress, DeliveryStage

_log = structlog.stdlib.get_logger(__name__)

EVERY = 3.0
"""The least time between two reports about one job, in seconds."""
_ACTION_EVERY = 5.0
"""Telegram shows an action for about so long. https://core.telegram.org/method/messages.setTyping"""
_SPEED_OVER = 15.0
"""Seconds over which the speed is taken."""
_ACTIONS = {"image": "upload_photo", "video": "upload_video", "audio": "upload_audio"}


@dataclass(slots=True)
class Report:
    """How far one file is; whoever brings it notes it here."""

    file: int = 1
    files: int = 1
    stage: DeliveryStage = DeliveryStage.DOWNLOADING
    total: int | None = None
    done: int = 0
    _samples: deque[tuple[float, int]] = field(default_factory=deque)

    def acknowledged(self, done: int) -> None:
        """Telegram has so many bytes now."""
        self.done = done
        self.stage = DeliveryStage.UPLOADING

    def at(self, moment: float) -> DeliveryProgress:
        """What is to be told now."""
        samples = self._samples
        samples.append((moment, self.done))
        while moment - samples[0][0] > _SPEED_OVER:
            samples.popleft()
        since, before = samples[0]
        speed = (self.done - before) / (moment - since) if moment > since else 0.0
        left = (self.total - self.done) / speed if self.total is not None and speed > 0 else None
        return DeliveryProgress(
            stage=self.stage,
            done=self.done,
            total=self.total,
            speed=speed,
            seconds_left=None if left is None else max(0.0, left),
            file=self.file,
            files=self.files,
        )


class Reports:
    """Makes reports while results are on their way."""

    def __init__(self, hooks: Hooks, messenger: Messenger, clock: Clock) -> None:
        self._hooks = hooks
        self._messenger = messenger
        self._clock = clock
        self._last: dict[str, float] = {}

    @contextlib.asynccontextmanager
    async def on(self, job: Job, report: Report) -> AsyncIterator[Report]:
        """Tell of `report` as long as the context lasts: now, and every few seconds if it has changed."""
        tasks = [asyncio.create_task(self._tell_on(job, report), name="delivery progress")]
        if report.stage is not DeliveryStage.SENDING:
            tasks.append(asyncio.create_task(self._act_on(job), name="chat action"))
        try:
            yield report
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _tell_on(self, job: Job, report: Report) -> None:
        told: DeliveryProgress | None = None
        while True:
            await self._clock.sleep(self._until_due(job.id))
            progress = report.at(self._clock.monotonic())
            if told is None or _differs(progress, told):
                told = progress
                self._note(job.id)
                await self._hooks.notify("delivery_progress", job=job, progress=progress)
            else:
                await self._clock.sleep(EVERY)

    async def _act_on(self, job: Job) -> None:
        action = _ACTIONS.get(job.category, "upload_document")
        while True:
            try:
                await self._messenger.chat_action(job.chat_id, action)
            except OSError as error:
                _log.info("chat action not shown", request_id=job.id, error=type(error).__name__)
            await self._clock.sleep(_ACTION_EVERY)

    def _until_due(self, job_id: str) -> float:
        last = self._last.get(job_id)
        return 0.0 if last is None else max(0.0, last + EVERY - self._clock.monotonic())

    def _note(self, job_id: str) -> None:
        now = self._clock.monotonic()
        self._last.pop(job_id, None)
        self._last[job_id] = now
        for known, last in list(self._last.items()):
            if now - last < EVERY:
                break
            del self._last[known]


def _differs(progress: DeliveryProgress, told: DeliveryProgress) -> bool:
    """Whether there is news: a speed that sinks while nothing arrives is none."""
    return replace(progress, speed=0.0, seconds_left=None) != replace(told, speed=0.0, seconds_left=None)
