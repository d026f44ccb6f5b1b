"""The demo provider's tasks, each a small file, so that they outlive the bot. Blocking; for a thread."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from providers.demo.making import USUAL_FRAMES, Made, Order, make
from starloom.api import Category


@dataclass(frozen=True, slots=True)
class Task:
    """One task. The prompt is erased once the file is there; `made` then says what it is."""

    id: str
    category: Category
    prompt: str
    options: Mapping[str, Any]
    at: datetime
    fault: str = ""
    cancelled: bool = False
    made: Made | None = None
    error: str = ""
    given: tuple[tuple[str, str], ...] = ()
    """Kinds and file names of what its person gave; the files go when the result is there."""


class TaskBook:
    """Tasks in a folder of their own: `<task>.json` beside `<task>.media`. Several threads may use it.

    `frames` is how many a second of its videos has.
    """

    def __init__(self, directory: Path, *, frames: int = USUAL_FRAMES) -> None:
        self._directory = directory
        self._frames = frames
        self._changing = threading.Lock()

    def open(self) -> None:
        """Make the folder if it is missing."""
        self._directory.mkdir(parents=True, exist_ok=True)

    def get(self, task_id: str) -> Task | None:
        """The task of this id, or None."""
        try:
            text = self._path(task_id).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return _task(json.loads(text))

    def put(self, task: Task) -> None:
        """Keep a task; a crash leaves either the old file or the new one."""
        part = self._path(task.id).with_suffix(f".{secrets.token_hex(4)}.part")
        part.write_text(json.dumps(_fields(task), ensure_ascii=False), encoding="utf-8")
        part.replace(self._path(task.id))

    def cancel(self, task_id: str, is_over: Callable[[Task], bool]) -> bool:
        """Stop a task that is not over; whether it makes nothing. A file that is there already goes."""
        with self._changing:
            task = self.get(task_id)
            if task is None or is_over(task):
                return False
            self.put(replace(task, cancelled=True, prompt="", made=None, given=()))
            self._forget(task)
            self.media_path(task_id).unlink(missing_ok=True)
            return True

    def make(self, task_id: str) -> None:
        """Make a task's file, unless it is there, or the task is stopped."""
        task = self.get(task_id)
        if task is None or task.cancelled or task.made is not None or task.error:
            return
        order = Order(
            task.category,
            task.prompt,
            task.options,
            pictures=self._given(task, "image"),
            sounds=self._given(task, "audio"),
            frames=self._frames,
        )
        try:
            made = make(order, self.media_path(task_id))
        except Exception as error:
            self._finish(task_id, error=type(error).__name__)
            raise
        self._finish(task_id, made=made)

    def keep_given(self, task_id: str, number: int, content: bytes) -> str:
        """Keep a file that a person gave for a task; answers its name."""
        name = f"{task_id}-{number}.given"
        (self._directory / name).write_bytes(content)
        return name

    def media_path(self, task_id: str) -> Path:
        """Where a task's file stands once it is made."""
        return self._directory / f"{task_id}.media"

    def purge(self, *, before: datetime) -> int:
        """Drop the tasks that were submitted before a moment, with their files; how many those were."""
        dropped = 0
        for path in self._directory.glob("*.json"):
            task = self.get(path.stem)
            if task is not None and task.at < before:
                self.media_path(task.id).unlink(missing_ok=True)
                self._forget(task)
                path.unlink(missing_ok=True)
                dropped += 1
        for part in self._directory.glob("*.part"):
            # What a kill left behind.
            if datetime.fromtimestamp(part.stat().st_mtime, UTC) < before:
                part.unlink(missing_ok=True)
        return dropped

    def _finish(self, task_id: str, *, made: Made | None = None, error: str = "") -> None:
        """Note the outcome, unless the task was stopped while it was being made."""
        with self._changing:
            task = self.get(task_id)
            if task is None or task.cancelled:
                self.media_path(task_id).unlink(missing_ok=True)
                return
            if task.made is not None:
                # Another process was quicker with the same bytes.
                return
            self.put(replace(task, made=made, error=error, prompt="", given=()))
            self._forget(task)

    def _given(self, task: Task, kind: str) -> tuple[Path, ...]:
        return tuple(self._directory / name for given, name in task.given if given == kind)

    def _forget(self, task: Task) -> None:
        for _, name in task.given:
            (self._directory / name).unlink(missing_ok=True)

    def _path(self, task_id: str) -> Path:
        return self._directory / f"{task_id}.json"


def task_id_of(job_id: str) -> str:
    """The task that a job makes: the same for the same job, so that submitting twice is submitting once."""
    return f"demo-{hashlib.blake2b(job_id.encode(), digest_size=12).hexdigest()}"


def age_limit(now: datetime, hours: float) -> datetime:
    """The moment before which tasks are old."""
    return now - timedelta(hours=hours)


def _fields(task: Task) -> dict[str, Any]:
    return {
        **asdict(task),
        "category": task.category.value,
        "options": dict(task.options),
        "at": task.at.isoformat(),
    }


def _task(fields: dict[str, Any]) -> Task:
    made = fields.pop("made")
    given = tuple((kind, name) for kind, name in fields.pop("given", ()))
    return Task(
        **{
            **fields,
            "category": Category(fields["category"]),
            "at": datetime.fromisoformat(fields["at"]),
            "made": Made(**made) if made else None,
            "given": given,
        }
    )
