"""How a person sends pictures, videos, voice messages and files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pyrogram.raw import types as T

from sandbox.api.media import document_media, photo_media
from sandbox.people.handles import Addressable
from sandbox.people.reading import Reading
from sandbox.people.views import MessageView, view
from sandbox.world.state import Draft, Media
from sandbox.world.text import found_entities


class Uploads(Reading):
    """The part of a person's hands that sends files. `data` is bytes or a file on disk."""

    async def send_photo(
        self, data: bytes, caption: str = "", *, to: Addressable | None = None
    ) -> MessageView:
        """Send a picture as a photo, which Telegram makes smaller JPEGs of.

        Raises:
            RpcError: if Telegram takes it for no photo.
        """
        return self._send_media([photo_media(await self.world.files.add_photo(data))], caption, to)

    async def send_album(
        self, photos: Sequence[bytes], caption: str = "", *, to: Addressable | None = None
    ) -> MessageView:
        """Send several pictures as one album; the first one's message, with the caption, is returned."""
        media = [photo_media(await self.world.files.add_photo(data)) for data in photos]
        return self._send_media(media, caption, to)

    async def send_document(
        self,
        data: bytes | Path,
        name: str = "file.bin",
        mime: str = "application/octet-stream",
        caption: str = "",
        *,
        to: Addressable | None = None,
    ) -> MessageView:
        """Send a file as it is."""
        file = await self.world.files.add_document(data, name, mime)
        return self._send_media([document_media(file)], caption, to)

    async def send_video(
        self,
        data: bytes | Path,
        caption: str = "",
        *,
        width: int = 640,
        height: int = 360,
        duration: float = 1.0,
        name: str = "video.mp4",
        to: Addressable | None = None,
    ) -> MessageView:
        """Send a video; `duration` in seconds."""
        attribute = T.DocumentAttributeVideo(duration=duration, w=width, h=height, supports_streaming=True)
        file = await self.world.files.add_document(data, name, "video/mp4", [attribute])
        return self._send_media([document_media(file)], caption, to)

    async def send_voice(
        self, data: bytes | Path, *, duration: int = 1, to: Addressable | None = None
    ) -> MessageView:
        """Send a voice message; `duration` in seconds."""
        attribute = T.DocumentAttributeAudio(duration=duration, voice=True)
        file = await self.world.files.add_document(data, "", "audio/ogg", [attribute])
        return self._send_media([document_media(file)], "", to)

    async def send_audio(
        self,
        data: bytes | Path,
        caption: str = "",
        *,
        duration: int = 1,
        title: str | None = None,
        performer: str | None = None,
        name: str = "audio.mp3",
        to: Addressable | None = None,
    ) -> MessageView:
        """Send a piece of music; `duration` in seconds."""
        attribute = T.DocumentAttributeAudio(duration=duration, title=title, performer=performer)
        file = await self.world.files.add_document(data, name, "audio/mpeg", [attribute])
        return self._send_media([document_media(file)], caption, to)

    async def send_sticker(
        self, data: bytes | Path, emoji: str = "🙂", *, to: Addressable | None = None
    ) -> MessageView:
        """Send a sticker (a WebP picture)."""
        attributes = [
            T.DocumentAttributeSticker(alt=emoji, stickerset=T.InputStickerSetEmpty()),
            T.DocumentAttributeImageSize(w=512, h=512),
        ]
        file = await self.world.files.add_document(data, "sticker.webp", "image/webp", attributes)
        return self._send_media([document_media(file)], "", to)

    def _send_media(self, media: list[Media], caption: str, to: Addressable | None) -> MessageView:
        """Send what was uploaded: one media, or several as an album."""
        peer = self.target(to)
        album_id = self.world.ids.long() if len(media) > 1 else None
        texts = [caption, *[""] * (len(media) - 1)]
        drafts = [
            Draft(
                sender=self.peer,
                peer=peer,
                text=text,
                entities=found_entities(text),
                media=item,
                album_id=album_id,
            )
            for item, text in zip(media, texts, strict=True)
        ]
        return view(self.world, self.id, self.post(*drafts)[0])
