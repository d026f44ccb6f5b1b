"""Every outgoing message: within Telegram's limits, once each, in the right order of importance."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from pyrogram.raw import functions as F
from pyrogram.raw import types as T

from core.clock import Clock
from core.errors import MessageGone, TelegramError
from core.limits import SendingLimits
from core.storage.sent import SentStore
from core.telegram.client import TelegramClient
from core.telegram.entities import formatted
from core.telegram.inline_answers import inline_answer
from core.telegram.keyboards import CallbackSigner, inline_markup
from core.telegram.media import album_item, input_media
from core.telegram.progress_edits import ProgressEdits
from core.telegram.random_ids import random_id as random_id_of
from core.telegram.send_gate import Priority
from core.telegram.stars import invoice_media
from core.telegram.turns import Turns
from core.telegram.types import InlineAnswer, Invoice, Keyboard, MessageRef, OutgoingMedia

_log = structlog.stdlib.get_logger(__name__)

_NOT_MODIFIED = "MESSAGE_NOT_MODIFIED"
_TOAST_LENGTH = 200

_ACTIONS = {
    "typing": T.SendMessageTypingAction(),
    "upload_photo": T.SendMessageUploadPhotoAction(progress=0),
    "upload_video": T.SendMessageUploadVideoAction(progress=0),
    "upload_audio": T.SendMessageUploadAudioAction(progress=0),
    "upload_document": T.SendMessageUploadDocumentAction(progress=0),
    "record_video": T.SendMessageRecordVideoAction(),
    "record_audio": T.SendMessageRecordAudioAction(),
    "cancel": T.SendMessageCancelAction(),
}


class Outbox:
    """Sends, edits, answers.

    A send is repeated with the same `random_id` until Telegram has answered; what Telegram calls a duplicate
    counts as sent. Where Telegram does not say which message that is, and it is not seen among our own, the
    answer is a `MessageRef` with message id 0, which can be neither edited nor deleted.

    `unreachable` is told of people who cannot be written to any more.

    All methods raise `TelegramError`; those that send or edit raise `PersonUnreachable` when the person
    blocked the bot, and `FloodWaited` for waits longer than the limits allow.
    """

    def __init__(
        self,
        client: TelegramClient,
        clock: Clock,
        limits: SendingLimits,
        *,
        sent: SentStore,
        signer: CallbackSigner,
        unreachable: Callable[[int], Awaitable[None]],
    ) -> None:
        self._client = client
        self._turns = Turns(client, clock, limits, unreachable)
        self._progress = ProgressEdits(self._show_progress, clock, limits.progress_seconds)
        self._sent = sent
        self._signer = signer

    async def stop(self) -> None:
        """Forget what waits; what was asked for durably is sent again by whoever asked."""
        await self._progress.stop()
        await self._turns.stop()

    async def send_text(
        self,
        chat_id: int,
        html: str,
        *,
        keyboard: Keyboard = (),
        reply_to: int | None = None,
        silent: bool = False,
        random_id: int,
        priority: Priority = Priority.ANSWER,
    ) -> MessageRef:
        """Send a text.

        Raises:
            ValueError: a button cannot be packed.

        """
        shown = formatted(html)
        query = F.messages.SendMessage(
            peer=await self._turns.peer(chat_id),
            message=shown.text,
            entities=list(shown.entities) or None,
            random_id=random_id,
            no_webpage=True,
            silent=silent or None,
            reply_to=_reply(reply_to),
            reply_markup=inline_markup(keyboard, chat_id, self._signer),
        )
        return await self._turns.send(chat_id, query, shown.text, priority)

    async def send_media(
        self,
        chat_id: int,
        media: OutgoingMedia,
        caption: str = "",
        *,
        keyboard: Keyboard = (),
        reply_to: int | None = None,
        silent: bool = False,
        random_id: int,
        priority: Priority = Priority.NOTICE,
    ) -> MessageRef:
        """Send a file with a caption.

        Raises:
            FileReferenceExpired: the file is to be fetched anew from a message that shows it, or uploaded.
            ValueError: a button cannot be packed.

        """
        shown = formatted(caption)
        query = F.messages.SendMedia(
            peer=await self._turns.peer(chat_id),
            media=input_media(media),
            message=shown.text,
            entities=list(shown.entities) or None,
            silent=silent or None,
            reply_to=_reply(reply_to),
            random_id=random_id,
            reply_markup=inline_markup(keyboard, chat_id, self._signer),
        )
        return await self._turns.send(chat_id, query, shown.text, priority)

    async def send_album(
        self,
        chat_id: int,
        media: Sequence[OutgoingMedia],
        caption: str = "",
        *,
        reply_to: int | None = None,
        silent: bool = False,
        random_ids: Sequence[int],
        priority: Priority = Priority.NOTICE,
    ) -> tuple[MessageRef, ...]:
        """Send two to ten files as an album, the caption below the first; each is a message of its own.

        Photos and videos go together, songs with songs and documents with documents only, voice messages and
        animations not at all. Telegram takes no keyboard.

        Raises:
            FileReferenceExpired: as in `send_media`; its `index` says which file.

        """
        shown = formatted(caption)
        album = [album_item(item, random_id) for item, random_id in zip(media, random_ids, strict=True)]
        album[0].message, album[0].entities = shown.text, list(shown.entities) or None
        query = F.messages.SendMultiMedia(
            peer=await self._turns.peer(chat_id),
            multi_media=album,
            silent=silent or None,
            reply_to=_reply(reply_to),
        )
        return await self._turns.send_all(chat_id, query, shown.text, priority, random_ids)

    async def send_invoice(
        self,
        chat_id: int,
        invoice: Invoice,
        *,
        keyboard: Keyboard = (),
        random_id: int,
        priority: Priority = Priority.ANSWER,
    ) -> MessageRef:
        """Send an invoice in Stars; the first button of a keyboard must be the pay button."""
        query = F.messages.SendMedia(
            peer=await self._turns.peer(chat_id),
            media=invoice_media(invoice),
            message="",
            random_id=random_id,
            reply_markup=inline_markup(keyboard, chat_id, self._signer),
        )
        return await self._turns.send(chat_id, query, "", priority)

    async def forward(
        self, message: MessageRef, chat_id: int, *, random_id: int, priority: Priority = Priority.NOTICE
    ) -> MessageRef:
        """Send somebody's message on to another chat.

        Raises:
            MessageGone: it was deleted.

        """
        query = F.messages.ForwardMessages(
            from_peer=await self._turns.peer(message.chat_id),
            id=[message.message_id],
            random_id=[random_id],
            to_peer=await self._turns.peer(chat_id),
        )
        return await self._turns.send(chat_id, query, "", priority)

    async def send_durable(
        self,
        key: str,
        chat_id: int,
        html: str,
        *,
        keyboard: Keyboard = (),
        priority: Priority = Priority.NOTICE,
        media: OutgoingMedia | None = None,
    ) -> MessageRef:
        """Send what must arrive once, whatever crashes between: its `random_id` is stored first.

        With `media` the text is the caption of that file.

        Raises:
            FileReferenceExpired: as in `send_media`.

        """
        record = await self._sent.reserve(key, random_id_of(key), chat_id)
        if record.message_id is not None:
            return MessageRef(record.chat_id, record.message_id)
        chat, number = record.chat_id, record.random_id
        if media is None:
            sending = self.send_text(chat, html, keyboard=keyboard, random_id=number, priority=priority)
        else:
            sending = self.send_media(
                chat, media, html, keyboard=keyboard, random_id=number, priority=priority
            )
        ref = await sending
        await self._sent.sent(key, ref.message_id)
        return ref

    async def edit_text(
        self,
        ref: MessageRef,
        html: str,
        keyboard: Keyboard = (),
        *,
        priority: Priority = Priority.ANSWER,
    ) -> bool:
        """Change a message; True if it shows this now, False if it is gone."""
        await self._progress.settle(ref)
        return await self._edit(ref, html, keyboard, priority)

    async def edit_media(
        self, ref: MessageRef, media: OutgoingMedia, caption: str = "", keyboard: Keyboard = ()
    ) -> bool:
        """Put a file in the place of what a message shows; True if it shows this now, False if it is gone."""
        await self._progress.settle(ref)
        return await self._edit(ref, caption, keyboard, Priority.ANSWER, input_media(media))

    async def edit_soon(self, ref: MessageRef, html: str, keyboard: Keyboard = ()) -> None:
        """Change a message when its turn comes; only the newest of several such changes is made."""
        self._progress.want(ref, html, keyboard)

    async def delete(self, ref: MessageRef) -> None:
        """Delete a message; one that is gone, or may not be deleted any more, stays as it is."""
        await self._progress.settle(ref)
        if not ref.message_id:
            return
        peer = await self._turns.peer(ref.chat_id)
        if isinstance(peer, T.InputPeerChannel):
            channel = T.InputChannel(channel_id=peer.channel_id, access_hash=peer.access_hash)
            query = F.channels.DeleteMessages(channel=channel, id=[ref.message_id])
        else:
            query = F.messages.DeleteMessages(id=[ref.message_id], revoke=True)
        try:
            await self._turns.patiently(query)
        except MessageGone:
            _log.info("message_gone")

    async def answer_callback(self, query_id: int, text: str = "", *, alert: bool = False) -> None:
        """Answer a pressed button; one that waited too long for it stays unanswered."""
        query = F.messages.SetBotCallbackAnswer(
            query_id=query_id, cache_time=0, message=text[:_TOAST_LENGTH] or None, alert=alert or None
        )
        try:
            await self._turns.patiently(query)
        except MessageGone:
            _log.info("callback_too_old")

    async def answer_inline(self, query_id: int, answer: InlineAnswer) -> None:
        """Answer an inline query; one that waited too long for it stays unanswered.

        Raises:
            TelegramError: `FILE_REFERENCE_EXPIRED`: one of the files is to be fetched anew.

        """
        try:
            await self._turns.patiently(inline_answer(query_id, answer))
        except MessageGone:
            _log.info("inline_query_too_old")

    async def answer_pre_checkout(self, query_id: int, error: str | None = None) -> None:
        """Let a payment happen, or refuse it with a reason that the person reads."""
        query = F.messages.SetBotPrecheckoutResults(
            query_id=query_id, success=True if error is None else None, error=error
        )
        await self._turns.patiently(query)

    async def chat_action(self, chat_id: int, action: str) -> None:
        """Show for 5 s what the bot is doing: typing, upload_video and so on. Never fails.

        Raises:
            KeyError: there is no such action.

        """
        kind = _ACTIONS[action]
        try:
            peer = await self._turns.peer(chat_id)
            await self._client.invoke(F.messages.SetTyping(peer=peer, action=kind))
        except TelegramError as error:
            _log.info("chat_action_not_shown", error=error.name)

    async def set_commands(
        self,
        commands: Sequence[tuple[str, str]],
        language: str = "",
        chat_id: int | None = None,
        *,
        groups: bool = False,
    ) -> None:
        """Set the menu of commands (names with descriptions) of a language: for all, one chat, or groups."""
        scope: Any = T.BotCommandScopeChats() if groups else T.BotCommandScopeDefault()
        if chat_id is not None:
            scope = T.BotCommandScopePeer(peer=await self._turns.peer(chat_id))
        menu = [T.BotCommand(command=name, description=description) for name, description in commands]
        await self._turns.patiently(F.bots.SetBotCommands(scope=scope, lang_code=language, commands=menu))

    async def _show_progress(self, ref: MessageRef, html: str, keyboard: Keyboard) -> bool:
        return await self._edit(ref, html, keyboard, Priority.PROGRESS)

    async def _edit(
        self, ref: MessageRef, html: str, keyboard: Keyboard, priority: Priority, media: Any = None
    ) -> bool:
        if not ref.message_id:
            return False
        shown = formatted(html)
        query = F.messages.EditMessage(
            peer=await self._turns.peer(ref.chat_id),
            id=ref.message_id,
            message=shown.text,
            media=media,
            entities=list(shown.entities) or None,
            no_webpage=True,
            reply_markup=inline_markup(keyboard, ref.chat_id, self._signer),
        )
        try:
            await self._turns.edit(ref.chat_id, query, priority)
        except MessageGone:
            return False
        except TelegramError as error:
            if error.name != _NOT_MODIFIED:
                raise
        return True


def _reply(message_id: int | None) -> Any:
    return None if message_id is None else T.InputReplyToMessage(reply_to_msg_id=message_id)
