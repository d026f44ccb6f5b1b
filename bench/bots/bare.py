"""A bot of nothing but Pyrogram: what the least code would do on the same Telegram."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

from pyrogram import Client
from pyrogram.handlers import CallbackQueryHandler, MessageHandler
from pyrogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bench.bots.orders import Counts, Orders
from bench.bots.tapping import LABEL
from core.telegram.updates import PumpLimits


@asynccontextmanager
async def running(orders: Orders) -> AsyncIterator[Counts]:
    """Run it; it asks no database."""
    endpoint = orders.telegram
    endpoint.trust()
    client = Client(
        "bare",
        api_id=1,
        api_hash="sandbox",
        bot_token=orders.token,
        in_memory=True,
        workdir=str(orders.directory),
        # As many updates at once as the whole bot handles; the client's own choice would be few.
        workers=PumpLimits().running,
        connection_factory=endpoint.connection_factory(),
        loop=asyncio.get_running_loop(),
    )
    numbers = count(1)
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton(LABEL, callback_data="tap")]])

    async def message(_: Client, event: Any) -> None:
        if event.text == "/start":
            await event.reply_text("0", reply_markup=keyboard)
        else:
            await event.reply_text(str(next(numbers)))

    async def tap(_: Client, event: Any) -> None:
        await event.answer()
        await event.message.edit_text(str(next(numbers)), reply_markup=keyboard)

    client.add_handler(MessageHandler(message))
    client.add_handler(CallbackQueryHandler(tap))
    await client.start()
    try:
        yield lambda: (0, {})
    finally:
        await client.stop()
