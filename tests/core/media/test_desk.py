"""Taking files: what needs no look is refused at once, what comes in is kept, and nothing else stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support.media_samples import clip, picture

from core.errors import TelegramError, UserFacingError
from core.generation.model import Category, Model
from core.generation.options import MediaInput
from core.generation.prices import FlatPrice
from core.media.desk import MediaDesk
from core.media.files import InputFiles
from core.media.store import LocalStore
from core.media.wants import MEGABYTE
from core.media.workshop import Workshop
from core.telegram.types import IncomingMedia, MediaKind, MessageRef
from sandbox.clock import ManualClock

IMAGE = MediaInput(field="image_url", kind="image", role="image", formats=("jpg", "png"), max_megabytes=1)
VIDEO = MediaInput(
    field="video_url", kind="video", role="video", formats=("mp4",), max_megabytes=1, seconds_max=5
)
SOUND = MediaInput(field="audio_url", kind="audio", role="audio", formats=("mpeg",))
MODEL = Model(
    id="takes-all",
    provider="scripted",
    category=Category.VIDEO,
    title={"en": "All", "ru": "Всё"},
    price=FlatPrice(rule="flat", usd=Decimal(1)),
    price_source="test",
    price_date=date(2026, 1, 1),
    media=(IMAGE, VIDEO, SOUND),
)


class Telegram:
    """Gives out one file, and counts how often that is asked for."""

    def __init__(self) -> None:
        self.content = picture()
        self.error: Exception | None = None
        self.asked = 0

    async def fetch(self, media: IncomingMedia) -> AsyncIterator[bytes]:
        self.asked += 1
        for start in range(0, len(self.content), 1000):
            yield self.content[start : start + 1000]
        if self.error is not None:
            raise self.error

    async def look(self, message: MessageRef) -> IncomingMedia | None:
        raise TelegramError(400, "MESSAGE_IDS_EMPTY")


@pytest.fixture
def telegram() -> Telegram:
    return Telegram()


@pytest.fixture
async def desk(tmp_path: Path, clock: ManualClock, telegram: Telegram) -> MediaDesk:
    store = LocalStore(tmp_path / "inputs", clock)
    await store.check()
    desk = MediaDesk(
        store=store,
        files=InputFiles(store, clock),
        fetch=telegram.fetch,
        look=telegram.look,
        workshop=Workshop(),
        directory=tmp_path / "incoming",
    )
    (tmp_path / "incoming").mkdir()
    (tmp_path / "incoming" / "left-by-a-crash.in").write_bytes(b"x")
    await desk.start()
    return desk


def left(tmp_path: Path) -> list[str]:
    return [path.name for folder in ("inputs", "incoming") for path in (tmp_path / folder).iterdir()]


def sent(kind: MediaKind = MediaKind.PHOTO, **details: Any) -> IncomingMedia:
    return IncomingMedia(kind, "file", **details)


async def test_a_photo_is_kept_without_its_own_name(
    desk: MediaDesk, telegram: Telegram, tmp_path: Path
) -> None:
    media = sent(MediaKind.DOCUMENT, file_name="Passport of Alice.jpg", size=len(telegram.content))
    taken = await desk.take(media, MODEL, "image_url")
    assert (taken.file.field, taken.file.name, taken.file.mime_type) == (
        "image_url",
        "input.jpg",
        "image/jpeg",
    )
    assert left(tmp_path) == [taken.file.ref]
    await desk.discard([taken.file])
    assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("media", "field", "key"),
    [
        (sent(size=26 * MEGABYTE), "image_url", "media-too-large"),
        (sent(MediaKind.VIDEO, size=MEGABYTE + 1), "video_url", "media-too-large"),
        (sent(MediaKind.VIDEO, duration=7.0), "video_url", "media-too-long"),
        (sent(MediaKind.VOICE), "image_url", "media-not-image"),
        (sent(MediaKind.PHOTO), "audio_url", "media-not-audio"),
        (sent(MediaKind.STICKER), "video_url", "media-not-video"),
        (sent(MediaKind.DOCUMENT, mime_type="video/mp4"), "image_url", "media-not-image"),
        (sent(), "no_such_field", "input-unknown"),
    ],
)
async def test_what_needs_no_look_is_not_even_fetched(
    desk: MediaDesk, telegram: Telegram, media: IncomingMedia, field: str, key: str
) -> None:
    with pytest.raises(UserFacingError) as caught:
        await desk.take(media, MODEL, field)
    assert (caught.value.key, telegram.asked) == (key, 0)


@pytest.mark.parametrize(
    ("error", "size"),
    [(TelegramError(400, "FILE_REFERENCE_EXPIRED"), 0), (ConnectionResetError(), 0), (None, 10**6)],
)
async def test_what_does_not_come_whole_is_said_and_forgotten(
    desk: MediaDesk, telegram: Telegram, tmp_path: Path, error: Exception | None, size: int
) -> None:
    telegram.error = error
    with pytest.raises(UserFacingError, match="media-not-fetched"):
        await desk.take(sent(size=size), MODEL, "image_url")
    assert left(tmp_path) == []


async def test_more_than_was_announced_is_cut_off(
    desk: MediaDesk, telegram: Telegram, tmp_path: Path
) -> None:
    telegram.content = clip(tmp_path / "a.mp4").read_bytes().ljust(MEGABYTE + 5000, b"\0")
    with pytest.raises(UserFacingError, match="media-too-large"):
        await desk.take(sent(MediaKind.VIDEO, size=1000), MODEL, "video_url")
    assert left(tmp_path) == []


async def test_what_is_refused_after_a_look_leaves_nothing(
    desk: MediaDesk, telegram: Telegram, tmp_path: Path
) -> None:
    telegram.content = b"just words"
    with pytest.raises(UserFacingError, match="media-not-image"):
        await desk.take(sent(MediaKind.DOCUMENT), MODEL, "image_url")
    assert left(tmp_path) == []


async def test_the_sound_of_a_video_is_taken_where_a_sound_is_wanted(
    desk: MediaDesk, telegram: Telegram, tmp_path: Path
) -> None:
    telegram.content = clip(tmp_path / "a.mp4").read_bytes()
    taken = await desk.take(sent(MediaKind.VIDEO), MODEL, "audio_url")
    assert (taken.file.mime_type, taken.file.name) == ("audio/mpeg", "input.mp3")
