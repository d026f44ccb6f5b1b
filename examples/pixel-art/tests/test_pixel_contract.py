"""The provider keeps to what every provider must keep to."""

import contextlib

import pytest_asyncio
import starloom_pixel_art

from starloom.testing import ManualClock, provider_context
from starloom.testing.provider_contract import ProviderBackend, ProviderContract


class Counted(starloom_pixel_art.PixelArtProvider):
    """Counts what it is asked to draw: there is no server that could."""

    submissions = 0

    async def submit(self, task):
        self.submissions += 1
        return await super().submit(task)


class PixelBackend(ProviderBackend):
    """Nobody stands behind this provider: a task is ready as soon as it is ordered."""

    finds = False
    idempotent = True

    def __init__(self, directory):
        self.clock = ManualClock()
        self.directory = directory
        self.made = []

    async def __aenter__(self):
        self.stack = contextlib.AsyncExitStack()
        return self

    async def __aexit__(self, *error):
        await self.stack.aclose()

    async def provider(self):
        config = starloom_pixel_art.Config()
        context = provider_context("pixel_art", config, clock=self.clock, directory=self.directory)
        self.made.append(Counted(await self.stack.enter_async_context(context)))
        return self.made[-1]

    @property
    def submissions(self):
        return sum(each.submissions for each in self.made)

    async def script_finished(self, task_id):
        """It is."""


class TestPixelArt(ProviderContract):
    lacks = ("server", "statuses")

    @pytest_asyncio.fixture
    async def backend(self, tmp_path):
        async with PixelBackend(tmp_path) as backend:
            yield backend
