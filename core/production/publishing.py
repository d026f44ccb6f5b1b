"""Brings what was made to its platforms: Telegram's own chats, and others by signed webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import structlog

from core.clock import Clock
from core.errors import DatabaseAway, FloodWaited, TelegramError, UserFacingError
from core.generation.job import Job
from core.generation.ports import LargeFiles
from core.generation.service import Generations
from core.media.store import StoreAway
from core.production.account import PRODUCTION_ID
from core.production.run import Run, UploadState
from core.production.series import Platform
from core.telegram.types import IncomingMedia, MessageRef
from core.telegram.uploader import Uploader

_log = structlog.stdlib.get_logger(__name__)

SIGNATURE, TIMESTAMP = "X-Starloom-Signature", "X-Starloom-Timestamp"
_SECONDS = 60.0
_LONGEST_REPLY = 64 * 1024
_PASSING = 500
_TAKEN = range(200, 300)
_REFUSED = range(400, 500)
_ASKS_AGAIN = frozenset({408, 425, 429})


Look = Callable[[MessageRef], Awaitable[IncomingMedia | None]]
"""Finds the file in a message."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an upload: its state, None to try again later, and why it failed."""

    state: UploadState | None
    reason: str = ""


class Publisher:
    """Publishes. What it does twice after a crash is seen once: by Telegram's random id, by the run's id."""

    def __init__(
        self,
        *,
        generations: Callable[[], Generations],
        look: Look,
        uploader: Uploader,
        large: LargeFiles,
        clock: Clock,
    ) -> None:
        self._generations = generations
        self._look = look
        self._uploader = uploader
        self._large = large
        self._clock = clock

    async def publish(self, run: Run, job: Job, platform: Platform) -> Outcome:
        """Bring a run's video to one platform."""
        return await (self._post(run, job, platform) if platform.url else self._send(run, platform))

    async def _send(self, run: Run, platform: Platform) -> Outcome:
        key = f"publish:{run.id}:{platform.name}"
        try:
            await self._generations().send_again(
                PRODUCTION_ID, run.job_id, chat_id=platform.chat_id, key=key, bare=True
            )
        except FloodWaited:
            return Outcome(None)
        except TelegramError as error:
            return Outcome(None) if error.code >= _PASSING else Outcome(UploadState.FAILED, error.name)
        except UserFacingError:
            return Outcome(UploadState.FAILED, "result_gone")
        return Outcome(UploadState.UPLOADED)

    async def _post(self, run: Run, job: Job, platform: Platform) -> Outcome:
        try:
            body = json.dumps(await self._body(run, job, platform), ensure_ascii=False).encode()
        except (StoreAway, TelegramError, DatabaseAway):
            return Outcome(None)
        timestamp = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: f"sha256={webhook_signature(platform.secret, timestamp, body)}",
        }
        try:
            timeout = aiohttp.ClientTimeout(total=_SECONDS)
            async with aiohttp.ClientSession(timeout=timeout) as session:
                answering = session.post(platform.url, data=body, headers=headers, allow_redirects=False)
                async with answering as reply:
                    said = await reply.content.read(_LONGEST_REPLY)
                    return _outcome(reply.status, said)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _log.warning("webhook not reached", platform=platform.name, error=type(error).__name__)
            return Outcome(None)

    async def _body(self, run: Run, job: Job, platform: Platform) -> dict[str, object]:
        return {
            "event": "publish",
            "run": run.id,
            "platform": platform.name,
            "character": run.character,
            "model": run.model_id,
            "at": run.at.isoformat(),
            "file_url": await self._address(job),
        }

    async def _address(self, job: Job) -> str | None:
        """Where the file can be fetched from for some hours; None where nobody outside can reach us."""
        if job.message_id is None or not self._large.can_be_linked:
            return None
        media = await self._look(MessageRef(job.chat_id, job.message_id))
        if media is None:
            return None
        ref = await self._large.keep(self._uploader.download(media), media.mime_type)
        return await self._large.link(ref) or None


def webhook_signature(secret: str, timestamp: str, body: bytes) -> str:
    """The hexadecimal HMAC-SHA256 of timestamp and body, a line each."""
    return hmac.new(secret.encode(), timestamp.encode() + b"\n" + body, hashlib.sha256).hexdigest()


def _outcome(status: int, said: bytes) -> Outcome:
    """What a webhook's answer means: `{"state": "uploaded"}` or `failed` at once, else it reports back."""
    if status in _TAKEN:
        try:
            told = json.loads(said)
        except ValueError:
            told = None
        state = told.get("state") if isinstance(told, dict) else None
        if state in (UploadState.UPLOADED.value, UploadState.FAILED.value):
            return Outcome(UploadState(state), str(told.get("reason", ""))[:200] if told else "")
        return Outcome(UploadState.SENT)
    if status in _REFUSED and status not in _ASKS_AGAIN:
        return Outcome(UploadState.FAILED, f"HTTP {status}")
    return Outcome(None)
