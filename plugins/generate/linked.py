"""Links that lead to a model: `t.me/yourbot?start=model_ID`, with `-` for what cannot stand in a link."""

from __future__ import annotations

from plugins.generate.choosing import Choosing
from plugins.generate.said import Said
from plugins.generate.screen import models_button, shortened
from starloom.api import Button, MessageEvent, UserFacingError, on_start

_PREFIX = "model_"
_LABEL = 40


class Linked(Choosing):
    """Goes on with the model that a link names."""

    @on_start(_PREFIX, instead=True)
    async def open_model(self, event: MessageEvent) -> None:
        """Begin an order of the model; for one that is no more, offer what may be meant."""
        name = event.argument.removeprefix(_PREFIX)
        try:
            model = self.generations.model(name)
        except UserFacingError:
            await self._offer_instead(event, name)
            return
        await self.take_up(event, model, Said())

    async def _offer_instead(self, event: MessageEvent, name: str) -> None:
        meant = self.generations.suggestions(name)
        rows = [
            (
                Button(
                    shortened(model.title_in(event.t.language), _LABEL),
                    "model",
                    (self.generations.token(model.id),),
                ),
            )
            for model in meant
        ]
        text = event.t("generate-link-gone", found=len(meant))
        await event.reply(text, keyboard=(*rows, (models_button(event.t),)))
