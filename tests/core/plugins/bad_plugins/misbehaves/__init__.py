"""Does everything wrong in its handlers that can be done wrong."""

import asyncio
import contextlib

from starloom.api import InsufficientStars, Plugin, PluginConfig, command


class MisbehavesConfig(PluginConfig):
    patience: int = 1


class Misbehaves(Plugin[MisbehavesConfig]):
    name = "misbehaves"
    Config = MisbehavesConfig

    @command("raise")
    async def raises(self, event):
        raise RuntimeError(event.message.text)

    @command("exit")
    async def exits(self, event):
        raise SystemExit(1)

    @command("hang")
    async def hangs(self, event):
        await asyncio.Event().wait()

    @command("stubborn")
    async def is_stubborn(self, event):
        released = event.message.text
        while not RELEASE[released].is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await RELEASE[released].wait()

    @command("short")
    async def is_short_of_stars(self, event):
        raise InsufficientStars(needed=5, available=2)

    @command("task")
    async def spawns_a_failure(self, event):
        self.context.spawn(self.fail())

    async def fail(self):
        raise RuntimeError("in a task")

    async def stop(self):
        raise RuntimeError("in stop")


RELEASE: dict[str, asyncio.Event] = {}
