"""The hands of a person on buttons and inline queries."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.people.handles import Addressable, Bot
from sandbox.people.reading import PATIENCE, Address, PersonError, Reading
from sandbox.people.views import Button, MessageView, view
from sandbox.world.queries import CallbackAnswer, InlineAnswer, Query
from sandbox.world.state import Draft, StoredMessage
from sandbox.world.text import found_entities

_OPENED = frozenset({"url", "web_app", "login"})


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button that was pressed and whose answer was not yet waited for."""

    query: Query
    _transcript: Callable[[], str]

    async def answer(self, *, timeout: float = PATIENCE) -> CallbackAnswer:  # noqa: ASYNC109 - a test's word
        """The bot's answer.

        Raises:
            AssertionError: with the transcript, if none comes within `timeout` seconds.
        """
        answer: CallbackAnswer = await _answer_to(self.query, timeout, self._transcript)
        return answer


@dataclass(frozen=True, slots=True)
class InlineResult:
    """One of the results of an inline query; `Person.choose` sends it."""

    bot_id: int
    query: str
    id: str
    title: str
    description: str
    text: str
    _message: TLObject


class Buttons(Reading):
    """The part of a person's hands that presses and chooses."""

    async def press(
        self,
        label: str,
        message: MessageView | int | None = None,
        *,
        timeout: float = PATIENCE,  # noqa: ASYNC109 - a test's word
    ) -> CallbackAnswer:
        """Press the button whose label has `label` in it, on the newest message that has one, and wait.

        A link is not opened: the answer has its address. A button in place of the keyboard sends its label.

        Raises:
            PersonError: if there is no such button, naming those that there are.
            AssertionError: if the bot does not answer within `timeout` seconds.
        """
        stored, button = self._find(label, message)
        if button.kind == "text":
            text = button.label
            peer = stored.peer_for(self.id)
            self.post(Draft(sender=self.peer, peer=peer, text=text, entities=found_entities(text)))
            return CallbackAnswer()
        if button.kind in _OPENED:
            return CallbackAnswer(url=button.url)
        return await self._press(stored, button).answer(timeout=timeout)

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
        timeout: float = PATIENCE,  # noqa: ASYNC109 - a test's word
    ) -> list[InlineResult]:
        """Type `@bot text` in the input field, and see the results.

        Raises:
            PersonError: if the bot has no inline mode.
            AssertionError: if the bot does not answer within `timeout` seconds.
        """
        chosen = bot or self.bot
        profile = self.world.accounts[chosen.id].bot
        if profile is None or profile.inline_placeholder is None:
            raise PersonError(f"{chosen.name} has no inline mode")
        query = self.world.queries.ask_inline(self.world, self.id, chosen.id, text, offset)
        answer: InlineAnswer = await _answer_to(query, timeout, self.transcript)
        return [_result(chosen.id, text, result) for result in answer.results]

    def choose(self, result: InlineResult, *, to: Addressable | None = None) -> MessageView:
        """Send one of the results of an inline query; the bot is told which."""
        sent = result._message
        draft = Draft(
            sender=self.peer,
            peer=self.target(to),
            text=result.text,
            entities=tuple(getattr(sent, "entities", None) or ()),
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


async def _answer_to(query: Query, timeout: float, transcript: Callable[[], str]) -> Any:  # noqa: ASYNC109
    try:
        async with asyncio.timeout(timeout):
            return await asyncio.shield(query.answer)
    except TimeoutError:
        raise AssertionError(f"the bot did not answer in {timeout} s\n{transcript()}") from None


def _result(bot_id: int, query: str, result: TLObject) -> InlineResult:
    sent = result.send_message
    return InlineResult(
        bot_id=bot_id,
        query=query,
        id=result.id,
        title=getattr(result, "title", None) or "",
        description=getattr(result, "description", None) or "",
        text=getattr(sent, "message", None) or "",
        _message=sent,
    )
