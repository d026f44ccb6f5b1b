"""Answers a decision with something else."""

from starloom.api import Plugin, hookimpl


class AnswersNonsense(Plugin):
    name = "answers_nonsense"

    @hookimpl
    async def may_generate(self):
        return True
