"""The hands of a person on buttons and inline queries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyrogram.raw import types as T

from sandbox.people.handles import Addressable, Bot
from sandbox.people.reading import PATIENCE, Address, PersonError, Reading
from sandbox.people.views import Button, MessageView, view
from sandbox.world.queries import CallbackAnswer, InlineAnswer, InlineOffer, Query
from sandbox.world.state import Draft, StoredMessage
from sandbox.world.text import found_entities

_OPENED = frozenset({"url", "web_app", "login"})


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was pressed and whose answer was not yet waited for."""

    query: Query
    _transcript: Callable[[], str]

    async def answer(self, *, within: float = PATIENCE) -> CallbackAnswer:
        """The bot's answer.

        Raises:
            AssertionError: with the transcript, if none comes within `within` seconds.
        """
        answer: CallbackAnswer = await _answer_to(self.query, within, self._transcript)
        return answer


@dataclass(frozen=True, slots=True)
class InlineResult:
    """One of the results of an inline query; `Person.choose` sends it.

    `kind` is Telegram's word for it: article, photo, video, gif, audio and so on. `text` is the text or the
    caption that is sent.
    """

    bot_id: int
    query: str
    id: str
    kind: str
    title: str
    description: str
    text: str
    _offer: InlineOffer

    @property
    def file_id(self) -> int | None:
        """Telegram's number of the file that it sends, if any."""
        return self._offer.media.file_id if self._offer.media is not None else None


@dataclass(frozen=True, slots=True)
class InlineList:
    """What an app shows when somebody types `@bot text`.

    `button` is the label of the button above the results; `Person.follow` presses it. `private` and
    `cache_seconds` are for how long, and for whom, an app may show the list again.
    """

    bot_id: int
    results: tuple[InlineResult, ...]
    button: str | None
    start: str
    next_offset: str
    private: bool
    cache_seconds: int


class Buttons(Reading):
    """The part of a person's hands that presses and chooses."""

    async def press(
        self,
        label: str,
        message: MessageView | int | None = None,
        *,
        within: float = PATIENCE,
    ) -> CallbackAnswer:
        """Press the button whose label has `label` in it, on the newest message that has one, and wait.

        A link is not opened: the answer has its address. A button in place of the keyboard sends its label.

        Raises:
            PersonError: if there is no such button, naming those that there are.
            AssertionError: if the bot does not answer within `within` seconds.
        """
        stored, button = self._find(label, message)
        if button.kind == "text":
            text = button.label
            peer = stored.peer_for(self.id)
            self.post(Draft(sender=self.peer, peer=peer, text=text, entities=found_entities(text)))
            return CallbackAnswer()
        if button.kind in _OPENED:
            return CallbackAnswer(url=button.url)
        return await self._press(stored, button).answer(within=within)

    def press_nowait(self, label: str, message: MessageView | int | None = None) -> Pressed:
        """Press a callback button and go on; `await pressed.answer()` later, or never.

        Raises:
            PersonError: if there is no such button.
        """
        return self._press(*self._find(label, message))

    def press_data(
        self, data: bytes, message: MessageView | int, *, chat: Addressable | None = None
    ) -> Pressed:
        """Send callback data that no button need have, as a forged client can."""
        return self._ask(self.stored(message, chat), data)

    async def inline_query(
        self,
        text: str,
        *,
        bot: Bot | None = None,
        offset: str = "",
        within: float = PATIENCE,
    ) -> InlineList:
        """Type `@bot text` in the input field, and see what can be picked.

        Raises:
            PersonError: if the bot has no inline mode.
            AssertionError: if the bot does not answer within `within` seconds.
        """
        chosen = bot or self.bot
        profile = self.world.accounts[chosen.id].bot
        if profile is None or profile.inline_placeholder is None:
            raise PersonError(f"{chosen.name} has no inline mode")
        query = self.world.queries.ask_inline(self.world, self.id, chosen.id, text, offset)
        answer: InlineAnswer = await _answer_to(query, within, self.transcript)
        return InlineList(
            bot_id=chosen.id,
            results=tuple(_result(chosen.id, text, offer) for offer in answer.results),
            button=answer.button,
            start=answer.start,
            next_offset=answer.next_offset,
            private=answer.private,
            cache_seconds=answer.cache_seconds,
        )

    def follow(self, shown: InlineList) -> MessageView:
        """Press the button above the results: the chat with the bot opens with its `/start` parameter.

        Raises:
            PersonError: there is no button.
        """
        if shown.button is None:
            raise PersonError("there is no button above the results")
        bot = self.world.accounts[shown.bot_id]
        draft = Draft(
            sender=self.peer,
            peer=bot.peer,
            text=f"/start {shown.start}",
            entities=found_entities(f"/start {shown.start}"),
        )
        return view(self.world, self.id, self.post(draft)[0])

    def choose(self, result: InlineResult, *, to: Addressable | None = None) -> MessageView:
        """Send one of the results of an inline query; the bot is told which."""
        sent: Any = result._offer.result.send_message
        draft = Draft(
            sender=self.peer,
            peer=self.target(to),
            text=result.text,
            entities=tuple(getattr(sent, "entities", None) or ()),
            media=result._offer.media,
            markup=getattr(sent, "reply_markup", None),
            via_bot_id=result.bot_id,
        )
        stored = self.post(draft)[0]
        chosen = T.UpdateBotInlineSend(user_id=self.id, query=result.query, id=result.id)
        self.world.push(result.bot_id, chosen, [self.peer])
        return view(self.world, self.id, stored)

    def _press(self, stored: StoredMessage, button: Button) -> Pressed:
        if button.data is None:
            raise PersonError(
                f"the button {button.label!r} is of kind {button.kind}, it asks the bot nothing"
            )
        return self._ask(stored, button.data)

    def _ask(self, stored: StoredMessage, data: bytes) -> Pressed:
        query = self.world.queries.press(self.world, self.id, stored, data)
        chat = Address(stored.peer_for(self.id))
        return Pressed(query, lambda: self.transcript(chat))

    def _find(self, label: str, message: MessageView | int | None) -> tuple[StoredMessage, Button]:
        candidates = self.everywhere()[::-1] if message is None else [self.stored(message)]
        there: list[str] = []
        for stored in candidates:
            rows = view(self.world, self.id, stored).buttons if stored.markup is not None else ()
            for button in (button for row in rows for button in row):
                if label.casefold() in button.label.casefold():
                    return stored, button
                there.append(button.label)
        raise PersonError(f"no button {label!r}; there are {there}\n{self.transcript()}")


async def _answer_to(query: Query, within: float, transcript: Callable[[], str]) -> Any:
    try:
        async with asyncio.timeout(within):
            return await asyncio.shield(query.answer)
    except TimeoutError:
        raise AssertionError(f"the bot did not answer in {within} s\n{transcript()}") from None


def _result(bot_id: int, query: str, offer: InlineOffer) -> InlineResult:
    result: Any = offer.result
    sent = result.send_message
    return InlineResult(
        bot_id=bot_id,
        query=query,
        id=result.id,
        kind=result.type,
        title=getattr(result, "title", None) or "",
        description=getattr(result, "description", None) or "",
        text=getattr(sent, "message", None) or "",
        _offer=offer,
    )
