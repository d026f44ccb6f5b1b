"""Makes something else of prompts."""

from starloom.api import Plugin, hookimpl


class Rewrites(Plugin):
    name = "rewrites_again"

    @hookimpl
    async def rewrite_prompt(self, prompt):
        return f"{prompt}, framed"
