"""Methods that send: texts, media, albums, forwards; each `random_id` makes one message only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pyrogram.raw import functions as F
from pyrogram.raw import types as T
from pyrogram.raw.core import TLObject

from sandbox.api.compose import markup_of, message_in, reply_of, text_of
from sandbox.api.media import media_of
from sandbox.api.peers import account_of, find_peer, require_writable
from sandbox.api.registry import method
from sandbox.rpc import Caller, RpcError
from sandbox.world import feed
from sandbox.world.invoices import pay_keyboard
from sandbox.world.state import Account, ChatKind, Draft, Media, Peer, PeerKind, StoredMessage
from sandbox.world.world import World

_FORWARDED_AT_ONCE = 100
_REFERENCE = "FILE_REFERENCE_"


@method(F.messages.SendMessage)
async def send_message(world: World, caller: Caller, query: Any) -> TLObject:
    """Send a text."""
    account = account_of(world, caller)
    peer = find_peer(world, account, query.peer)
    if (again := _sent_before(world, account, [query.random_id])) is not None:
        return again
    _require_now(query)
    require_writable(world, account, peer)
    text, entities = text_of(world, account, query.message, query.entities)
    if not text:
        raise RpcError(400, "MESSAGE_EMPTY")
    draft = Draft(
        sender=sender_in(world, account, peer),
        peer=peer,
        text=text,
        entities=entities,
        markup=markup_of(world, account, peer, query.reply_markup),
        reply_to=reply_of(world, account, peer, query.reply_to),
        silent=bool(query.silent),
        noforwards=bool(query.noforwards),
    )
    return _send(world, account, peer, [draft], [query.random_id])


@method(F.messages.SendMedia)
async def send_media(world: World, caller: Caller, query: Any) -> TLObject:
    """Send one media with a caption."""
    account = account_of(world, caller)
    peer = find_peer(world, account, query.peer)
    if (again := _sent_before(world, account, [query.random_id])) is not None:
        return again
    _require_now(query)
    require_writable(world, account, peer)
    text, entities = text_of(world, account, query.message, query.entities, caption=True)
    reply_to = reply_of(world, account, peer, query.reply_to)
    media = await media_of(world, account, query.media)
    # While the file was put together the same call may have come again and been answered.
    if (again := _sent_before(world, account, [query.random_id])) is not None:
        return again
    invoice = isinstance(media.raw, T.MessageMediaInvoice)
    markup = markup_of(world, account, peer, query.reply_markup, invoice=invoice)
    if invoice and markup is None:
        markup = pay_keyboard(media.raw.total_amount)
    draft = Draft(
        sender=sender_in(world, account, peer),
        peer=peer,
        text=text,
        entities=entities,
        media=media,
        markup=markup,
        reply_to=reply_to,
        silent=bool(query.silent),
        noforwards=bool(query.noforwards),
    )
    return _send(world, account, peer, [draft], [query.random_id])


@method(F.messages.UploadMedia)
async def upload_media(world: World, caller: Caller, query: Any) -> TLObject:
    """Put a file together and name it, without sending it."""
    account = account_of(world, caller)
    if not isinstance(query.peer, T.InputPeerEmpty):
        find_peer(world, account, query.peer)
    return (await media_of(world, account, query.media)).raw


@method(F.messages.SendMultiMedia)
async def send_multi_media(world: World, caller: Caller, query: Any) -> TLObject:
    """Send an album."""
    account = account_of(world, caller)
    peer = find_peer(world, account, query.peer)
    random_ids = [item.random_id for item in query.multi_media]
    if (again := _sent_before(world, account, random_ids)) is not None:
        return again
    _require_now(query)
    require_writable(world, account, peer)
    if not random_ids:
        raise RpcError(400, "MEDIA_EMPTY")
    if len(random_ids) > world.rules.album_size:
        raise RpcError(400, "MULTI_MEDIA_TOO_LONG")
    medias = [await _album_media(world, account, *item) for item in enumerate(query.multi_media)]
    _require_album(medias)
    reply_to = reply_of(world, account, peer, query.reply_to)
    album_id = world.ids.long()
    drafts = []
    for item, media in zip(query.multi_media, medias, strict=True):
        text, entities = text_of(world, account, item.message, item.entities, caption=True)
        drafts.append(
            Draft(
                sender=sender_in(world, account, peer),
                peer=peer,
                text=text,
                entities=entities,
                media=media,
                reply_to=reply_to,
                album_id=album_id,
                silent=bool(query.silent),
                noforwards=bool(query.noforwards),
            )
        )
    return _send(world, account, peer, drafts, random_ids)


@method(F.messages.ForwardMessages)
async def forward_messages(world: World, caller: Caller, query: Any) -> TLObject:
    """Send messages on to another chat."""
    account = account_of(world, caller)
    source = find_peer(world, account, query.from_peer)
    peer = find_peer(world, account, query.to_peer)
    if len(query.id) != len(query.random_id) or len(query.id) > _FORWARDED_AT_ONCE:
        raise RpcError(400, "RANDOM_ID_INVALID")
    if (again := _sent_before(world, account, query.random_id)) is not None:
        return again
    _require_now(query)
    require_writable(world, account, peer)
    if not query.id:
        raise RpcError(400, "MESSAGE_IDS_EMPTY")
    originals = [message_in(world, account, source, message_id) for message_id in query.id]
    albums: dict[int, int] = {}
    drafts = []
    for original in originals:
        if original.action is not None:
            raise RpcError(400, "MESSAGE_ID_INVALID")
        if original.noforwards:
            raise RpcError(400, "CHAT_FORWARDS_RESTRICTED")
        if query.drop_author and world.stars.invoice_in(original) is not None:
            raise RpcError(400, "MESSAGE_ID_INVALID")
        if original.album_id is not None:
            albums.setdefault(original.album_id, world.ids.long())
        draft = _forwarded(world, original, query, albums)
        drafts.append(replace(draft, sender=sender_in(world, account, peer), peer=peer))
    return _send(world, account, peer, drafts, query.random_id)


def sender_in(world: World, account: Account, peer: Peer) -> Peer:
    """As whom an account writes in a chat: in a channel as the channel."""
    if peer.kind is PeerKind.CHANNEL and world.chats[peer.id].kind is ChatKind.CHANNEL:
        return peer
    return account.peer


def count_against_flood(world: World, account: Account, peer: Peer, messages: int = 1) -> None:
    """Hold the account to the rate it may send at.

    Raises:
        RpcError: FLOOD_WAIT_n.
    """
    kind = None if peer.kind is PeerKind.USER else world.chats[peer.id].kind
    world.flood.count(world.rules.flood, account.id, peer, kind, messages)


def _send(
    world: World, account: Account, peer: Peer, drafts: Sequence[Draft], random_ids: Sequence[int]
) -> TLObject:
    count_against_flood(world, account, peer, len(drafts))
    deltas = world.post(*drafts, answered=account.id)
    for random_id, delta in zip(random_ids, deltas, strict=True):
        world.sent[account.id, random_id] = delta
    return feed.answer(world, account.id, deltas, random_ids)


def _sent_before(world: World, account: Account, random_ids: Sequence[int]) -> TLObject | None:
    """The answer to a call that was made before with the same random ids; None for a new one."""
    if len(set(random_ids)) < len(random_ids):
        raise RpcError(world.rules.duplicate_random_id_code, "RANDOM_ID_DUPLICATE")
    known = [world.sent.get((account.id, random_id)) for random_id in random_ids]
    deltas = [delta for delta in known if delta is not None]
    if not deltas:
        return None
    alive = all(delta.message.key in world.messages for delta in deltas)
    if world.rules.duplicate_random_id == "error" or len(deltas) < len(known) or not alive:
        raise RpcError(world.rules.duplicate_random_id_code, "RANDOM_ID_DUPLICATE")
    return feed.answer(world, account.id, deltas, random_ids, known=True)


def _require_now(query: Any) -> None:
    if query.schedule_date:
        raise RpcError(400, "SCHEDULE_BOT_NOT_ALLOWED")


async def _album_media(world: World, account: Account, index: int, item: Any) -> Media:
    """The media of an album's item; what is wrong with its file reference names its place.

    https://core.telegram.org/method/messages.sendMultiMedia
    """
    try:
        return await media_of(world, account, _album_item(item.media))
    except RpcError as error:
        if error.message.startswith(_REFERENCE):
            raise RpcError(error.code, error.message.replace(_REFERENCE, f"{_REFERENCE}{index}_")) from error
        raise


def _album_item(media: TLObject) -> TLObject:
    """Albums are made of what `messages.uploadMedia` named before."""
    if not isinstance(media, T.InputMediaPhoto | T.InputMediaDocument):
        raise RpcError(400, "MEDIA_INVALID")
    return media


def _require_album(medias: Sequence[Media]) -> None:
    """Photos and videos mix; audio files and other documents stand with their own kind only."""
    if len({_album_kind(media) for media in medias}) > 1:
        raise RpcError(400, "MEDIA_INVALID")


def _album_kind(media: Media) -> str:
    if isinstance(media.raw, T.MessageMediaPhoto):
        return "picture"
    attributes = media.raw.document.attributes
    if any(isinstance(a, T.DocumentAttributeAnimated | T.DocumentAttributeSticker) for a in attributes):
        raise RpcError(400, "MEDIA_INVALID")
    if media.raw.voice or media.raw.round:
        raise RpcError(400, "MEDIA_INVALID")
    if media.raw.video:
        return "picture"
    return "audio" if any(isinstance(a, T.DocumentAttributeAudio) for a in attributes) else "document"


def _forwarded(world: World, original: StoredMessage, query: Any, albums: Mapping[int, int]) -> Draft:
    """The message as it goes on; sender and chat are still those of the original."""
    header = original.forward or T.MessageFwdHeader(
        date=original.date,
        from_id=original.sender.raw(),
        channel_post=original.ids.get(original.peer.id) if original.sender.kind is PeerKind.CHANNEL else None,
    )
    captionless = query.drop_media_captions and original.media is not None
    return Draft(
        sender=original.sender,
        peer=original.peer,
        text="" if captionless else original.text,
        entities=() if captionless else tuple(original.entities),
        media=original.media,
        markup=original.markup
        if original.via_bot_id is not None
        else world.stars.forwarded_keyboard(original),
        album_id=None if original.album_id is None else albums[original.album_id],
        forward=None if query.drop_author else header,
        via_bot_id=original.via_bot_id,
        silent=bool(query.silent),
        noforwards=bool(query.noforwards),
    )
