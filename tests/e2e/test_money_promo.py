"""Promo codes and invitations on the whole bot, from the operator's line to the friend's refund."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from unittest.mock import patch

import pytest
from support.money_talk import balance, buy, refund_ended
from support.studio_talk import arrive, ask, caught_up, said, write_plugin

from core.billing.ledger import Balance
from core.storage.refunds import Shortage
from sandbox.people.person import Person
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]

RICH = 1000
BONUS = 50
NOBODY_WELCOMED = {"WELCOME_BALANCE_RUB": "0"}


@pytest.fixture
async def studio(start_studio: StartStudio, plugins: dict[str, Any]) -> Studio:
    """A bot that pays for friends, with two operators who have pressed Start."""
    plugins["billing"] = {"referral_bonus": BONUS}
    studio = await start_studio(plugins=plugins, settings=NOBODY_WELCOMED, admins=2)
    for admin in operators(studio):
        await admin.start()
        await admin.expect(kind="new")
    return studio


def operators(studio: Studio) -> tuple[Person, Person]:
    return studio.sandbox.person("Admin 1"), studio.sandbox.person("Admin 2")


async def redeem(person: Person, code: str) -> str:
    return (await ask(person, f"/promo {code}")).text


@pytest.mark.parametrize(
    ("language", "came", "before", "gone"),
    [
        ("en", "100", "You have used this code before", "has been used as often"),
        ("ru", "100", "Этот код вы уже вводили", "столько раз, сколько было можно"),
    ],
)
async def test_a_code_from_one_line_to_the_last_use(
    studio: Studio, language: str, came: str, before: str, gone: str
) -> None:
    admin, _ = operators(studio)
    made = await ask(admin, "/promos new 100 2 30d Весна")
    assert "ВЕСНА" in made.text
    people = [await arrive(studio, f"Person {number}", language) for number in range(3)]
    assert came in await redeem(people[0], " весна ")
    assert before in await redeem(people[0], "ВЕСНА")
    assert came in await redeem(people[1], "Весна")
    assert gone in await redeem(people[2], "весна")
    for person, stars in zip(people, (100, 100, 0), strict=True):
        assert await balance(studio, person) == Balance(stars, 0)
    listed = await ask(admin, "/promos")
    assert "ВЕСНА · 100 ⭐ · 0 of 2 left · used up" in listed.text


@pytest.mark.parametrize(("crowd", "uses"), [(15, 5), pytest.param(50, 10, marks=pytest.mark.soak)])
async def test_more_people_than_uses_and_three_taps_each_at_once(
    studio: Studio, crowd: int, uses: int
) -> None:
    admin, _ = operators(studio)
    await ask(admin, f"/promos new 7 {uses} - MANY")
    people = [await arrive(studio, f"Person {number}") for number in range(crowd)]
    await asyncio.gather(*(person.send("/promo many") for person in people for _ in range(3)))
    await asyncio.gather(*(caught_up(person) for person in people))
    balances = [(await studio.running.ledger.balance(person.id)).available for person in people]
    assert Counter(balances) == {7: uses, 0: crowd - uses}
    for person, available in zip(people, balances, strict=True):
        assert len(said(person, "+7", "7 Stars", "7 ⭐")) >= (available > 0)
        assert len(said(person, "used as often")) == (0 if available else 3)
        assert len(said(person, "used this code before")) == (2 if available else 0)
    assert f"0 of {uses} left" in (await ask(admin, "/promos")).text
    report = await studio.running.ledger.check()
    assert (report.total, report.problems) == (0, ())


async def test_a_code_step_by_step(studio: Studio) -> None:
    admin, _ = operators(studio)
    assert "no promo codes" in (await ask(admin, "/promos")).text
    await admin.press("➕")
    await admin.expect("How many Stars", kind="new")
    for wrong in ("0", "-1", "1.5", "10^9", "sto", "сто", ""):
        if wrong:
            assert "whole number" in (await ask(admin, wrong)).text, wrong
    assert "How many people" in (await ask(admin, "٢٥")).text
    assert "How long" in (await ask(admin, "3")).text
    assert "How long" in (await ask(admin, "for ever")).text
    assert "Which name" in (await ask(admin, "2 d")).text
    assert "3 to 16" in (await ask(admin, "!")).text
    made = await ask(admin, "friends")
    assert "FRIENDS" in made.text
    assert "Gives 25 ⭐ once to each of 3 people" in made.text
    (code,) = await studio.service.billing.promo.codes()
    assert code.until is not None
    # The same without an end and without a name of its own.
    await ask(admin, "/promos new")
    await ask(admin, "1")
    await ask(admin, "1")
    await admin.press("♾")
    await admin.expect("Which name", kind="new")
    await admin.press("🎲")
    made = await admin.expect("No end is set", kind="new")
    generated = re.search(r"\b[2-9A-HJKMNP-Z]{10}\b", made.text)
    assert generated is not None
    person = await arrive(studio)
    await redeem(person, generated[0].lower())
    assert await balance(studio, person) == Balance(1, 0)


async def test_a_code_is_ended_by_the_first_of_two(studio: Studio) -> None:
    first, second = operators(studio)
    await ask(first, "/promos new 5 5 SPRING")
    for admin in (first, second):
        await admin.press("SPRING", await ask(admin, "/promos"))
        await admin.expect("active", kind="edit")
    await first.press("⏹")
    await first.expect("ended", kind="edit")
    assert str(first.id) in ((await second.press("⏹")).text or "")
    await second.expect("ended", kind="edit")
    person = await arrive(studio)
    assert "not valid any more" in await redeem(person, "spring")
    assert "There is a code" in (await ask(first, "/promos new 5 5 Spring")).text
    assert await balance(studio, person) == Balance(0, 0)


async def test_many_codes_are_listed_by_pages(studio: Studio) -> None:
    admin, _ = operators(studio)
    for number in range(9):
        await ask(admin, f"/promos new 5 5 CODE{number}")
    page = await ask(admin, "/promos")
    assert "CODE8" in page.text
    assert "CODE0" not in page.text
    await admin.press("›", page)
    assert "CODE0" in (await admin.expect(kind="edit")).text
    await admin.press("‹")
    assert "CODE8" in (await admin.expect(kind="edit")).text


async def link_of(studio: Studio, person: Person) -> str:
    """What the person's link hands to /start."""
    found = re.search(r"start=(ref_\w+)", (await ask(person, "/invite")).text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("language", "yours", "back"),
    [("en", "50 Stars are yours", "goes back with it"), ("ru", "вам 50 звёзд", "уходит обратно")],
)
async def test_a_friends_first_purchase_and_its_refund(
    studio: Studio, language: str, yours: str, back: str
) -> None:
    person = await arrive(studio, "Old", language)
    link = await link_of(studio, person)
    assert str(person.id) not in link
    friend = studio.person("New", stars=RICH)
    await friend.start(link)
    assert "Hello" in (await friend.expect(kind="new")).text
    first = await buy(studio, friend, 10, key="one")
    await person.expect(yours, kind="new")
    await buy(studio, friend, 20, key="two")
    await caught_up(person)
    assert len(said(person, yours)) == 1
    assert await balance(studio, person) == Balance(BONUS, 0)
    assert await balance(studio, friend) == Balance(30, 0)
    outcome = await studio.service.billing.refunds.refund(
        first, actor="admin:1", reason="test", shortage=Shortage.STOP
    )
    assert outcome.result.value == "done"
    await refund_ended(studio, first)
    await person.expect(back, kind="new")
    assert await balance(studio, person) == Balance(0, 0)
    assert (await studio.service.billing.referrals.invited(person.id)).people == 1


