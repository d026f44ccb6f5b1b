"""Pictures on their way to Telegram, and what plugins make of them; nothing else is held in memory."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from support.generation_world import CONTENT, World

from core.generation.job import JobState
from core.generation.provider import Succeeded
from core.generation.settings import GenerationSettings
from core.storage.database import Database
from core.telegram.types import MediaKind
from sandbox.clock import ManualClock

MOST = 10_000


def picture(colour: str, form: str = "PNG", size: int = 20) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(written, form)
    return written.getvalue()


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    world = World(database, clock, GenerationSettings(image_bytes=MOST))
    await world.pay(25)
    return world


async def delivered(world: World, mime_type: str, content: bytes, *, size: int | None = None) -> None:
    result = world.provider.result(url="scripted:1", mime_type=mime_type, size=size, file_name="fox.png")
    world.provider.statuses = [Succeeded((result,))]
    world.provider.chunks = [content[:7], content[7:]]
    studio = world.studio()
    await world.create(studio)
    await world.run(studio)
    assert (await world.job()).state is JobState.DELIVERED
    await world.assert_sound(paid=25)


async def test_what_a_plugin_makes_of_a_picture_is_delivered_and_so_is_its_original(world: World) -> None:
    shown: list[bytes] = []
    made = picture("red", "JPEG", 30)

    def retouch(image: bytes) -> bytes:
        shown.append(image)
        return made

    world.plugins.retouch = retouch
    await delivered(world, "image/png", picture("blue"))
    assert shown == [picture("blue")]
    (photo, content), (original, same) = world.telegram.uploads
    assert (photo.kind, original.kind) == (MediaKind.PHOTO, MediaKind.DOCUMENT)
    assert content == same == made
    assert (photo.width, photo.height) == (30, 30)
    assert original.file_name.endswith((".jpg", ".jpeg")), "it is no PNG any more"


async def test_a_picture_that_is_left_alone_is_delivered_as_it_was_announced(world: World) -> None:
    world.plugins.retouch = lambda image: image
    await delivered(world, "image/png", CONTENT)
    (photo, content), (original, _) = world.telegram.uploads
    assert (photo.kind, content) == (MediaKind.PHOTO, CONTENT)
    assert original.file_name == "fox.png"


@pytest.mark.parametrize("announced", [True, False])
async def test_a_picture_that_is_too_large_passes(world: World, announced: bool) -> None:
    world.plugins.retouch = lambda image: pytest.fail("it is too large to be shown")
    large = picture("blue") + bytes(MOST)
    await delivered(world, "image/png", large, size=len(large) if announced else None)
    assert world.telegram.uploads[0][1] == large


async def test_nothing_else_is_shown(world: World) -> None:
    world.plugins.retouch = lambda image: pytest.fail("it is no picture")
    await delivered(world, "video/mp4", CONTENT)
    assert world.telegram.uploads[0][1] == CONTENT
