"""What operators do with broadcasts: drafted, tried on oneself, begun, paused, gone on with, stopped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.billing.settings import MAX_PAYMENT
from core.broadcast.letters import Files, Letters
from core.errors import UserFacingError
from core.storage.audit import AuditLog
from core.storage.broadcasts import OVER, Broadcast, BroadcastState, BroadcastStore, as_file
from core.storage.people_search import Audience, PeopleSearch
from core.telegram.entities import utf16_length
from core.telegram.send_gate import Priority
from core.telegram.types import MediaKind, Message, OutgoingMedia

_LONGEST = 4096
_LONGEST_CAPTION = 1024
"""UTF-16 units, in which Telegram counts."""
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Steered:
    """What came of an operator's word. Not `first`: somebody else's came before; nothing was changed."""

    first: bool
    broadcast: Broadcast


class Broadcasts:
    """The broadcasts. Of two operators who decide about one at once, the first counts.

    `wake` tells whoever sends them that there is something new to do.
    """

    def __init__(
        self,
        store: BroadcastStore,
        people: PeopleSearch,
        audit: AuditLog,
        *,
        letters: Letters,
        files: Files,
        wake: Callable[[], None],
    ) -> None:
        self._store = store
        self._people = people
        self._audit = audit
        self._letters = letters
        self._files = files
        self._wake = wake

    async def draft(self, request: str, message: Message, *, by: int) -> Broadcast:
        """Keep a draft of a message, one for each `request`, with its formatting and its file.

        Raises:
            UserFacingError: there is nothing in it, too much, or a file that cannot be sent on.

        """
        words, file = message.text.strip(), await self._file_of(message)
        longest = _LONGEST if file is None else _LONGEST_CAPTION
        if not (words or file) or utf16_length(words) > longest:
            raise UserFacingError("broadcast-bad-text", limit=longest)
        new = Broadcast(
            request,
            words,
            by=by,
            author=by,
            formatted=message.formatted,
            file={} if file is None else as_file(file),
            written_in=message.id,
        )
        return await self._add(new)

    async def draft_gift(self, request: str, stars: int, reason: str, *, by: int) -> Broadcast:
        """Keep a draft of a gift, one for each `request`: so many Stars for each, and why.

        Raises:
            UserFacingError: the reason is empty or too long, or nobody can be given so much.

        """
        words = reason.strip()
        if not 0 < len(words) <= _LONGEST_REASON:
            raise UserFacingError("broadcast-bad-text", limit=_LONGEST_REASON)
        if not 0 < stars <= MAX_PAYMENT:
            raise UserFacingError("grant-bad-amount", most=MAX_PAYMENT)
        return await self._add(Broadcast(request, words, stars=stars, by=by, author=by))

    async def get(self, broadcast_id: str) -> Broadcast | None:
        """One of them as it is now."""
        return await self._store.get(broadcast_id)

    async def last(self, limit: int) -> list[Broadcast]:
        """The newest of them."""
        return await self._store.last(limit)

    async def count(self, audience: Audience) -> int:
        """How many people an audience has just now."""
        return sum([1 async for _ in self._people.of(audience)])

    async def choose(self, broadcast_id: str, audience: Audience, *, by: int) -> Steered:
        """Say whom a draft is for."""
        before = await self._store.get(broadcast_id)
        after = await self._store.choose(broadcast_id, audience, by=by)
        steered = await self._steered(broadcast_id, after)
        if steered.first:
            await self._note(by, "broadcast.for", before, steered.broadcast)
        return steered

    async def show(self, broadcast: Broadcast, *, to: int, key: str) -> None:
        """Send its message to one person alone, as everybody would get it; once for each `key`.

        Raises:
            TelegramError: Telegram refused.

        """
        await self._letters.send(
            broadcast, to, key=f"broadcast-shown:{broadcast.id}:{key}", priority=Priority.ANSWER
        )

    async def begin(self, broadcast_id: str, audience: Audience, *, by: int) -> Steered:
        """Begin to send it, if it is for this `audience` still."""
        total = await self.count(audience)
        return await self._enter(
            broadcast_id,
            (BroadcastState.DRAFT,),
            BroadcastState.RUNNING,
            by=by,
            audience=audience,
            total=total,
        )

    async def pause(self, broadcast_id: str, *, by: int) -> Steered:
        """Send nothing more for now."""
        return await self._enter(broadcast_id, (BroadcastState.RUNNING,), BroadcastState.PAUSED, by=by)

    async def go_on(self, broadcast_id: str, *, by: int) -> Steered:
        """Go on where it was paused."""
        return await self._enter(broadcast_id, (BroadcastState.PAUSED,), BroadcastState.RUNNING, by=by)

    async def stop(self, broadcast_id: str, *, by: int) -> Steered:
        """Send nothing more for good; of a draft, nothing at all."""
        draft = (BroadcastState.DRAFT,)
        dropped = await self._enter(broadcast_id, draft, BroadcastState.STOPPED, by=by, quiet=True)
        if dropped.first:
            return dropped
        under_way = (BroadcastState.RUNNING, BroadcastState.PAUSED)
        return await self._enter(broadcast_id, under_way, BroadcastState.STOPPED, by=by)

    async def _enter(
        self,
        broadcast_id: str,
        expected: tuple[BroadcastState, ...],
        to: BroadcastState,
        *,
        by: int,
        audience: Audience | None = None,
        quiet: bool = False,
        **changes: int,
    ) -> Steered:
        before = await self._store.get(broadcast_id)
        after = await self._store.enter(
            broadcast_id, expected, to, audience=audience, quiet=quiet, by=by, **changes
        )
        steered = await self._steered(broadcast_id, after)
        if steered.first:
            await self._note(by, "broadcast", before, steered.broadcast)
            self._wake()
        return steered

    async def _add(self, draft: Broadcast) -> Broadcast:
        kept = await self._store.add(draft)
        await self._note(draft.by, "broadcast.draft", None, kept)
        return kept

    async def _file_of(self, message: Message) -> OutgoingMedia | None:
        """The file of a message, as it is sent on."""
        if message.media is None:
            return None
        kind, file = message.media.kind, None
        if kind is not MediaKind.STICKER and message.album_id is None:
            file = await self._files.refreshed(OutgoingMedia(kind, {}), message.ref)
        if file is None:
            raise UserFacingError("broadcast-bad-file")
        return file

    async def _note(self, by: int, what: str, before: Broadcast | None, after: Broadcast) -> None:
        await self._audit.write(f"user:{by}", what, before=_outline(before), after=_outline(after))

    async def _steered(self, broadcast_id: str, after: Broadcast | None) -> Steered:
        now = after or await self._store.get(broadcast_id)
        if now is None:
            raise UserFacingError("button-expired")
        return Steered(after is not None, now)


def _outline(broadcast: Broadcast | None) -> dict[str, object] | None:
    """What the audit log keeps of a broadcast: not its words."""
    if broadcast is None:
        return None
    return {
        "id": broadcast.id,
        "state": broadcast.state,
        "stars": broadcast.stars,
        "language": broadcast.language,
        "activity": broadcast.activity,
    }


def is_over(broadcast: Broadcast) -> bool:
    """Whether nobody else will be reached."""
    return broadcast.state in OVER
