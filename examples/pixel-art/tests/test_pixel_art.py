"""The creatures: what people order arrives, and the provider keeps to what every provider must keep to."""

import pytest_asyncio
import starloom_pixel_art

from starloom.testing import ManualClock, provider_context
from starloom.testing.provider_contract import ProviderBackend, ProviderContract


async def test_people_get_their_creature(people, provider, ledger):
    alice = await people("Alice", "ru")
    before = (await ledger.balance(alice.id)).available
    await provider.order(alice, "рыжая лиса", model="Пиксельный зверёк")
    message = await provider.result(alice)
    assert (await alice.download(message)).startswith(b"\x89PNG")
    await provider.settled(alice)
    assert (await ledger.balance(alice.id)).available < before


def test_the_same_words_make_the_same_creature():
    first, second = (starloom_pixel_art.picture(bytes(range(start, 32 + start)), 8) for start in (0, 1))
    assert first == starloom_pixel_art.picture(bytes(range(32)), 8)
    assert first != second


class PixelBackend(ProviderBackend):
    """There is no other side: what is ordered is ready."""

    finds = False
    idempotent = True

    def __init__(self, directory):
        self.clock = ManualClock()
        self.directory = directory
        self.taken = set()

    @property
    def submissions(self):
        return len(self.taken)

    async def provider(self):
        context = provider_context(
            "pixel_art", starloom_pixel_art.Config(), clock=self.clock, directory=self.directory
        )
        async with context as given:
            provider = starloom_pixel_art.create(given)
        submit = provider.submit

        async def noted(task):
            task_id = await submit(task)
            self.taken.add(task_id)
            return task_id

        provider.submit = noted
        return provider

    async def script_finished(self, task_id):
        """It is."""


class TestPixelArt(ProviderContract):
    @pytest_asyncio.fixture
    async def backend(self, tmp_path):
        yield PixelBackend(tmp_path)
