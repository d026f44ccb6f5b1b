"""Never comes back from its hooks."""

import asyncio

from starloom.api import Plugin, hookimpl


class HangsInHooks(Plugin):
    name = "hangs_in_hooks"

    @hookimpl
    async def person_arrived(self, user):
        await asyncio.Event().wait()

    @hookimpl
    async def may_generate(self):
        await asyncio.Event().wait()

    @hookimpl
    async def result_keyboard(self, job):
        await asyncio.Event().wait()
