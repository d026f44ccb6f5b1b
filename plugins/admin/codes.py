"""/promos: the promo codes there are, a new one in one line or step by step, and the end of one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from plugins.admin.part import Part, moment, operator_name, whole
from starloom.api import (
    AdminRole,
    Button,
    CallbackEvent,
    Event,
    Html,
    MessageEvent,
    PromoCode,
    PromoState,
    Screen,
    Translator,
    UserFacingError,
    callback,
    command,
    step,
)

_STARS, _USES, _UNTIL, _NAME = "code-stars", "code-uses", "code-until", "code-name"
_PAGE = 8
_NEW, _END = "new", "end"
_DAYS = re.compile(r"(\d{1,4})\s*(?:[dд]|days?|дн\w*)?", re.IGNORECASE)
_DATE = re.compile(r"(2\d{3})-(\d{2})-(\d{2})")
_NONE = "-"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new code is to be."""

    stars: int
    uses: int
    until: datetime | None
    name: str


class Codes(Part):
    """Promo codes."""

    @command("promos", description="admin-promos-command", role=AdminRole.ADMIN, private=True)
    async def show_codes(self, event: MessageEvent) -> None:
        """List the codes; `new …` makes one, `end CODE` ends one."""
        words = event.argument.split()
        if not words:
            await self.leave(event)
            await self.show(event, await self._list(event.t, 0))
        elif words[0].lower() == _NEW:
            await self._new(event, words[1:])
        elif words[0].lower() == _END and len(words) == 2:
            await self._end(event, words[1])
        else:
            await event.say("admin-promos-usage")

    @callback("promos", role=AdminRole.ADMIN)
    async def show_page(self, event: CallbackEvent) -> None:
        """List a page of them."""
        page = event.arguments[0] if event.arguments else ""
        await self.show(event, await self._list(event.t, int(page) if page.isdecimal() else 0))

    @callback("promo-new", role=AdminRole.ADMIN)
    async def begin(self, event: CallbackEvent) -> None:
        """Ask for the first thing that a new code needs."""
        await event.answer()
        await self._ask(event, _STARS, {})

    @callback("promo", role=AdminRole.ADMIN)
    async def show_code(self, event: CallbackEvent) -> None:
        """Show one code, with the way to end it."""
        code = await self.context.billing.promo.get(event.arguments[0]) if event.arguments else None
        if code is None:
            await self.old_button(event)
        else:
            await self.show(event, self._code_card(event, code))

    @callback("promo-end", role=AdminRole.ADMIN)
    async def end_pressed(self, event: CallbackEvent) -> None:
        """End a code."""
        if event.arguments:
            await self._end(event, event.arguments[0])
        else:
            await self.old_button(event)

    @step(_STARS, role=AdminRole.ADMIN)
    async def take_stars(self, event: MessageEvent) -> None:
        """Take how many Stars it gives."""
        await self._take_number(event, "stars", _USES)

    @step(_USES, role=AdminRole.ADMIN)
    async def take_uses(self, event: MessageEvent) -> None:
        """Take for how many people it is."""
        await self._take_number(event, "uses", _UNTIL)

    @step(_UNTIL, role=AdminRole.ADMIN)
    async def take_until(self, event: MessageEvent) -> None:
        """Take how long it is good for."""
        try:
            until = end_of(event.message.text, self.context.clock.now())
        except ValueError:
            await self._ask(event, _UNTIL, _said(event))
            return
        await self._ask(event, _NAME, {**_said(event), "until": until.isoformat() if until else ""})

    @step(_NAME, role=AdminRole.ADMIN)
    async def take_name(self, event: MessageEvent) -> None:
        """Take its own name, and make it."""
        await self._make(event, event.message.text.strip())

    @callback("promo-skip", role=AdminRole.ADMIN)
    async def skip(self, event: CallbackEvent) -> None:
        """Go on without an end, or without a name of its own."""
        step_now = event.dialogue.step if event.dialogue is not None else ""
        if not event.arguments or step_now != event.arguments[0]:
            await self.old_button(event)
        elif step_now == _UNTIL:
            await event.answer()
            await self._ask(event, _NAME, {**_said(event), "until": ""})
        else:
            await event.answer()
            await self._make(event, "")

    @callback("promo-drop", role=AdminRole.ADMIN)
    async def drop(self, event: CallbackEvent) -> None:
        """Make none."""
        await self.leave(event)
        await event.edit(event.t("admin-nothing-done"))

    async def _take_number(self, event: MessageEvent, what: str, next_step: str) -> None:
        number = whole(event.message.text)
        if number is None or number < 1:
            await event.say("admin-promo-number")
            return
        await self._ask(event, next_step, {**_said(event), what: number})

    async def _ask(self, event: Event, wanted: str, said: Mapping[str, Any]) -> None:
        t = event.t
        await event.begin(wanted, said)
        row = [Button(t.plain("admin-no"), "promo-drop")]
        if wanted in (_UNTIL, _NAME):
            row.insert(0, Button(t.plain(f"admin-skip-{wanted}"), "promo-skip", (wanted,)))
        await event.reply(t(f"admin-ask-{wanted}"), keyboard=tuple((button,) for button in row))

    async def _make(self, event: Event, name: str) -> None:
        said = _said(event)
        until = datetime.fromisoformat(said["until"]) if said.get("until") else None
        wish = Wish(int(said["stars"]), int(said["uses"]), until, name)
        try:
            await self._create(event, wish)
        except UserFacingError as error:
            if error.key in ("promo-bad-name", "promo-name-taken"):
                raise
            await event.leave()
            raise
        await event.leave()

    async def _new(self, event: MessageEvent, words: Sequence[str]) -> None:
        """Make a code of one line, or ask step by step."""
        if not words:
            await self._ask(event, _STARS, {})
            return
        try:
            wish = self._wish(words)
        except ValueError:
            await event.say("admin-promos-usage")
            return
        await self._create(event, wish)

    async def _create(self, event: Event, wish: Wish) -> None:
        code = await self.context.billing.promo.create(
            wish.stars,
            wish.uses,
            by=event.user.id,
            request=event.key,
            name=wish.name,
            until=wish.until,
        )
        made = {"code": code.code, "stars": code.stars, "uses": code.uses}
        await self.record(event, "money.code", None, made)
        screen = self._code_card(event, code)
        text = Html(f"{event.t('admin-promo-made')}\n\n{screen.text}")
        await event.reply(text, keyboard=screen.keyboard)

    async def _end(self, event: Event, name: str) -> None:
        code, first = await self.context.billing.promo.end(name, by=event.user.id)
        if first:
            await self.record(event, "money.code-end", {"code": name, "left": code.left}, {"code": name})
        else:
            who = operator_name(event.t, code.ended_by, event.user.id)
            await self.tell(event, "admin-promo-ended-before", who=who)
        await self.show(event, self._code_card(event, code))

    async def _list(self, t: Translator, page: int) -> Screen:
        codes = await self.context.billing.promo.codes()
        new = Button(t.plain("admin-promo-new"), "promo-new")
        if not codes:
            return Screen(t("admin-promos-none"), ((new,),))
        page = min(page, (len(codes) - 1) // _PAGE)
        shown = codes[page * _PAGE : (page + 1) * _PAGE]
        rows: list[tuple[Button, ...]] = [(self._code_button(t, code),) for code in shown]
        turns = []
        if page > 0:
            turns.append(Button(t.plain("admin-newer"), "promos", (str(page - 1),)))
        if (page + 1) * _PAGE < len(codes):
            turns.append(Button(t.plain("admin-older"), "promos", (str(page + 1),)))
        if turns:
            rows.append(tuple(turns))
        lines = Html("\n".join(self._line(t, code) for code in shown))
        return Screen(t("admin-promos", count=len(codes), lines=lines), (*rows, (new,)))

    def _line(self, t: Translator, code: PromoCode) -> Html:
        return t(
            "admin-promo-line",
            code=code.code,
            stars=code.stars,
            left=code.left,
            uses=code.uses,
            state=self._state(t, code),
        )

    def _code_button(self, t: Translator, code: PromoCode) -> Button:
        return Button(t.plain("admin-promo-open", code=code.code), "promo", (code.code,))

    def _code_card(self, event: Event, code: PromoCode) -> Screen:
        t = event.t
        text = t(
            "admin-promo",
            code=code.code,
            stars=code.stars,
            uses=code.uses,
            used=code.used,
            left=code.left,
            until=moment(code.until) or "none",
            state=self._state(t, code),
            who=operator_name(t, code.created_by, event.user.id),
        )
        back = (Button(t.plain("admin-promo-all"), "promos", ("0",)),)
        if self.context.billing.promo.state(code) is PromoState.ENDED:
            return Screen(text, (back,))
        return Screen(text, ((Button(t.plain("admin-promo-end"), "promo-end", (code.code,)),), back))

    def _state(self, t: Translator, code: PromoCode) -> Html:
        return t(f"admin-promo-{self.context.billing.promo.state(code).value}")

    def _wish(self, words: Sequence[str]) -> Wish:
        """STARS USES [30d or 2030-12-31] [NAME].

        Raises:
            ValueError: it is not written so.

        """
        stars, uses = (whole(word) for word in (*words[:2], "", "")[:2])
        if stars is None or uses is None or len(words) > 4:
            raise ValueError
        rest = list(words[2:])
        until = None
        if rest:
            try:
                until = end_of(rest[0], self.context.clock.now())
                rest.pop(0)
            except ValueError:
                if len(rest) > 1:
                    raise
        return Wish(stars, uses, until, rest[0] if rest else "")


def end_of(text: str, now: datetime) -> datetime | None:
    """The moment that `30d`, `30` or `2030-12-31` (to its end, in UTC) means; None for `-`.

    Raises:
        ValueError: it means none.

    """
    written = text.strip()
    if written == _NONE:
        return None
    days, date = _DAYS.fullmatch(written), _DATE.fullmatch(written)
    if days is not None:
        return now + timedelta(days=int(days[1]))
    if date is None:
        raise ValueError(written)
    year, month, day = (int(part) for part in date.groups())
    return datetime(year, month, day, tzinfo=UTC) + timedelta(days=1)


def _said(event: Event) -> Mapping[str, Any]:
    return event.dialogue.data if event.dialogue is not None else {}
