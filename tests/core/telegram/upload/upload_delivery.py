"""An uploader, and a person to whom its files go."""

from __future__ import annotations

from dataclasses import dataclass

from telegram_house import House

from core.telegram.types import MediaDetails, MediaKind
from core.telegram.uploader import UploadedFile, Uploader
from sandbox.people.person import Person


@dataclass(frozen=True, slots=True)
class Delivery:
    """From the bot to a person."""

    house: House
    person: Person
    uploader: Uploader

    async def arrived(self, file: UploadedFile) -> bytes:
        """The bytes that the person gets of an uploaded file."""
        details = MediaDetails(MediaKind.DOCUMENT, "application/octet-stream", "file.bin", size=file.size)
        media = await self.uploader.register(self.person.id, file, None, details)
        await self.house.outbox.send_media(self.person.id, media, random_id=file.file_id)
        return await self.person.download(await self.person.expect(kind="document"))