async def test_who_is_not_new_or_invites_oneself_brings_nothing(studio: Studio) -> None:
    person = await arrive(studio, "Old", stars=RICH)
    link = await link_of(studio, person)
    known = await arrive(studio, "Known", "ru", stars=RICH)
    for somebody, again in ((known, "Рад видеть вас"), (person, "Good to see you")):
        await somebody.start(link)
        await somebody.expect(again, kind="new")
        await buy(studio, somebody, 10, key=somebody.name)
    assert await balance(studio, person) == Balance(10, 0)
    for language, hello in (("en", "Hello"), ("ru", "Здравствуйте")):
        stranger = studio.person("Stranger", language, stars=RICH)
        await stranger.start("ref_nobodys")
        await stranger.expect(hello, kind="new")
        await buy(studio, stranger, 10, key=f"stranger-{language}")
    assert (await studio.service.billing.referrals.invited(person.id)).people == 0


async def test_a_crash_after_the_link_was_followed_loses_nothing(studio: Studio) -> None:
    """The update is handled again, and the person is still new then."""
    person = await arrive(studio, "Old")
    link = await link_of(studio, person)
    shared = studio.running._shared
    assert shared is not None
    crashed = asyncio.Event()

    async def crash(user_id: int) -> int:
        crashed.set()
        raise RuntimeError("the process is gone")

    with patch.object(shared.welcome, "grant", crash):
        friend = studio.person("New", stars=RICH)
        await friend.start(link)
        await crashed.wait()
    await studio.restart()
    await friend.expect("Hello", kind="new")
    assert (await studio.service.billing.referrals.invited(person.id)).people == 1


LINKS = """
    class Links(Plugin):
        name = "links"

        @on_start("ab")
        async def short(self, event):
            await event.say("links-short", argument=event.argument)

        @on_start("abc_")
        async def long(self, event):
            await event.say("links-long", argument=event.argument)

        @on_start("wrong")
        async def fail(self, event):
            raise RuntimeError("no")
"""
TEXTS = {
    language: {"links-short": "short { $argument }", "links-long": "long { $argument }"}
    for language in ("en", "ru")
}


async def test_links_reach_whoever_declared_them_and_start_answers_after(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Any
) -> None:
    plugins["plugins"]["links"] = write_plugin(tmp_path, "links", LINKS, TEXTS)
    studio = await start_studio(plugins=plugins)
    person = studio.person("Alex")
    for payload, answer in (("abc_1", "long abc_1"), ("ab1", "short ab1"), ("wrong", "went wrong")):
        await person.start(payload)
        await person.expect(answer, kind="new")
        await person.expect("👋", kind="new")
    for payload in ("", "other", "a", "xab"):
        await person.start(payload)
        await person.expect("👋", kind="new")
    await studio.service.plugins.disable("links")
    await person.start("ab1")
    await person.expect("👋", kind="new")
    await caught_up(person)
    assert len(said(person, "short", "long", "went wrong")) == 3
