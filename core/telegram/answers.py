"""The outbox as one update's handler sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.errors import PluginError
from core.i18n import Html
from core.storage.plugin_rows import size_of
from core.telegram.entities import plain_text
from core.telegram.files import FileOutbox, document
from core.telegram.outbox import Outbox
from core.telegram.random_ids import random_id
from core.telegram.types import Button, InlineAnswer, Keyboard, MessageRef
from core.users import Dialogue

SetDialogue = Callable[[int, Dialogue | None, int], Awaitable[None]]
"""Puts a person into a dialogue in a chat, or out of it."""
Discard = Callable[[Sequence[Mapping[str, Any]]], Awaitable[None]]
"""Deletes files that people gave and nobody needs any more; must not raise."""


SlowDown = Callable[[str], Awaitable[None]]
"""Lets a plugin wait before it answers on and on."""
BURST = 30
"""Answers to one update that nobody waits for; no dialogue has so many."""
DIALOGUE_BYTES = 65_536
"""The size of what a dialogue carries, as JSON."""


async def no_files(_files: Sequence[Mapping[str, Any]]) -> None:
    """Delete nothing: where no files are given."""


async def no_waiting(_plugin: str) -> None:
    """Answer as fast as one can: where nobody counts."""


def _files(dialogue: Dialogue | None) -> Sequence[Mapping[str, Any]]:
    """The files that belong to a dialogue."""
    return dialogue.data.get("files", ()) if dialogue is not None else ()


class UpdateAnswers:
    """Answers to one update, `core.events.Answers`.

    The n-th send has a `random_id` of the update's key and n, so that the same update handled again makes no
    second message. Buttons without a plugin get the one that answers. In a group they are the person's alone,
    and messages reply to `reply_to` where nothing else is said.
    """

    def __init__(
        self,
        outbox: Outbox,
        files: FileOutbox,
        set_dialogue: SetDialogue,
        *,
        discard: Discard = no_files,
        slow_down: SlowDown = no_waiting,
        key: str,
        chat_id: int,
        user_id: int,
        query_id: int | None = None,
        reply_to: int | None = None,
    ) -> None:
        self.plugin = ""
        self.share: Callable[[InlineAnswer], Awaitable[None]] | None = None
        """Takes what this plugin answers to an inline query, where it is one of several that do."""
        self._outbox = outbox
        self._outgoing = files
        self._set_dialogue = set_dialogue
        self._discard = discard
        self._slow_down = slow_down
        self._given = 0
        self._key = key
        self._chat_id = chat_id
        self._user_id = user_id
        self._query_id = query_id
        self._reply_to = reply_to
        self._sent = 0

    async def send(
        self, text: str, *, keyboard: Keyboard | None = None, reply_to: int | None = None
    ) -> MessageRef:
        """Send a message to the update's chat."""
        await self._turn()
        return await self._outbox.send_text(
            self._chat_id,
            text,
            keyboard=self._own(keyboard),
            reply_to=reply_to or self._reply_to,
            random_id=self._number(),
        )

    async def send_photo(self, data: bytes, *, caption: str, keyboard: Keyboard | None = None) -> MessageRef:
        """Send a picture to the update's chat."""
        await self._turn()
        return await self._outgoing.send(
            self._chat_id,
            data,
            caption=caption,
            keyboard=self._own(keyboard),
            reply_to=self._reply_to,
            random_id=self._number(),
        )

    async def send_document(
        self, data: bytes, *, file_name: str, mime_type: str, caption: str, keyboard: Keyboard | None = None
    ) -> MessageRef:
        """Send a file to the update's chat."""
        await self._turn()
        return await self._outgoing.send(
            self._chat_id,
            data,
            document(file_name, mime_type),
            caption=caption,
            keyboard=self._own(keyboard),
            reply_to=self._reply_to,
            random_id=self._number(),
        )

    async def edit(self, message_id: int, text: str, *, keyboard: Keyboard | None = None) -> None:
        """Change a message in the update's chat; one that is gone stays gone."""
        await self._turn()
        await self._outbox.edit_text(MessageRef(self._chat_id, message_id), text, self._own(keyboard))

    async def edit_photo(
        self, message_id: int, data: bytes, *, caption: str, keyboard: Keyboard | None = None
    ) -> None:
        """Put a picture in the place of what a message shows; one that is gone stays gone."""
        await self._turn()
        ref = MessageRef(self._chat_id, message_id)
        await self._outgoing.show(ref, data, caption=caption, keyboard=self._own(keyboard))

    async def answer_callback(self, text: str, *, alert: bool = False) -> None:
        """Answer the pressed button; formatting is not shown there."""
        if self._query_id is not None:
            shown = plain_text(text) if isinstance(text, Html) else text
            await self._outbox.answer_callback(self._query_id, shown, alert=alert)

    async def answer_pre_checkout(self, error: str | None) -> None:
        """Let the payment happen, or refuse it with a reason."""
        if self._query_id is not None:
            shown = plain_text(error) if isinstance(error, Html) else error
            await self._outbox.answer_pre_checkout(self._query_id, shown)

    async def answer_inline(self, answer: InlineAnswer) -> None:
        """Say what can be picked."""
        if self.share is not None:
            await self.share(answer)
        elif self._query_id is not None:
            await self._outbox.answer_inline(self._query_id, answer)

    async def set_dialogue(self, dialogue: Dialogue | None, *, was: Dialogue | None = None) -> None:
        """Put the person into a dialogue, or out of it; files that only `was` has are deleted.

        Raises:
            PluginError: the dialogue carries too much.

        """
        size = size_of(dialogue.data) if dialogue is not None else 0
        if size > DIALOGUE_BYTES:
            raise PluginError(
                f"a dialogue would carry {size} bytes; allowed: {DIALOGUE_BYTES}. "
                "Keep rows in context.collection"
            )
        await self._set_dialogue(self._user_id, dialogue, self._chat_id)
        kept = {given["ref"] for given in _files(dialogue)}
        gone = [given for given in _files(was) if given["ref"] not in kept]
        if gone:
            await self._discard(gone)

    async def _turn(self) -> None:
        """Answer at once, or behind many answers to the same update at the plugin's pace."""
        self._given += 1
        if self._given > BURST:
            await self._slow_down(self.plugin)

    def _number(self) -> int:
        """The `random_id` of the next send."""
        number = random_id(f"{self._key}:{self._sent}")
        self._sent += 1
        return number

    def _own(self, keyboard: Keyboard | None) -> Keyboard:
        return owned(keyboard or (), self.plugin, self._user_id)


def owned(keyboard: Keyboard, plugin: str, owner: int = 0) -> Keyboard:
    """The keyboard with `plugin` and `owner` in all buttons that act and name none."""
    return tuple(tuple(_owned(button, plugin, owner) for button in row) for row in keyboard)


def _owned(button: Button, plugin: str, owner: int) -> Button:
    if not button.action:
        return button
    return replace(button, plugin=button.plugin or plugin, owner=button.owner or owner)
