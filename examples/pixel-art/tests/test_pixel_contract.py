"""The provider keeps to what every provider must keep to."""

import contextlib

import pytest_asyncio
import starloom_pixel_art

from starloom.testing import ManualClock, provider_context
from starloom.testing.provider_contract import ProviderBackend, ProviderContract


class Counted(starloom_pixel_art.PixelArtProvider):
    """Notes what it is asked to draw: there is no server that could."""

    def __init__(self, context, drawn):
        super().__init__(context)
        self.drawn = drawn

    async def submit(self, task):
        task_id = await super().submit(task)
        self.drawn.add(task_id)
        return task_id


class PixelBackend(ProviderBackend):
    """Nobody stands behind this provider: a task is ready as soon as it is ordered."""

    finds = False
    idempotent = True

    def __init__(self, directory):
        self.clock = ManualClock()
        self.directory = directory
        self.drawn = set()

    async def __aenter__(self):
        self.stack = contextlib.AsyncExitStack()
        return self

    async def __aexit__(self, *error):
        await self.stack.aclose()

    async def provider(self):
        config = starloom_pixel_art.Config()
        context = provider_context("pixel_art", config, clock=self.clock, directory=self.directory)
        return Counted(await self.stack.enter_async_context(context), self.drawn)

    @property
    def submissions(self):
        return len(self.drawn)

    async def script_finished(self, task_id):
        """It is."""


class TestPixelArt(ProviderContract):
    lacks = ("server", "statuses", "waiting")

    @pytest_asyncio.fixture
    async def backend(self, tmp_path):
        async with PixelBackend(tmp_path) as backend:
            yield backend
