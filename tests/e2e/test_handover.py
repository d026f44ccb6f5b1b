"""A second instance waits beside the one that reads updates, and goes on where that one ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from durability.books import assert_served, assert_sound, jobs_of, nothing_runs
from durability.customers import Customer, Wish
from durability.echo import greet, install
from durability.moments import Moment, at
from durability.processes import BotHand, Nursery, StartStudio

from core.app import Application
from core.storage.leases import Leases
from sandbox.people.person import Person
from sandbox.studio import Studio

_WRITTEN = 30
_LEASES = {"lease_seconds": 2, "heartbeat_seconds": 0.5}


@pytest.fixture
async def studio(start_studio: StartStudio) -> Studio:
    return await start_studio(running=False)


@pytest.fixture
def first(studio: Studio, nursery: Nursery, tmp_path: Path, plugins: dict[str, Any]) -> BotHand:
    return BotHand(studio, nursery, tmp_path, plugins, name="first")


@pytest.fixture
async def standby(studio: Studio) -> AsyncIterator[Application]:
    """The second instance, not started; it is stopped whatever happens."""
    application = studio.instance(name="second")
    yield application
    await application.stop()


async def readiness(application: Application) -> tuple[int, dict[str, Any]]:
    """What `/readyz` answers."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{application.port}/readyz") as response,
    ):
        return response.status, await response.json()


async def holder(studio: Studio) -> str | None:
    """Who has the lease for reading updates."""
    async with studio.database() as database:
        lease = await Leases(database, studio.clock).holder("updates")
        return lease.owner if lease is not None else None


async def talk(person: Person, count: int, half: asyncio.Event) -> None:
    """Write one message after another, most before the answer to the last, and hear the answers in order."""
    heard = 0
    for number in range(count):
        await person.send(f"message {number}")
        if number % 3 == 0:
            assert (await person.expect(within=60)).text == f"echo message {heard}"
            heard += 1
        if number == count // 3:
            half.set()
    while heard < count:
        assert (await person.expect(within=60)).text == f"echo message {heard}"
        heard += 1
    assert person.unexpected == ()


class TestUpdates:
    @pytest.fixture
    def plugins(self, tmp_path: Path) -> dict[str, Any]:
        return {**install(tmp_path), "limits": {"instances": _LEASES}}

    @pytest.mark.parametrize("end", ["killed", "stopped"])
    async def test_standby_goes_on_where_the_first_ends(
        self, studio: Studio, first: BotHand, standby: Application, end: str
    ) -> None:
        people = [studio.person("Alex"), studio.person("Бо", "ru")]
        await first.start()
        await first.on_duty()
        await greet(*people)
        await standby.start()
        assert await readiness(standby) == (200, {"mode": "passive", "ready": True})
        under_way = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for person in people:
                group.create_task(talk(person, _WRITTEN, under_way))
            await under_way.wait()
            if end == "killed":
                first.kill()
                await first.ended()
            else:
                assert await first.stop() == 0
                assert await holder(studio) in (None, "second")
            await standby.on_duty()
        assert await readiness(standby) == (200, {"mode": "active", "ready": True})
        for person in people:
            answers = [message.text for message in person.messages() if not message.out]
            assert answers == ["echo hello", *(f"echo message {number}" for number in range(_WRITTEN))]

    async def test_killed_first_comes_back_as_standby(
        self, studio: Studio, first: BotHand, standby: Application
    ) -> None:
        alex = studio.person("Alex")
        await first.start()
        await first.on_duty()
        await greet(alex)
        await standby.start()
        first.kill()
        await first.ended()
        await alex.send("are you there")
        await standby.on_duty()
        assert (await alex.expect(within=60)).text == "echo are you there"
        await first.start()
        await alex.send("who is there")
        assert (await alex.expect(within=60)).text == "echo who is there"
        # Both run now, and one of them answers.
        await standby.stop()
        await first.on_duty()
        await alex.send("and now")
        assert (await alex.expect(within=60)).text == "echo and now"
        assert alex.unexpected == ()
        assert await first.stop() == 0


class TestGenerations:
    @pytest.fixture
    def plugins(self, plugins: dict[str, Any]) -> dict[str, Any]:
        plugins["providers"]["demo"]["seconds"] = 0.3
        return {**plugins, "limits": {"instances": _LEASES}}

    @pytest.mark.parametrize("state", ["running", "delivering"])
    async def test_standby_delivers_what_the_first_began(
        self, studio: Studio, first: BotHand, standby: Application, state: str
    ) -> None:
        await self._hand_over(studio, first, standby, state, kill=False)

    @pytest.mark.soak
    @pytest.mark.parametrize("state", ["held", "submitted", "running", "ready", "delivering"])
    async def test_standby_delivers_what_the_killed_one_began(
        self, studio: Studio, first: BotHand, standby: Application, state: str
    ) -> None:
        """In the soak for its length: the lease of a killed worker lives half a minute."""
        await self._hand_over(studio, first, standby, state, kill=True)

    async def _hand_over(
        self, studio: Studio, first: BotHand, standby: Application, state: str, *, kill: bool
    ) -> None:
        async with studio.database() as database:
            customer = Customer(studio.person("Alex"), first, database)
            await first.start()
            await first.on_duty()
            await customer.arrive()
            await standby.start()
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(
                    at(first, Moment(f"state {state}"), first.kill if kill else first.ask_to_stop)
                )
                making = group.create_task(customer.generate(Wish.RESULT))
                await watching
                await standby.on_duty()
                await making
            await studio.until(lambda: nothing_runs(database))
            await assert_sound(database)
            await assert_served(database, customer)
            [job] = await jobs_of(database, customer.person)
            # What is all but done, a stop may let the first finish.
            assert job.worker == "second" or (state in ("ready", "delivering") and not kill)
