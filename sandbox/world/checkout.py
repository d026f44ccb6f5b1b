"""The moment before a purchase: the bot is asked, and has ten seconds to answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyrogram.raw import types as T

from sandbox.rpc import RpcError
from sandbox.world.invoices import CURRENCY, Invoice
from sandbox.world.state import StoredMessage

if TYPE_CHECKING:
    from sandbox.world.world import World


class PaymentFailed(Exception):
    """A purchase that did not come about; nothing was charged."""


class PaymentRefused(PaymentFailed):
    """The bot or Telegram said no; `reason` is what the buyer is shown, or Telegram's name for the error."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PaymentTimedOut(PaymentFailed):
    """The bot did not answer the pre-checkout query in time (BOT_PRECHECKOUT_TIMEOUT)."""


class NotEnoughStars(PaymentFailed):
    """The buyer has fewer Stars than the invoice asks for."""

    def __init__(self, needed: int, balance: int) -> None:
        super().__init__(f"{needed} Stars are asked for, {balance} are there")
        self.needed = needed
        self.balance = balance


@dataclass(slots=True, eq=False)
class Approval:
    """A purchase that the bot agreed to and that the buyer has still to confirm; good for one payment."""

    buyer_id: int
    invoice: Invoice
    message: StoredMessage | None
    paid: bool = False


@dataclass(slots=True, eq=False)
class _Question:
    bot_id: int
    answer: asyncio.Future[str | None]
    """None: the bot agrees; otherwise the text with which it refuses."""


class Checkouts:
    """Pre-checkout queries that wait for a bot.

    A query is sent to the bot once, when it is made; a bot that is away never hears of it, as on Telegram.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._questions: dict[int, _Question] = {}

    async def ask(self, buyer_id: int, invoice: Invoice) -> None:
        """Ask the bot whether the purchase may go on, and wait for its word.

        Raises:
            PaymentRefused: it may not.
            PaymentTimedOut: the bot said nothing in `Rules.precheckout_seconds` by the world's clock.
        """
        question = _Question(invoice.bot_id, asyncio.get_running_loop().create_future())
        query_id = self._world.ids.long()
        self._questions[query_id] = question
        deadline = asyncio.create_task(self._wait())
        self._send(query_id, buyer_id, invoice)
        try:
            waited: set[asyncio.Future[Any]] = {question.answer, deadline}
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            deadline.cancel()
            del self._questions[query_id]
        if not question.answer.done():
            raise PaymentTimedOut("BOT_PRECHECKOUT_TIMEOUT")
        refusal = question.answer.result()
        if refusal is not None:
            raise PaymentRefused(refusal)

    def answer(self, bot_id: int, query_id: int, *, success: bool, error: str | None) -> None:
        """Take the bot's answer: `success`, or `error` with the text for the buyer, exactly one of them.

        Raises:
            RpcError: ERROR_TEXT_EMPTY for none or both; QUERY_ID_INVALID for a query that is not the bot's,
                is answered already or was too late.
        """
        if success == bool(error):
            raise RpcError(400, "ERROR_TEXT_EMPTY")
        question = self._questions.get(query_id)
        if question is None or question.bot_id != bot_id or question.answer.done():
            raise RpcError(400, "QUERY_ID_INVALID")
        question.answer.set_result(error or None)

    async def _wait(self) -> None:
        await self._world.clock.sleep(self._world.rules.precheckout_seconds)

    def _send(self, query_id: int, buyer_id: int, invoice: Invoice) -> None:
        update = T.UpdateBotPrecheckoutQuery(
            query_id=query_id,
            user_id=buyer_id,
            payload=invoice.payload,
            currency=CURRENCY,
            total_amount=invoice.amount,
        )
        self._world.push(invoice.bot_id, update, (self._world.accounts[buyer_id].peer,))
