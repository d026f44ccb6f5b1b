"""What of each generation was brought to Telegram, over all lives of a bot."""

from __future__ import annotations

from collections import Counter
from typing import Any

from core.clock import SystemClock
from core.storage.database import Database
from core.storage.generations import JobStore
from sandbox.mtproto import WireEvent
from sandbox.mtproto.codec import parse, unwrap
from sandbox.server import Sandbox

_PARTS = ("upload.SaveFilePart", "upload.SaveBigFilePart")
_MEDIA = "messages.UploadMedia"

_Came = dict[int, int]
"""How many parts came of each file of a generation, by the file's id at Telegram."""


class Uploads:
    """Counts the parts of all files, and which of them became which file at Telegram.

    What is there by the word of a job's own record must never be brought again.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._parts: Counter[int] = Counter()
        self._asked: dict[int, int] = {}
        """The client's id of the file that each call makes media of."""
        self._made: dict[int, int] = {}
        """The same by the file's id at Telegram."""
        self._there: dict[str, _Came] = {}
        sandbox.server.on_event(self._see)

    async def look(self, database: Database) -> None:
        """Note which generations are there, all of them; no process of the bot runs now."""
        for job_id, came in (await self._whole(database)).items():
            self._there.setdefault(job_id, came)

    async def assert_none_twice(self, database: Database) -> None:
        """None that was there is another file now, or has come again; and some were there."""
        assert self._there
        assert all(parts for came in self._there.values() for parts in came.values())
        now = await self._whole(database)
        assert {job_id: now[job_id] for job_id in self._there} == self._there

    async def _whole(self, database: Database) -> dict[str, _Came]:
        store, whole = JobStore(database, SystemClock()), {}
        for row in await database.collection("generations").find({}, fields=["_id"]):
            job = await store.get(row["_id"])
            files = [fields["file"] for fields in job.uploaded] if job is not None else []
            if job is not None and files and all(files) and len(files) == len(job.results):
                ids = [int(file["id"]) for file in files]
                whole[job.id] = {file_id: self._parts[self._made[file_id]] for file_id in ids}
        return whole

    def _see(self, event: WireEvent) -> None:
        if event.name == _MEDIA and event.kind == "answer" and event.error is None:
            answer: Any = parse(event.body)
            made = getattr(answer.result, "document", None) or answer.result.photo
            self._made[made.id] = self._asked[answer.req_msg_id]
        elif event.name in (*_PARTS, _MEDIA) and event.kind == "request":
            query: Any = unwrap(parse(event.body)).query
            if event.name == _MEDIA:
                self._asked[event.msg_id] = query.media.file.id
            else:
                self._parts[query.file_id] += 1
