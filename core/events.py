"""What a handler gets: one update, the person behind it, and the ways to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from core.admin.roles import AdminRole, may
from core.i18n import Translator
from core.telegram.types import Chat, InlineAnswer, InlineButton, InlineResult, Keyboard, Message, MessageRef
from core.users import Dialogue, User


class Answers(Protocol):
    """How an event's answers reach Telegram; the outbox, bound to one update and one plugin.

    Every send gets its `random_id` from the update's key and a running number, so an update that is
    handled again after a crash makes no second message.
    """

    async def send(self, text: str, *, keyboard: Keyboard | None, reply_to: int | None) -> MessageRef:
        """Send a message to the update's chat."""
        ...

    async def send_photo(self, data: bytes, *, caption: str, keyboard: Keyboard | None) -> MessageRef:
        """Send a picture to the update's chat."""
        ...

    async def send_document(
        self, data: bytes, *, file_name: str, mime_type: str, caption: str, keyboard: Keyboard | None
    ) -> MessageRef:
        """Send a file to the update's chat."""
        ...

    async def edit_photo(
        self, message_id: int, data: bytes, *, caption: str, keyboard: Keyboard | None
    ) -> None:
        """Put a picture in the place of what a message of the update's chat shows."""
        ...

    async def edit(self, message_id: int, text: str, *, keyboard: Keyboard | None) -> None:
        """Change a message of the update's chat."""
        ...

    async def answer_callback(self, text: str, *, alert: bool) -> None:
        """Answer a pressed button."""
        ...

    async def answer_pre_checkout(self, error: str | None) -> None:
        """Let a payment happen, or refuse it."""
        ...

    async def answer_inline(self, answer: InlineAnswer) -> None:
        """Say what can be picked after an inline query."""
        ...

    async def set_dialogue(self, dialogue: Dialogue | None, *, was: Dialogue | None = None) -> None:
        """Put the person into a dialogue, or out of any; files that only `was` has are deleted."""
        ...


@dataclass(slots=True)
class Event:
    """One update on its way to one handler.

    `key` is the update's own key: build idempotency keys from it. `t` speaks the person's language.
    Texts are HTML as the bundles give them; variables are escaped by the translator.
    """

    key: str
    user: User
    chat: Chat
    t: Translator
    answers: Answers
    role: AdminRole | None = None
    """What the person may do as one of those who operate the bot; None for everybody else."""
    plugin: str = ""

    @property
    def is_admin(self) -> bool:
        """Whether the person runs the bot: an admin or an owner."""
        return may(self.role, AdminRole.ADMIN)

    @property
    def dialogue(self) -> Dialogue | None:
        """The dialogue this person is in with this plugin, if any."""
        dialogue = self.user.dialogue
        return dialogue if dialogue is not None and dialogue.plugin == self.plugin else None

    @property
    def asked_in(self) -> int | None:
        """The id of the person's own message that led here, to reply to in a group; None if there is none."""
        dialogue = self.user.dialogue
        return (dialogue.message_id or None) if dialogue is not None else None

    async def reply(
        self, text: str, *, keyboard: Keyboard | None = None, reply_to: int | None = None
    ) -> MessageRef:
        """Send `text` to the event's chat."""
        return await self.answers.send(text, keyboard=keyboard, reply_to=reply_to)

    async def reply_photo(
        self, data: bytes, *, caption: str = "", keyboard: Keyboard | None = None
    ) -> MessageRef:
        """Send a picture (PNG or JPEG, at most 10 MiB) to the event's chat.

        A caption has at most 1024 characters.

        Raises:
            TelegramError: Telegram refuses the picture or its caption.

        """
        return await self.answers.send_photo(data, caption=caption, keyboard=keyboard)

    async def reply_document(
        self,
        data: bytes,
        *,
        file_name: str,
        mime_type: str,
        caption: str = "",
        keyboard: Keyboard | None = None,
    ) -> MessageRef:
        """Send a file to the event's chat, to be opened in another program.

        Raises:
            TelegramError: Telegram refuses the file (an empty one, say) or its caption.

        """
        return await self.answers.send_document(
            data, file_name=file_name, mime_type=mime_type, caption=caption, keyboard=keyboard
        )

    async def say(self, key: str, *, keyboard: Keyboard | None = None, **variables: object) -> MessageRef:
        """Send the text of a bundle's `key`."""
        return await self.reply(self.t(key, **variables), keyboard=keyboard)

    async def begin(
        self, step: str, data: Mapping[str, Any] | None = None, *, keep_files: bool = False
    ) -> None:
        """Enter (or move on in) a dialogue: the person's next message goes to the handler of `step`.

        The files in `data["files"]` belong to the dialogue: those that it had and has no more are deleted,
        but with `keep_files`, when somebody else has them now.
        """
        dialogue = Dialogue(
            plugin=self.plugin, step=step, data=dict(data or {}), message_id=self.asked_in or 0
        )
        await self._set_dialogue(dialogue, keep_files=keep_files)

    async def leave(self, *, keep_files: bool = False) -> None:
        """End the person's dialogue, whoever began it; with `keep_files` they belong to a generation now."""
        await self._set_dialogue(None, keep_files=keep_files)

    async def _set_dialogue(self, dialogue: Dialogue | None, *, keep_files: bool = False) -> None:
        await self.answers.set_dialogue(dialogue, was=None if keep_files else self.user.dialogue)
        self.user = replace(self.user, dialogue=dialogue)


