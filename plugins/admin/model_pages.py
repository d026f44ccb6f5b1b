"""Models: on and off, prices and markups, pins, the free tier, and a look at providers' lists now."""

from __future__ import annotations

from plugins.admin.part import Part, operator_name, short_id, whole
from starloom.api import (
    AdminRole,
    Button,
    CallbackEvent,
    Event,
    Html,
    Keyboard,
    MessageEvent,
    Model,
    ModelCard,
    Screen,
    Translator,
    callback,
    panel_button,
    step,
)

_PRICE = "model-price"
_PAGE = 8
_SWITCHES = ("off", "pinned", "free")


class ModelSwitches(Part):
    """What operators decide of models."""

    async def models_page(self, event: Event) -> Screen:
        """The first of the models, and what waits."""
        return await self._models_screen(event.t, 0)

    @callback("models", role=AdminRole.ADMIN)
    async def show_models(self, event: CallbackEvent) -> None:
        """Show a page of the models."""
        page = event.arguments[0] if event.arguments else ""
        screen = await self._models_screen(event.t, int(page) if page.isdecimal() else 0)
        await self.show(event, Screen(screen.text, (*screen.keyboard, (panel_button(event.t),))))

    @callback("model", role=AdminRole.ADMIN)
    async def show_model(self, event: CallbackEvent) -> None:
        """Show one of them."""
        card = self._model_of(event)
        if card is None:
            await self.old_button(event)
        else:
            await self.leave(event)
            await self.show(event, self._model_card(event.t, card))

    @callback("model-set", role=AdminRole.ADMIN)
    async def switch_model(self, event: CallbackEvent) -> None:
        """Switch it off or on, pin it, make it free; of two operators the first does."""
        card = self._model_of(event)
        if card is None or len(event.arguments) != 3 or event.arguments[2] not in _SWITCHES:
            await self.old_button(event)
            return
        _, seen, what = event.arguments
        now = card.free if what == "free" else getattr(card.policy, what)
        await self._decide_model(event, card, {what: not now}, int(seen))

    @callback("model-price", role=AdminRole.ADMIN)
    async def ask_price(self, event: CallbackEvent) -> None:
        """Ask for a price in Stars or a markup."""
        card = self._model_of(event)
        if card is None or len(event.arguments) != 2:
            await self.old_button(event)
            return
        await event.begin(_PRICE, {"model": card.model.id, "seen": int(event.arguments[1])})
        await event.answer()
        await event.say("admin-model-price-ask")

    @step(_PRICE, role=AdminRole.ADMIN)
    async def take_price(self, event: MessageEvent) -> None:
        """Take `12` Stars, a markup `x2.5`, or `-` for the price as it would be."""
        data = event.dialogue.data if event.dialogue is not None else {}
        card = self.context.panel.models.card(str(data["model"]))
        words = event.message.text.strip().lower().replace(",", ".")
        changes: dict[str, object] = {"stars": 0, "markup": ""}
        if words[:1] in ("x", "х", "×"):
            changes["markup"] = words[1:].strip()
        elif words != "-":
            changes["stars"] = whole(words) or -1
        if card is None:
            await event.say("admin-old-button")
            return
        await self._decide_model(event, card, changes, int(data["seen"]))
        await event.leave()

    @callback("models-sync", role=AdminRole.ADMIN)
    async def synchronise(self, event: CallbackEvent) -> None:
        """Look at providers' lists now, and say what came of it when it is done."""
        await event.answer(event.t("admin-models-syncing"), alert=True)
        self.context.spawn(self._synchronise(event))

    async def _synchronise(self, event: CallbackEvent) -> None:
        t = event.t
        found = await self.context.panel.models.synchronise(by=event.user.id)
        lines = [
            t(
                "admin-models-synced",
                provider=each.provider,
                looked=each.looked_at,
                changed=each.changed,
                fresh=each.fresh,
                failed="yes" if each.failed else "no",
            )
            for each in found
        ]
        text = Html("\n".join(lines)) if lines else t("admin-models-no-lists")
        await self.context.outbox.send(event.chat.id, text, key=f"synced:{event.key}")

    async def _decide_model(
        self, event: Event, card: ModelCard, changes: dict[str, object], seen: int
    ) -> None:
        claim = await self.context.panel.models.decide(card.model.id, changes, seen=seen, by=event.user.id)
        if not claim.first:
            await self.tell(event, "admin-model-second", who=operator_name(event.t, claim.by, event.user.id))
        again = self.context.panel.models.card(card.model.id)
        if again is not None:
            await self.show(event, self._model_card(event.t, again))

    def _model_of(self, event: CallbackEvent) -> ModelCard | None:
        token = event.arguments[0] if event.arguments else ""
        models = self.context.panel.models
        found = next((model for model in models.all() if short_id(model.id) == token), None)
        return models.card(found.id) if found is not None else None

    async def _models_screen(self, t: Translator, page: int) -> Screen:
        models = self.context.panel.models.all()
        last = max(0, (len(models) - 1) // _PAGE)
        page = min(page, last)
        shown = models[page * _PAGE : (page + 1) * _PAGE]
        waiting = len(await self.context.model_changes.waiting())
        rows: list[tuple[Button, ...]] = [(self._model_button(t, model),) for model in shown]
        turns = []
        if page:
            turns.append(Button(t.plain("admin-newer"), "models", (str(page - 1),)))
        if page < last:
            turns.append(Button(t.plain("admin-older"), "models", (str(page + 1),)))
        if turns:
            rows.append(tuple(turns))
        rows.append((Button(t.plain("admin-models-sync"), "models-sync"),))
        rows.append((Button(t.plain("admin-models-waiting", count=waiting), "changes"),))
        return Screen(t("admin-models", count=len(models), page=page + 1, pages=last + 1), tuple(rows))

    def _model_button(self, t: Translator, model: Model) -> Button:
        card = self.context.panel.models.card(model.id)
        policy = card.policy if card is not None else None
        label = t.plain(
            "admin-model-open",
            title=self.context.generations.title(model.id, t.language),
            off="yes" if policy is not None and policy.off else "no",
            pinned="yes" if policy is not None and policy.pinned else "no",
            stars=card.stars if card is not None and card.stars is not None else "none",
        )
        return Button(label[:40], "model", (short_id(model.id),))

    def _model_card(self, t: Translator, card: ModelCard) -> Screen:
        model, policy = card.model, card.policy
        text = t(
            "admin-model",
            title=self.context.generations.title(model.id, t.language),
            id=model.id,
            provider=model.provider,
            stars="none" if card.stars is None else card.stars,
            own="stars" if policy.stars else "markup" if policy.markup else "none",
            markup=policy.markup or "-",
            off="yes" if policy.off else "no",
            pinned="yes" if policy.pinned else "no",
            free="yes" if card.free else "no",
            reason="none" if policy.off or not card.reason else card.reason,
        )
        token, seen = short_id(model.id), str(policy.serial)

        def switch(what: str, *, on: bool) -> Button:
            word = f"admin-model-{what}-{'undo' if on else 'do'}"
            return Button(t.plain(word), "model-set", (token, seen, what))

        price = Button(t.plain("admin-model-price"), "model-price", (token, seen))
        keyboard: Keyboard = (
            (switch("off", on=policy.off), price),
            (switch("pinned", on=policy.pinned), switch("free", on=card.free)),
            (Button(t.plain("admin-model-all"), "models", ("0",)), panel_button(t)),
        )
        return Screen(text, keyboard)
