"""Methods by which a bot answers pressed buttons and inline queries."""

from __future__ import annotations

import re
from typing import Any

from pyrogram.raw import functions as F
from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.api.compose import markup_of, text_of
from sandbox.api.media import media_of
from sandbox.api.peers import account_of
from sandbox.api.registry import method
from sandbox.rpc import Caller, RpcError
from sandbox.world.queries import CallbackAnswer, InlineAnswer, InlineOffer
from sandbox.world.state import Account
from sandbox.world.text import utf16_length
from sandbox.world.world import World

_RESULTS = 50
_RESULT_ID_SIZE = 64
_OFFSET_SIZE = 64
_START_PARAMETER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TITLED = frozenset({"video", "audio", "file"})
"""Kinds of documents that stand in the list by their titles."""


@method(F.messages.SetBotCallbackAnswer)
async def set_bot_callback_answer(world: World, caller: Caller, query: Any) -> bool:
    """Answer a pressed button."""
    account = _bot(world, caller)
    text = query.message or ""
    if utf16_length(text) > world.rules.callback_answer_length:
        raise RpcError(400, "MESSAGE_TOO_LONG")
    if query.url and not _is_own_link(account, query.url):
        raise RpcError(400, "URL_INVALID")
    waiting = world.queries.take(world, account.id, query.query_id, world.rules.callback_answer_seconds)
    answer = CallbackAnswer(text, bool(query.alert), query.url)
    if query.cache_time > 0:
        world.queries.kept[waiting.key] = (world.clock.monotonic() + query.cache_time, answer)
    if not waiting.answer.done():
        waiting.answer.set_result(answer)
    return True


@method(F.messages.SetInlineBotResults)
async def set_inline_bot_results(world: World, caller: Caller, query: Any) -> bool:
    """Answer an inline query."""
    account = _bot(world, caller)
    if len(query.results) > _RESULTS:
        raise RpcError(400, "RESULTS_TOO_MUCH")
    if len((query.next_offset or "").encode()) > _OFFSET_SIZE:
        raise RpcError(400, "NEXT_OFFSET_INVALID")
    ids = [result.id for result in query.results]
    if len(set(ids)) < len(ids):
        raise RpcError(400, "RESULT_ID_DUPLICATE")
    offers = [await _offer(world, account, result) for result in query.results]
    if query.switch_pm and not _START_PARAMETER.fullmatch(query.switch_pm.start_param):
        raise RpcError(400, "START_PARAM_INVALID")
    waiting = world.queries.take(world, account.id, query.query_id, world.rules.inline_answer_seconds)
    if not waiting.answer.done():
        waiting.answer.set_result(
            InlineAnswer(
                tuple(offers),
                query.next_offset or "",
                button=query.switch_pm.text if query.switch_pm else None,
                start=query.switch_pm.start_param if query.switch_pm else "",
                gallery=bool(query.gallery),
                private=bool(query.private),
                cache_seconds=query.cache_time,
            )
        )
    return True


def _bot(world: World, caller: Caller) -> Account:
    account = account_of(world, caller)
    if not account.is_bot:
        raise RpcError(400, "USER_BOT_REQUIRED")
    return account


def _is_own_link(account: Account, url: str) -> bool:
    """Bots may open only links to themselves this way (games aside)."""
    name = (account.username or "").lower()
    return url.lower().startswith((f"https://t.me/{name}?", f"t.me/{name}?", f"tg://resolve?domain={name}"))


async def _offer(world: World, account: Account, result: Any) -> InlineOffer:
    """A result as it is kept until somebody picks it.

    Raises:
        RpcError: where Telegram would refuse the result, or the file in it.

    """
    _require_result(world, account, result)
    sent = result.send_message
    if isinstance(result, T.InputBotInlineResultPhoto):
        media = await media_of(world, account, T.InputMediaPhoto(id=result.photo))
    elif isinstance(result, T.InputBotInlineResultDocument):
        media = await media_of(world, account, T.InputMediaDocument(id=result.document))
        if result.type in _TITLED and not result.title:
            raise RpcError(400, f"{result.type.upper()}_TITLE_EMPTY")
    else:
        media = None
    if media is None and isinstance(sent, T.InputBotInlineMessageMediaAuto):
        raise RpcError(400, "SEND_MESSAGE_MEDIA_INVALID")
    return InlineOffer(result, media if isinstance(sent, T.InputBotInlineMessageMediaAuto) else None)


def _require_result(world: World, account: Account, result: TLObject) -> None:
    if not result.id:
        raise RpcError(400, "RESULT_ID_EMPTY")
    if len(result.id.encode()) > _RESULT_ID_SIZE:
        raise RpcError(400, "RESULT_ID_INVALID")
    sent = result.send_message
    text = getattr(sent, "message", None)
    if text is None:
        return
    caption = isinstance(sent, T.InputBotInlineMessageMediaAuto)
    given = text_of(world, account, text, getattr(sent, "entities", None), caption=caption)
    if not given[0] and type(sent).__name__ == "InputBotInlineMessageText":
        raise RpcError(400, "MESSAGE_EMPTY")
    sent.message, sent.entities = given[0], list(given[1])
    sent.reply_markup = markup_of(world, account, account.peer, getattr(sent, "reply_markup", None))
