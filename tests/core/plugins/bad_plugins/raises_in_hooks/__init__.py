"""Raises in its hooks, with what a person wrote."""

from starloom.api import Plugin, hookimpl


class RaisesInHooks(Plugin):
    name = "raises_in_hooks"

    @hookimpl
    async def person_arrived(self, user):
        raise RuntimeError(user.first_name)

    @hookimpl
    async def may_generate(self, prompt):
        raise RuntimeError(prompt)

    @hookimpl
    async def result_keyboard(self, job):
        raise RuntimeError("no buttons")
