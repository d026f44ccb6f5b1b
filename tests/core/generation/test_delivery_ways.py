"""The ways of a result into the chat: albums, links, originals, buttons, once more, or not at all."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.generation_world import CONTENT, PRICE, Killed, Killer, World

from core.errors import FileReferenceExpired, TelegramError, UserFacingError
from core.generation.job import JobState
from core.generation.provider import Succeeded
from core.generation.settings import GenerationSettings, Originals
from core.media.addresses import RESULTS, FileAddresses
from core.media.results import ResultFiles
from core.media.store import LocalStore
from core.storage.database import Database
from core.telegram.types import Button, MediaKind, OutgoingMedia
from sandbox.clock import ManualClock

PAID = 25
BUTTONS = ((Button("Again", "again", plugin="generate"),),)
EXPIRED = FileReferenceExpired(400, "FILE_REFERENCE_EXPIRED")


@pytest.fixture
async def world(database: Database, clock: ManualClock) -> World:
    return await _world(database, clock)


async def _world(database: Database, clock: ManualClock, **settings: Any) -> World:
    world = World(database, clock, GenerationSettings(**settings))
    await world.pay(PAID)
    return world


def _makes(world: World, *mime_types: str, **changes: Any) -> None:
    results = [
        world.provider.result(url=f"scripted:{number}", mime_type=mime_type, **changes)
        for number, mime_type in enumerate(mime_types)
    ]
    world.provider.statuses = [Succeeded(tuple(results))]


async def _live(world: World) -> JobState:
    studio = world.studio()
    await world.create(studio)
    await world.run(studio)
    return (await world.job()).state


def _large(world: World, directory: Path, *, address: str = "https://bot.example") -> ResultFiles:
    """Where large files are kept in this world, linked below `address`."""
    life = timedelta(hours=24)
    addresses = FileAddresses(address, secret=b"k" * 32, clock=world.clock, life=life, path=RESULTS)
    store = LocalStore(directory, world.clock, addresses=addresses.address)
    world.large = ResultFiles(store, world.clock, life=life, linked=bool(address))
    return world.large


async def test_buttons_stand_below_the_result(world: World) -> None:
    world.plugins.buttons = BUTTONS
    assert await _live(world) is JobState.DELIVERED
    (message,) = world.telegram.messages.values()
    assert message.keyboard == BUTTONS


async def test_an_album_is_followed_by_its_buttons_once(world: World) -> None:
    world.plugins.buttons = BUTTONS
    _makes(world, *["image/png"] * 10)
    assert await _live(world) is JobState.DELIVERED
    album, below = world.telegram.messages.values()
    assert [media.kind for media in album.media] == [MediaKind.PHOTO] * 10
    assert (below.text, below.keyboard) == ("What shall we do next?", BUTTONS)
    assert len(set(world.telegram.albums[0])) == 10
    balance = await world.ledger.balance(world.person.id)
    assert (balance.available, balance.held) == (PAID - PRICE, 0)


async def test_what_does_not_go_together_comes_in_several_messages(world: World) -> None:
    _makes(world, "image/png", "audio/mpeg", "video/mp4", "text/plain", "audio/mpeg")
    assert await _live(world) is JobState.DELIVERED
    shown = [[media.kind.value for media in message.media] for message in world.telegram.media]
    assert shown == [["photo", "video"], ["audio", "audio"], ["document"]]
    assert [bool(message.text) for message in world.telegram.media] == [True, False, False]


async def test_an_album_that_telegram_refuses_comes_one_by_one(world: World) -> None:
    _makes(world, "image/png", "video/mp4")
    world.telegram.send_errors = [TelegramError(400, "MEDIA_INVALID")]
    assert await _live(world) is JobState.DELIVERED
    assert [len(message.media) for message in world.telegram.media] == [1, 1]
    assert len(world.telegram.uploads) == 3, "two files, and the photo's original"


@pytest.mark.parametrize("error", [ValueError("too long"), TelegramError(400, "BUTTON_DATA_INVALID")])
async def test_buttons_that_are_refused_cost_nobody_the_result(world: World, error: Exception) -> None:
    world.plugins.buttons = BUTTONS
    world.telegram.send_errors = [error]
    assert await _live(world) is JobState.DELIVERED
    assert [message.keyboard for message in world.telegram.messages.values()] == [()]
    await world.assert_sound(paid=PAID)


async def test_a_photo_that_telegram_refuses_comes_as_a_document_without_a_second_upload(
    world: World,
) -> None:
    _makes(world, "image/png")
    world.telegram.register_errors = [TelegramError(400, "PHOTO_INVALID_DIMENSIONS")]
    assert await _live(world) is JobState.DELIVERED
    assert world.telegram.media[0].media[0].kind is MediaKind.DOCUMENT
    assert world.telegram.files == [CONTENT]


async def test_of_an_album_only_what_expired_is_uploaded_again(world: World) -> None:
    _makes(world, *["video/mp4"] * 3)
    world.telegram.send_errors = [FileReferenceExpired(400, "FILE_REFERENCE_1_EXPIRED", 1)]
    assert await _live(world) is JobState.DELIVERED
    assert [media.file["number"] for media in world.telegram.media[0].media] == [1, 4, 3]
    await world.assert_sound(paid=PAID)


async def test_a_reference_that_always_expires_is_given_up_and_refunded(world: World) -> None:
    world.telegram.send_errors = [EXPIRED] * 50
    assert await _live(world) is JobState.RELEASED
    assert world.alerts.kinds == ["undeliverable"]
    await world.assert_sound(paid=PAID)


@pytest.mark.parametrize("originals", list(Originals))
async def test_originals_as_the_operator_wants_them(
    database: Database, clock: ManualClock, originals: Originals
) -> None:
    world = await _world(database, clock, originals=originals)
    _makes(world, "image/png")
    assert await _live(world) is JobState.DELIVERED
    job = await world.job()
    assert job.has_original is (originals is not Originals.NEVER)
    kinds = [message.media[0].kind.value for message in world.telegram.media]
    assert kinds == (["photo", "document"] if originals is Originals.ALWAYS else ["photo"])
    assert world.telegram.files == [CONTENT]
    studio = world.studio()
    if originals is Originals.NEVER:
        with pytest.raises(UserFacingError, match="original-gone"):
            await studio.generations.send_original(world.person.id, job.id)
    else:
        await studio.generations.send_original(world.person.id, job.id, key="k")
        await studio.generations.send_original(world.person.id, job.id, key="k")
        assert [message.media[0].kind.value for message in world.telegram.media] == [*kinds, "document"]
    assert world.telegram.files == [CONTENT]


async def test_once_more_costs_nothing_and_no_upload(world: World) -> None:
    assert await _live(world) is JobState.DELIVERED
    job = await world.job()
    generations = world.studio().generations
    first = await generations.send_again(world.person.id, job.id, key="k")
    assert await generations.send_again(world.person.id, job.id, key="k") == first
    assert await generations.send_again(world.person.id, job.id) != first
    assert len(world.telegram.media) == 3
    assert world.telegram.files == [CONTENT]
    assert (await world.ledger.balance(world.person.id)).available == PAID - PRICE
    with pytest.raises(UserFacingError, match="result-gone"):
        await generations.send_again(world.person.id + 1, job.id)


async def test_an_expired_reference_is_mended_through_the_message(world: World) -> None:
    assert await _live(world) is JobState.DELIVERED
    job = await world.job()
    assert job.message_id is not None
    generations = world.studio().generations
    fresh = OutgoingMedia(MediaKind.VIDEO, {"number": 1, "reference": b"\x03"})
    world.telegram.refreshes[job.message_id] = fresh
    world.telegram.send_errors = [EXPIRED]
    ref = await generations.send_again(world.person.id, job.id)
    assert world.telegram.media[-1].media == (fresh,)
    assert (await world.job()).uploaded[0]["file"] == fresh.file
    # The first message is deleted; the newest one still shows the file.
    world.telegram.refreshes = {ref.message_id: fresh}
    world.telegram.send_errors = [EXPIRED]
    await generations.send_again(world.person.id, job.id)
    world.telegram.refreshes = {}
    world.telegram.send_errors = [EXPIRED]
    with pytest.raises(UserFacingError, match="result-gone"):
        await generations.send_again(world.person.id, job.id)
    assert world.telegram.files == [CONTENT]


async def test_what_is_too_large_is_linked_and_paid_once(world: World, tmp_path: Path) -> None:
    large = _large(world, tmp_path)
    world.telegram.most_bytes = 100
    world.plugins.buttons = BUTTONS
    assert await _live(world) is JobState.DELIVERED
    (message,) = world.telegram.messages.values()
    ref = (await world.job()).uploaded[0]["file"]["ref"]
    assert message.media == ()
    assert f'<a href="https://bot.example/results/{ref}?expires=' in message.text
    assert "works for 24 hours" in message.text
    assert message.keyboard == BUTTONS
    assert (tmp_path / ref).read_bytes() == CONTENT
    balance = await world.ledger.balance(world.person.id)
    assert (balance.available, balance.held) == (PAID - PRICE, 0)
    assert await large.link(ref)
    (tmp_path / ref).unlink()
    with pytest.raises(UserFacingError, match="result-gone"):
        await world.studio().generations.send_again(world.person.id, (await world.job()).id)


async def test_what_turns_out_to_be_too_large_is_linked_as_well(world: World, tmp_path: Path) -> None:
    _large(world, tmp_path)
    _makes(world, "video/mp4", size=None)
    world.telegram.most_bytes = 100
    assert await _live(world) is JobState.DELIVERED
    assert world.telegram.files == []
    assert len(os.listdir(tmp_path)) == 1


@pytest.mark.parametrize("language", ["en", "ru"])
async def test_what_is_too_large_where_nothing_can_be_linked_is_refunded_unread(
    world: World, tmp_path: Path, language: str
) -> None:
    _large(world, tmp_path, address="")
    world.telegram.most_bytes = 100
    studio = world.studio()
    person = type(world.person)(id=world.person.id, language=language)
    await world.create(studio, user=person)
    await world.run(studio)
    (notice,) = world.telegram.notices
    assert ("too large for Telegram" if language == "en" else "слишком велик для Телеграма") in notice.text
    assert ("10 Stars are back" if language == "en" else "10 звёзд вернулись") in notice.text
    assert os.listdir(tmp_path) == []
    await world.assert_sound(paid=PAID)


async def test_a_stop_during_the_upload_ends_it_within_a_part(world: World) -> None:
    world.provider.chunks = [CONTENT[:100]] * 15
    studio = world.studio()
    job = await world.create(studio)
    parts = 0

    async def stop_at_the_third() -> None:
        nonlocal parts
        parts += 1
        if parts == 3:
            assert await studio.generations.cancel(world.person.id, job.id)

    world.telegram.during_upload = stop_at_the_third
    await world.run(studio)
    assert parts == 3
    assert world.telegram.media == []
    (notice,) = world.telegram.notices
    assert "Stopped" in notice.text
    assert "10 Stars are back" in notice.text
    assert (await world.job()).uploaded == ()
    await world.assert_sound(paid=PAID)


async def test_a_stop_from_another_instance_loses_no_star_either(world: World) -> None:
    other = world.studio(name="two").generations
    studio = world.studio()
    job = await world.create(studio)

    async def stop() -> None:
        await other.cancel(world.person.id, job.id)

    world.telegram.during_upload = stop
    await world.run(studio)
    assert world.telegram.media == []
    await world.assert_sound(paid=PAID)


async def test_what_is_being_sent_cannot_be_stopped_any_more(world: World) -> None:
    studio = world.studio()
    job = await world.create(studio)
    world.telegram.send_errors = [OSError()] * 3
    stopped: list[bool] = []

    async def listen(changed: Any) -> None:
        if changed.state is JobState.DELIVERING:
            stopped.append(await studio.generations.cancel(world.person.id, job.id))

    world.plugins.listeners = [listen]
    await world.run(studio)
    assert stopped == [False]
    assert len(world.telegram.media) == 1
    await world.assert_sound(paid=PAID)


async def test_any_kill_around_an_album_ends_in_the_same_messages(
    database: Database, clock: ManualClock
) -> None:
    async def live(number: int, killer: Killer) -> World:
        world = World(database, clock, GenerationSettings(originals=Originals.ALWAYS), number=number)
        world.plugins.buttons = BUTTONS
        _makes(world, "image/png", "image/png", "audio/mpeg")
        await world.pay(PAID)
        studio = world.studio(killer)
        try:
            await world.create(studio)
            await world.run(studio)
        except Killed:
            await clock.advance(61)
            studio = world.studio()
            await world.run(studio)
        return world

    killer = Killer()
    await live(0, killer)
    begin = killer.calls.index("telegram.file")
    for at in killer.moments():
        if at <= begin:
            continue
        world = await live(at, Killer(at))
        where = f"killed after call {at}, {killer.calls[at - 1]}"
        sizes = [len(message.media) for message in world.telegram.messages.values()]
        assert sizes == [2, 1, 1, 1, 0], where
        assert len(world.telegram.files) <= 3 + (killer.calls[at - 1].startswith("telegram.")), where
        balance = await world.ledger.balance(world.person.id)
        assert (balance.available, balance.held) == (PAID - PRICE, 0), where
