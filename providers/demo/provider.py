"""The demo provider: takes tasks, makes their files in a thread, and goes on after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeVar, cast

from pydantic import Field

from providers.demo.faults import Fault, fault_in
from providers.demo.making import USUAL_FRAMES, Made
from providers.demo.tasks import Task, TaskBook, age_limit, task_id_of
from starloom.api import (
    Failed,
    FailureReason,
    ModelList,
    PluginConfig,
    ProviderContext,
    ProviderError,
    ProviderTask,
    Result,
    Running,
    Status,
    SubmissionRefused,
    SubmissionUnknown,
    Succeeded,
    Waiting,
    read_models,
)

_CHUNK = 256 * 1024
_SLOWNESS = 10
_URL_PREFIX = "demo:"
_REFUSALS = {
    Fault.REJECTED: FailureReason.INPUT_REJECTED,
    Fault.CREDIT: FailureReason.OUT_OF_CREDIT,
    Fault.BUSY: FailureReason.RATE_LIMITED,
}
_ENDLESS = (Fault.HANG, Fault.UNKNOWN)
_FAILURES = {Fault.FAIL: FailureReason.PROVIDER_FAULT, Fault.SAFETY: FailureReason.SAFETY}
_AnswerT = TypeVar("_AnswerT")


class DemoConfig(PluginConfig):
    """The settings of the demo provider."""

    directory: Path | None = None
    """Where tasks and their files are kept; unset: in the folder that Starloom gives each provider."""
    seconds: float = Field(default=4.0, ge=0)
    """How long a generation takes at least, in seconds."""
    frames: int = Field(default=USUAL_FRAMES, ge=1, le=60)
    """How many frames a second of its videos has; with fewer they are made sooner."""
    keep_hours: float = Field(default=80.0, gt=0)
    """How long a finished file can be fetched."""
    faults: bool = False
    """Whether words such as `fault:safety` in a prompt make its task go wrong."""
    fault: Fault = Fault.NONE
    """What goes wrong with every task."""


class DemoProvider:
    """Makes real media offline. The same prompt and options give the same bytes.

    It stands in for any other provider as well: of a model that it does not know it looks at the category.
    """

    name: ClassVar[str] = "demo"
    Config: ClassVar[type[DemoConfig]] = DemoConfig
    unlisted: ClassVar[str] = "it makes everything itself, so nothing changes elsewhere"

    def __init__(self, context: ProviderContext[DemoConfig]) -> None:
        self._config = context.config
        self._clock = context.clock
        self._log = context.log
        self._book = TaskBook(context.config.directory or context.directory, frames=context.config.frames)
        self._models = read_models(Path(__file__).with_name("models.toml"), provider=self.name)
        self._maker: ThreadPoolExecutor | None = None
        self._reader: ThreadPoolExecutor | None = None
        self._making: dict[str, asyncio.Future[None]] = {}
        self._broken: set[str] = set()

    async def start(self) -> None:
        """Open the book of tasks and drop the old ones."""
        # One thread makes, so that encoding never takes more than one core; another reads and writes files.
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="demo-maker")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="demo-reader")
        await self._read(self._book.open)
        limit = age_limit(self._clock.now(), self._config.keep_hours)
        dropped = await self._read(lambda: self._book.purge(before=limit))
        if dropped:
            self._log.info("old demo tasks dropped", count=dropped)

    async def stop(self) -> None:
        """Make what is being made to its end, and no more; the rest is made after the next start."""
        for executor in (self._maker, self._reader):
            if executor is not None:
                await asyncio.to_thread(executor.shutdown, wait=True, cancel_futures=True)
        self._maker = self._reader = None
        await asyncio.gather(*self._making.values(), return_exceptions=True)

    def models(self) -> ModelList:
        """A video, an image and a melody."""
        return self._models

    async def submit(self, task: ProviderTask) -> str:
        """Keep the task and begin to make it."""
        fault = self._config.fault or (fault_in(task.prompt) if self._config.faults else Fault.NONE)
        if fault in _REFUSALS:
            raise SubmissionRefused(_REFUSALS[fault], "told to refuse")
        if fault is Fault.UNSURE:
            raise SubmissionUnknown("told to lose the reply")
        task_id = task_id_of(task.job_id)
        kept = await self._read(lambda: self._book.get(task_id))
        if kept is None:
            given = await self._take_given(task_id, task)
            new = Task(
                id=task_id,
                category=task.category,
                prompt=task.prompt,
                options=dict(task.options),
                at=self._clock.now(),
                fault=fault.value,
                given=given,
            )
            await self._read(lambda: self._book.put(new))
            self._begin(new)
            if fault is Fault.LOST:
                raise SubmissionUnknown("told to lose the reply")
        return task_id

    async def _take_given(self, task_id: str, task: ProviderTask) -> tuple[tuple[str, str], ...]:
        """Keep the pictures and sounds that were given until the result is there."""
        taken: list[tuple[str, str]] = []
        for file in (file for files in task.inputs.values() for file in files):
            content = await file.read()
            name = await self._read(partial(self._book.keep_given, task_id, len(taken), content))
            taken.append((file.mime_type.partition("/")[0], name))
        return tuple(taken)

    async def find(self, job_id: str) -> str | None:
        """The task of a job, if it was submitted."""
        if self._config.fault is Fault.UNSURE:
            raise SubmissionUnknown("told not to know")
        task = await self._read(lambda: self._book.get(task_id_of(job_id)))
        return task.id if task else None

    async def poll(self, task_id: str) -> Status:
        """How a task stands; one that waits for its file after a restart is begun again."""
        task = await self._read(lambda: self._book.get(task_id))
        if task is None:
            return Failed(FailureReason.EXPIRED, "no such task")
        if task.cancelled:
            return Failed(FailureReason.PROVIDER_FAULT, "cancelled")
        fault = Fault(task.fault)
        if fault is Fault.NONSENSE:
            # The fault is to break the protocol.
            return cast("Status", object())
        if fault is Fault.CRASH:
            raise RuntimeError("told to crash")
        return self._status(task, fault)

    def _status(self, task: Task, fault: Fault) -> Status:
        if fault is Fault.UNKNOWN:
            return Waiting("told to be in no known state")
        share = self._share(task)
        if fault is Fault.HANG or share < 1:
            return Running(min(99, max(0, int(share * 100))))
        if fault in _FAILURES:
            return Failed(_FAILURES[fault], "told to fail")
        if task.error:
            return Failed(FailureReason.PROVIDER_FAULT, task.error)
        if task.made is None:
            self._begin(task)
            return Running(99)
        return Succeeded((_result(task.id, task.made),), {"model": "demo"})

    def _share(self, task: Task) -> float:
        """How much of a task's time has passed, from 0 on; 1 where it takes none."""
        needed = self._config.seconds * (_SLOWNESS if task.fault == Fault.SLOW else 1)
        passed = (self._clock.now() - task.at).total_seconds()
        return passed / needed if needed else 1.0

    def _is_over(self, task: Task) -> bool:
        """Whether a task's file is there and its time has passed: until then nobody knows of the file."""
        return task.made is not None and task.fault not in _ENDLESS and self._share(task) >= 1

    async def cancel(self, task_id: str) -> bool:
        """Stop a task that is not over."""
        return await self._read(lambda: self._book.cancel(task_id, self._is_over))

    async def open(self, result: Result) -> AsyncIterator[bytes]:
        """The bytes of a file."""
        task_id = result.url.removeprefix(_URL_PREFIX)
        task = await self._read(lambda: self._book.get(task_id))
        if task is None or task.made is None:
            raise ProviderError("the file is not there any more")
        path, size, position = self._book.media_path(task_id), task.made.size, 0
        end = self._end_of(task, size)
        while position < end:
            chunk = await self._read(partial(_chunk, path, position, min(_CHUNK, end - position)))
            if not chunk:
                return
            position += len(chunk)
            yield chunk
        if 0 < end < size:
            raise ConnectionResetError("told to break off")

    def _end_of(self, task: Task, size: int) -> int:
        """Where a download ends: at the file's end, unless a fault says otherwise."""
        if task.fault == Fault.EMPTY:
            return 0
        if task.fault == Fault.BROKEN and task.id not in self._broken:
            self._broken.add(task.id)
            return size // 2
        return size

    async def account(self) -> None:
        """Nothing is paid here."""

    def _begin(self, task: Task) -> None:
        """Make a task's file in the maker's thread, unless it is being made."""
        if self._maker is None or task.id in self._making:
            return
        future = asyncio.get_running_loop().run_in_executor(self._maker, self._book.make, task.id)
        self._making[task.id] = future
        future.add_done_callback(lambda done: self._finished(task.id, done))

    def _finished(self, task_id: str, done: asyncio.Future[None]) -> None:
        del self._making[task_id]
        error = None if done.cancelled() else done.exception()
        if error is not None:
            self._log.error("demo media not made", task_id=task_id, error=type(error).__name__)

    async def _read(self, work: Callable[[], _AnswerT]) -> _AnswerT:
        if self._reader is None:
            raise ProviderError("the demo provider is not running")
        return await asyncio.get_running_loop().run_in_executor(self._reader, work)


def _result(task_id: str, made: Made) -> Result:
    return Result(
        url=f"{_URL_PREFIX}{task_id}",
        mime_type=made.mime_type,
        file_name=made.file_name,
        size=made.size,
        sha256=made.sha256,
        width=made.width,
        height=made.height,
        duration=made.duration,
    )


def _chunk(path: Path, position: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(position)
        return file.read(length)
