"""Answers to inline queries as Telegram wants them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyrogram.raw import functions as F
from pyrogram.raw import types as T

from core.telegram.entities import formatted
from core.telegram.media import input_media
from core.telegram.types import InlineAnswer, InlineFile, InlineResult, InlineText, MediaKind

_TYPES = {
    MediaKind.PHOTO: "photo",
    MediaKind.VIDEO: "video",
    MediaKind.ANIMATION: "gif",
    MediaKind.AUDIO: "audio",
    MediaKind.VOICE: "voice",
    MediaKind.STICKER: "sticker",
    MediaKind.DOCUMENT: "file",
}


def inline_answer(query_id: int, answer: InlineAnswer) -> Any:
    """The call that answers an inline query; what is answered is for this one person alone."""
    button = answer.button
    return F.messages.SetInlineBotResults(
        query_id=query_id,
        results=[_result(result) for result in answer.results],
        cache_time=answer.cache_seconds,
        gallery=_are_pictures(answer.results) or None,
        private=True,
        next_offset=answer.next_offset or None,
        switch_pm=button and T.InlineBotSwitchPM(text=button.text, start_param=button.parameter),
    )


def _are_pictures(results: Sequence[InlineResult]) -> bool:
    """Whether they are best shown as tiles."""
    shown = (MediaKind.PHOTO, MediaKind.VIDEO, MediaKind.ANIMATION)
    return bool(results) and all(
        isinstance(result, InlineFile) and result.media.kind in shown for result in results
    )


def _result(result: InlineResult) -> Any:
    if isinstance(result, InlineText):
        shown = formatted(result.text)
        return T.InputBotInlineResult(
            id=result.id,
            type="article",
            title=result.title,
            description=result.description or None,
            send_message=T.InputBotInlineMessageText(
                message=shown.text, entities=list(shown.entities) or None, no_webpage=True
            ),
        )
    caption = formatted(result.caption)
    message = T.InputBotInlineMessageMediaAuto(message=caption.text, entities=list(caption.entities) or None)
    file = input_media(result.media).id
    kind = _TYPES[result.media.kind]
    if isinstance(file, T.InputPhoto):
        return T.InputBotInlineResultPhoto(id=result.id, type=kind, photo=file, send_message=message)
    return T.InputBotInlineResultDocument(
        id=result.id,
        type=kind,
        document=file,
        title=result.title,
        description=result.description or None,
        send_message=message,
    )