@dataclass(slots=True)
class MessageEvent(Event):
    """A message: a command with what stands behind it, an answer in a dialogue, or plain text."""

    message: Message = field(kw_only=True)
    argument: str = ""
    """What stands behind a command: `/start ref42` gives `ref42`."""

    @property
    def asked_in(self) -> int | None:
        """The id of the message itself."""
        return self.message.id


@dataclass(slots=True)
class CallbackEvent(Event):
    """A button that a person pressed."""

    message_id: int = field(kw_only=True)
    arguments: tuple[str, ...] = ()
    answered: bool = False

    async def answer(self, text: str = "", *, alert: bool = False) -> None:
        """Show a toast, or a box with `alert`; without a text only the button stops spinning.

        The first answer counts. A handler that gives none is answered for when it returns.
        """
        if not self.answered:
            self.answered = True
            await self.answers.answer_callback(text, alert=alert)

    async def edit(self, text: str, *, keyboard: Keyboard | None = None) -> None:
        """Change the message below which the button stands; an equal text is no error."""
        await self.answers.edit(self.message_id, text, keyboard=keyboard)

    async def edit_photo(self, data: bytes, *, caption: str = "", keyboard: Keyboard | None = None) -> None:
        """Put a picture in the place of what the message shows below which the button stands.

        Raises:
            TelegramError: Telegram refuses the picture or its caption.

        """
        await self.answers.edit_photo(self.message_id, data, caption=caption, keyboard=keyboard)


@dataclass(slots=True)
class PreCheckoutEvent(Event):
    """A person is about to pay an invoice. It must be answered within 10 seconds.

    `amount` is Stars when `currency` is `XTR`.
    """

    query_id: int = field(kw_only=True)
    currency: str = field(kw_only=True)
    amount: int = field(kw_only=True)
    payload: bytes = field(kw_only=True)
    answered: bool = False

    async def approve(self) -> None:
        """Let the payment happen. The first answer counts."""
        await self._answer(None)

    async def refuse(self, reason: str) -> None:
        """Refuse the payment; `reason` is shown to the person. The first answer counts."""
        await self._answer(reason)

    async def _answer(self, error: str | None) -> None:
        if not self.answered:
            self.answered = True
            await self.answers.answer_pre_checkout(error)


@dataclass(slots=True)
class InlineEvent(Event):
    """A person types `@bot words` in some chat and looks at what can be picked. It expires after 10 seconds.

    `offset` is empty for the beginning of a list, and the answer's own `next_offset` when the person has
    scrolled to the end of it. `user.is_new` tells that the person may never have written to the bot.
    """

    query: str = field(kw_only=True)
    offset: str = ""
    answered: bool = False

    async def answer(
        self,
        results: Sequence[InlineResult],
        *,
        button: InlineButton | None = None,
        next_offset: str = "",
        cache_seconds: int = 0,
    ) -> None:
        """Show results, at most 50, to this person alone. The first answer counts.

        A handler that gives none is answered for, with nothing, when it returns.

        Raises:
            TelegramError: it was not taken, as with a file whose reference has expired; answer anew.

        """
        if not self.answered:
            answer = InlineAnswer(tuple(results), button, next_offset, cache_seconds)
            await self.answers.answer_inline(answer)
            self.answered = True
