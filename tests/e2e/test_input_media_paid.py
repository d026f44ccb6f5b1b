"""A generation from a picture, paid for when the balance is short: the picture waits for its payment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from moto.server import ThreadedMotoServer
from support.media_samples import picture
from support.money_talk import accept_terms
from support.studio_talk import arrive, ask, delivered

from sandbox.people.person import Person
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]
POOR = {"WELCOME_BALANCE_RUB": "2.1", "USD_TO_RUB": "80"}
"""Two Stars, of the three that a video costs."""


def _inputs(studio: Studio) -> list[Path]:
    return sorted((studio.settings.data_dir / "inputs").iterdir())


async def _short(studio: Studio, person: Person) -> Any:
    await accept_terms(studio, person)
    await ask(person, "/generate")
    await person.press("photo in motion")
    await person.expect(kind="edit")
    await person.send_photo(picture(), "a fox")
    await person.press("✨", await person.expect("a fox", kind="new"))
    return await person.expect("Not enough", kind="edit")


async def test_what_is_paid_by_invoice_has_its_picture(
    start_studio: StartStudio, plugins: dict[str, Any]
) -> None:
    studio = await start_studio(plugins=plugins, settings=POOR)
    person = await arrive(studio, stars=100)
    short = await _short(studio, person)
    await person.press("Pay 1 ⭐", short)
    invoice = await person.expect(kind="invoice")
    below = await person.expect("invoice", kind="edit")
    await person.press("Cancel", below)
    await person.expect("never mind", kind="edit")
    assert len(_inputs(studio)) == 1
    await (await person.checkout(invoice)).confirm()
    await delivered(person)
    await studio.settled(person)
    assert _inputs(studio) == []
    balance = await studio.running.ledger.balance(person.id)
    assert (balance.available, balance.held) == (0, 0)


async def test_a_bucket_takes_the_place_of_the_folder(
    start_studio: StartStudio, plugins: dict[str, Any]
) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        address = "http://{}:{}".format(*server.get_host_and_port())
        async with ClientSession() as session, session.put(f"{address}/photos") as answer:
            assert answer.status == 200
        bucket = {
            "STORAGE_MODE": "s3",
            "S3_BUCKET": "photos",
            "S3_ENDPOINT_URL": address,
            "S3_ACCESS_KEY_ID": "key",
            "S3_SECRET_ACCESS_KEY": "secret",
        }
        studio = await start_studio(plugins=plugins, settings=bucket)
        person = await arrive(studio)
        await ask(person, "/generate")
        await person.press("photo in motion")
        await person.expect(kind="edit")
        await person.send_photo(picture(), "a fox")
        confirmation = await person.expect("a fox", kind="new")
        assert await _keys(address) == 1
        await person.press("✨", confirmation)
        await delivered(person)
        await studio.settled(person)
        assert await _keys(address) == 0
        await studio.shut()
    finally:
        server.stop()


async def _keys(address: str) -> int:
    """How many files the bucket has."""
    async with ClientSession() as session, session.get(f"{address}/photos?list-type=2") as answer:
        return (await answer.text()).count("<Key>")
