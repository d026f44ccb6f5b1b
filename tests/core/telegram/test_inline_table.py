"""Several plugins answer one inline query: one list, in their order, whatever one of them does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest
from support.plugin_house import ALICE, Build, House, StoredInMemory

from core.errors import FileReferenceExpired
from core.i18n import Translator
from core.limits import UpdateLimits
from core.telegram.answers import UpdateAnswers
from core.telegram.inline import INLINE_SECONDS, InlineDesk
from core.telegram.inline_table import joined_offset, split_offset
from core.telegram.parse import IncomingInline
from core.telegram.types import InlineAnswer, InlineButton, InlineFile, Profile
from core.users import User
from sandbox.clock import ManualClock

SOURCE = """
import asyncio

from starloom.api import FileReferenceExpired, InlineButton, InlineFile, InlineText, Plugin, on_inline


class Answering(Plugin):
    name = "NAME"

    @on_inline
    async def offer(self, event):
        CODE
"""
TEXTS = 'await event.answer([InlineText(str(n), f"NAME {n}", "text") for n in range(40)])'
BUTTON = """await event.answer([InlineText("1", "NAME", "text")], button=InlineButton("NAME", "more"))"""
FILES = """try:
            await event.answer([InlineFile("1", "old", "NAME")])
        except FileReferenceExpired:
            await event.answer([InlineFile("1", "new", "NAME")])"""
STUBBORN = 'await event.answer([InlineFile("1", "old", "NAME")])'
PAGES = """begin = int(event.offset or 0)
        await event.answer([InlineText("1", f"NAME {begin}", "text")], next_offset=str(begin + 1))"""


class Telegram:
    """Takes answers, but none with a file that is old."""

    def __init__(self) -> None:
        self.answers: list[InlineAnswer] = []

    async def answer_inline(self, _query: int, answer: InlineAnswer) -> None:
        if any(isinstance(each, InlineFile) and cast(Any, each.media) == "old" for each in answer.results):
            raise FileReferenceExpired(400, "FILE_REFERENCE_EXPIRED")
        self.answers.append(answer)


class Desk:
    """Plugins with some code each in `@on_inline`, and what is answered to one query."""

    def __init__(self, build: Build, clock: ManualClock, directory: Path) -> None:
        self._build = build
        self._clock = clock
        self._directory = directory
        self.telegram = Telegram()

    async def answer(self, *codes: str, offset: str = "", hurry: bool = False) -> InlineAnswer:
        """What people see where the plugins `p0`, `p1` … have these codes; with `hurry` time passes."""
        house = self._build({f"p{place}": self._written(place, code) for place, code in enumerate(codes)})
        await house.manager.start()
        people = _People(house)
        desk = InlineDesk(
            routes=house.routes,
            plugins=house.manager,
            people=cast(Any, people),
            known=people,
            answers=self._answers,
            limits=UpdateLimits(),
            maintenance=lambda: False,
            clock=self._clock,
        )
        query = IncomingInline("key", 7, Profile(ALICE.id, "Alice"), "words", offset)
        asking = asyncio.create_task(desk(query))
        if hurry:
            await self._clock.until_asleep()
            await self._clock.advance(INLINE_SECONDS * 0.5)
            await self._clock.until_asleep()
            assert self.telegram.answers
            await self._clock.advance(INLINE_SECONDS)
        await asking
        (answer,) = self.telegram.answers
        self.telegram.answers.clear()
        return answer

    def _written(self, place: int, code: str) -> dict[str, Any]:
        folder = self._directory / f"p{place}"
        folder.mkdir()
        source = SOURCE.replace("CODE", code).replace("NAME", folder.name)
        (folder / "__init__.py").write_text(source, encoding="utf-8")
        return {"module": str(folder)}

    def _answers(self, key: str, chat: int, user: int, query: int) -> UpdateAnswers:
        outbox, unused = cast(Any, self.telegram), cast(Any, None)
        return UpdateAnswers(outbox, unused, unused, key=key, chat_id=chat, user_id=user, query_id=query)


class _People:
    def __init__(self, house: House) -> None:
        self._house = house

    async def get(self, user_id: int) -> User | None:
        return ALICE

    def role(self, user_id: int) -> None:
        return None

    def translator(self, user: User | None) -> Translator:
        return self._house.i18n.translator("en")


@pytest.fixture
async def desk(clock: ManualClock, tmp_path: Path) -> AsyncIterator[Desk]:
    houses: list[House] = []

    def build(plugins: dict[str, Any]) -> House:
        houses.append(House(plugins, clock, StoredInMemory(), handler_seconds=60))
        return houses[-1]

    yield Desk(build, clock, tmp_path)
    for house in houses:
        await house.manager.stop()


def titles(answer: InlineAnswer) -> list[str]:
    return [cast(Any, result).title for result in answer.results]


async def test_what_several_plugins_have_is_one_list_in_their_order(desk: Desk) -> None:
    answer = await desk.answer(
        "await asyncio.sleep(0)\n        " + TEXTS, "raise RuntimeError", TEXTS, "pass"
    )
    assert titles(answer) == [f"p0 {n}" for n in range(40)] + [f"p2 {n}" for n in range(10)]
    assert len({result.id for result in answer.results}) == 50


async def test_who_is_slow_is_not_waited_for(desk: Desk) -> None:
    assert titles(await desk.answer("await asyncio.Event().wait()", BUTTON, hurry=True)) == ["p1"]


async def test_files_that_are_old_are_given_anew_and_the_texts_beside_them_stay(desk: Desk) -> None:
    answer = await desk.answer(BUTTON, FILES, STUBBORN)
    assert titles(answer) == ["p0", "p1"]
    assert cast(Any, answer.results[1]).media == "new"
    assert answer.button == InlineButton("p0", "more")


async def test_a_list_goes_on_with_those_who_have_more(desk: Desk) -> None:
    first = await desk.answer(PAGES, BUTTON)
    assert (titles(first), first.next_offset) == (["p0 0", "p1"], "p0=1")


async def test_the_next_page_is_asked_of_those_alone(desk: Desk) -> None:
    assert titles(await desk.answer(PAGES, BUTTON, offset="p0=1")) == ["p0 1"]


async def test_one_plugin_keeps_its_own_offset_also_where_another_has_gone(desk: Desk) -> None:
    answer = await desk.answer(PAGES, offset="p0=1")
    assert (titles(answer), answer.next_offset) == (["p0 1"], "2")


def test_what_does_not_fit_into_an_offset_ends() -> None:
    assert joined_offset({"a": "7", "b": "", "c": "x" * 60, "d": "8"}) == "a=7\nd=8"
    assert split_offset("a=7\nd=8=9") == {"a": "7", "d": "8=9"}
    assert split_offset("7") == split_offset("") == {}
