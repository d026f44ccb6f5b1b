"""Answers a decision, and what it is asked to give, with something else."""

from starloom.api import Plugin, hookimpl


class AnswersNonsense(Plugin):
    name = "answers_nonsense"

    @hookimpl
    async def may_generate(self):
        return True

    @hookimpl
    async def result_keyboard(self, job):
        return ["Again"]
