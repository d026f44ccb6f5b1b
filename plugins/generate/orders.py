"""The last orders of a person, for a day: what the buttons below a result begin from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plugins.generate.said import Said
from starloom.api import Dialogue, PluginContext

_STEP = "order"


class LastOrders:
    """What was ordered, by the job that it became: words, options, and the files as Telegram has them.

    It is more than the job keeps, whose prompt and files are erased when it ends.
    """

    def __init__(self, context: PluginContext[Any]) -> None:
        self._context = context

    async def keep(self, user_id: int, said: Said) -> None:
        """Remember what is ordered under `said.draft`."""
        job_id = self._context.generations.job_id(user_id, said.draft)
        order = Said(
            model=said.model,
            prompt=said.prompt,
            preset=said.preset,
            options=said.options,
            source=said.source,
            offered=said.sources,
        )
        await self._context.notes.keep(user_id, job_id, order.kept())

    async def read(self, user_id: int, job_id: str) -> Said | None:
        """What became this job of theirs, or None where that is forgotten."""
        kept = await self._context.notes.read(user_id, job_id)
        return None if kept is None else replace(Said.of(Dialogue(self._context.name, _STEP, kept)), draft="")
