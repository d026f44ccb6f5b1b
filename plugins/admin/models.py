"""/models_changes: what providers changed about their prices, and what an operator says to it."""

from __future__ import annotations

from plugins.admin.part import Part, short_id
from starloom.api import (
    AdminRole,
    Button,
    CallbackEvent,
    Html,
    MessageEvent,
    ModelState,
    Screen,
    Translator,
    callback,
    command,
    price_words,
)

_AT_ONCE = 8
"""Changes on one screen."""
_APPROVE, _KEEP = "approve", "keep"
_TEXT = 300
"""Characters of a provider's words."""


class Models(Part):
    """Changes of prices that wait."""

    @command("models_changes", description="admin-models-command", role=AdminRole.ADMIN, private=True)
    async def show_changes(self, event: MessageEvent) -> None:
        """Show what waits, with its buttons."""
        await self.show(event, await self._changes(event.t))

    @callback("changes", role=AdminRole.ADMIN)
    async def show_changes_pressed(self, event: CallbackEvent) -> None:
        """The same, from the page about models."""
        await self.show(event, await self._changes(event.t))

    @callback("price", role=AdminRole.ADMIN)
    async def decide_price(self, event: CallbackEvent) -> None:
        """Ask the new price, or go on with the old one. Of two operators the first counts."""
        if len(event.arguments) != 3 or event.arguments[2] not in (_APPROVE, _KEEP):
            await self.old_button(event)
            return
        token, mark, word = event.arguments
        changes = self.context.model_changes
        waiting = await changes.waiting()
        model_id = next((state.id for state in waiting if short_id(state.id) == token), "")
        decide = changes.approve if word == _APPROVE else changes.keep
        decided = await decide(model_id, mark, by=event.user.id)
        if decided.first:
            about = {"model": model_id}
            await self.record(event, "models.price", about | {"mark": mark}, about | {"word": word})
        if not decided.first:
            said = "admin-change-too-late"
        elif word == _APPROVE:
            said = "admin-change-approved"
        else:
            said = "admin-change-kept"
        await self.tell(event, said)
        await self.show(event, await self._changes(event.t))

    async def _changes(self, t: Translator) -> Screen:
        waiting = await self.context.model_changes.waiting()
        if not waiting:
            return Screen(t("admin-models-none"))
        shown = waiting[:_AT_ONCE]
        lines = [t("admin-models-changes", count=len(waiting), shown=len(shown))]
        lines += [self._change_line(t, number, state) for number, state in enumerate(shown, start=1)]
        keyboard = tuple(_buttons(t, number, state) for number, state in enumerate(shown, start=1))
        return Screen(Html("\n\n".join(lines)), keyboard)

    def _change_line(self, t: Translator, number: int, state: ModelState) -> Html:
        old, new = price_words(state)
        title = self.context.model_changes.title(state.id, t.language)
        about = {"number": number, "model": title, "id": state.id}
        if not state.offered:
            return t("admin-change-unreadable", text=state.text[:_TEXT], **about)
        if state.off:
            return t("admin-change-mixed", old=old, new=new, **about)
        return t("admin-change-fallen", old=old, new=new, **about)


def _buttons(t: Translator, number: int, state: ModelState) -> tuple[Button, ...]:
    token = short_id(state.id)
    keep = Button(t.plain("admin-change-keep", number=number), "price", (token, state.mark, _KEEP))
    if not state.offered:
        return (keep,)
    approve = Button(t.plain("admin-change-approve", number=number), "price", (token, state.mark, _APPROVE))
    return (approve, keep)
