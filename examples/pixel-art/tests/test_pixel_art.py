"""The creatures: what people order arrives, and nothing else is handed out."""

import pytest
import starloom_pixel_art

from starloom.api import Failed, FailureReason, ProviderError, Result
from starloom.testing import provider_context


async def test_people_get_their_creature(people, provider, ledger):
    alice = await people("Alice", "ru")
    await provider.order(alice, "рыжая лиса", model="pixel-creature")
    message = await provider.result(alice)
    assert message.media.kind == "photo"
    await provider.settled(alice)
    assert (await ledger.balance(alice.id)).held == 0


async def test_its_option_is_called_in_the_language_of_who_reads(people):
    boris = await people("Борис", "ru")
    await boris.send("рыжая лиса")
    await boris.press("Пиксельный зверёк", await boris.expect(kind="new"))
    await boris.expect("Настроение: спокойное", kind="edit")


def test_the_same_words_make_the_same_creature():
    first, second = (starloom_pixel_art.picture(bytes(range(start, 32 + start)), 8) for start in (0, 1))
    assert first == starloom_pixel_art.picture(bytes(range(32)), 8)
    assert first != second


async def test_what_is_not_its_own_is_neither_ready_nor_opened(tmp_path, clock):
    context = provider_context("pixel_art", starloom_pixel_art.Config(), clock=clock, directory=tmp_path)
    async with context as given:
        pixels = starloom_pixel_art.create(given)
        assert await pixels.poll("somebody else's") == Failed(FailureReason.EXPIRED, "no such creature")
        with pytest.raises(ProviderError):
            await anext(pixels.open(Result("file:///etc/passwd")))
