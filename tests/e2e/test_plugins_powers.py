"""What plugins do beyond their own commands: menus, codes refused, results withheld, data told and erased."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping

import pytest
import pytest_asyncio
from pydantic import BaseModel
from support.money_talk import balance
from support.studio_talk import (
    IMAGE_PRICE,
    arrive,
    ask,
    assert_sound,
    begin,
    delivered,
    files,
    pressed,
    project_plugins,
    shared_studio,
    to_confirmation,
    write_plugin,
)

from core.errors import PluginError
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

pytestmark = pytest.mark.asyncio(loop_scope="module")
both_languages = pytest.mark.parametrize("language", ["en", "ru"])

CLUB = """
    class Club(Plugin):
        name = "club"
        notification_types = ("joined",)

        async def start(self):
            self.members = self.context.collection("members")

        @hookimpl
        async def menu_entries(self, user, place):
            t = self.context.catalogue.translator(user.language or user.telegram_language)
            return ((Button(t.plain(f"club-in-{place}"), "enter", (place,)),),)

        @callback("enter")
        async def enter(self, event):
            await self.members.put(str(event.user.id), {"door": event.arguments[0]})
            await event.say("club-welcome")

        @command("card")
        async def show_card(self, event):
            await event.reply(str(await self.members.get(str(event.user.id))))

        @hookimpl
        async def may_redeem(self, user_id, code):
            is_for_all = code != "MEMBERS" or await self.members.get(str(user_id)) is not None
            return None if is_for_all else Refusal("club-for-members", {"code": code})

        @hookimpl
        async def may_deliver(self, job):
            return Refusal("club-strict") if await self.members.get(str(job.user_id)) is not None else None

        @command("join")
        async def join(self, event):
            queue = self.context.notifications.queue_notification
            await queue("joined", details={"door": event.argument}, key=event.key)

        @command("mistake")
        async def make_a_mistake(self, event):
            await self.context.notifications.queue_notification("jioned")

        @hookimpl
        async def export_person(self, user):
            return await self.members.get(str(user.id))

        @hookimpl
        async def erase_person(self, user):
            await self.members.delete(str(user.id))
"""
TEXTS = {
    "en": {
        "club-in-start": "Enter the club",
        "club-in-settings": "Club card",
        "club-welcome": "Welcome to the club.",
        "club-for-members": "The code { $code } is for members of the club.",
        "club-strict": "not told to people",
        "club-notification-joined": "Somebody joined",
    },
    "ru": {
        "club-in-start": "Войти в клуб",
        "club-in-settings": "Карта клуба",
        "club-welcome": "Добро пожаловать в клуб.",
        "club-for-members": "Код { $code } — для членов клуба.",
        "club-strict": "людям не говорится",
        "club-notification-joined": "Вступил новый член клуба",
    },
}
GRUMPY = """
    class Grumpy(Plugin):
        name = "grumpy"

        @hookimpl
        async def menu_entries(self, user, place):
            raise RuntimeError("no buttons today")
"""
FRIENDS = """
    class Friends(Plugin):
        name = "friends"

        @hookimpl
        async def price_for(self, user, stars):
            return stars - 2 if user.first_name == "Friend" else None
"""
OWN_WELCOME = {"en": "Come in!", "ru": "Заходите!"}
"""What the operator would have the club say."""
WITHHELD = {"en": "was held back", "ru": "не показан"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    directory = tmp_path_factory.mktemp("powers")
    plugins = project_plugins(directory)
    plugins["plugins"]["club"] = write_plugin(directory, "club", CLUB, TEXTS)
    plugins["plugins"]["grumpy"] = write_plugin(directory, "grumpy", GRUMPY)
    plugins["plugins"]["friends"] = write_plugin(directory, "friends", FRIENDS) | {"grants": ["billing"]}
    (directory / "words").mkdir()
    for language, words in OWN_WELCOME.items():
        (directory / "words" / f"{language}.ftl").write_text(f"club-welcome = {words}\n", encoding="utf-8")
    plugins["texts"] = {"overrides": "words"}
    # Nobody is suspended, which operators would be told of in between.
    plugins["limits"] = {"plugins": {"errors": 1000}}
    async with shared_studio(database_uri, directory, plugins=plugins) as studio:
        admin = studio.sandbox.person("Admin 1")
        await admin.start()
        await admin.expect(kind="new")
        assert "MEMBERS" in (await ask(admin, "/promos new 100 9 30d MEMBERS")).text
        yield studio


@both_languages
async def test_a_price_that_a_plugin_makes_is_the_one_that_is_shown_and_paid(
    studio: Studio, language: str
) -> None:
    for name, price in (("Stranger", IMAGE_PRICE), ("Friend", IMAGE_PRICE - 2)):
        person = await arrive(studio, name, language)
        confirmation = await to_confirmation(person)
        assert re.search(rf": {price} ([Ss]tar|звезд)", confirmation.text), confirmation.text
        await person.press("✨", confirmation)
        await delivered(person)
        await assert_sound(studio, person, spent=price)


@both_languages
async def test_a_plugin_opens_doors_refuses_codes_withholds_results_and_tells_what_it_keeps(
    studio: Studio, language: str
) -> None:
    texts = TEXTS[language]
    person = await arrive(studio, "Kim", language)
    before = (await balance(studio, person)).available
    assert (await ask(person, "/promo members")).text == texts["club-for-members"].replace(
        "{ $code }", "MEMBERS"
    )
    assert texts["club-in-settings"] in (await ask(person, "/settings")).labels

    welcome = await ask(person, "/start")
    # Above the last row, where settings and help stay.
    assert welcome.labels.index(texts["club-in-start"]) == len(welcome.labels) - 3
    await person.press(texts["club-in-start"], welcome)
    assert (await person.expect(kind="new")).text == OWN_WELCOME[language]
    await person.press(texts["club-in-settings"], await ask(person, "/settings"))
    assert (await person.expect(kind="new")).text == OWN_WELCOME[language]
    assert "100" in (await ask(person, "/promo members")).text

    await begin(person)
    held_back = await person.expect(lambda message: WITHHELD[language] in message.text, within=40)
    assert texts["club-strict"] not in held_back.text
    assert files(person) == []
    await assert_sound(studio, person, spent=-100)
    assert (await balance(studio, person)).available == before + 100

    overview = await ask(person, "/privacy")
    await person.press("📦", overview)
    document = await person.expect(lambda seen: seen.media is not None)
    told = json.loads(await person.download(document))
    assert told["plugins"]["club"] == {"key": str(person.id), "door": "settings"}
    assert "club" not in told["not_available"]
    first = await pressed(person, "🗑", overview)
    last = await pressed(person, first.labels[0], first)
    await pressed(person, "🗑", last)

    async def forgotten() -> bool:
        return (await ask(person, "/card")).text == "None"

    await studio.until(forgotten)


@both_languages
async def test_operators_are_told_of_what_a_plugin_has_declared_and_switch_it(
    studio: Studio, language: str
) -> None:
    name = TEXTS[language]["club-notification-joined"]
    person, admin = await arrive(studio), studio.sandbox.person("Admin 1")
    admin.account.language = language
    await admin.start()
    await admin.expect(kind="new")
    await person.send(f"/join {language}")
    told = await admin.expect(lambda message: name in message.text, kind="new")
    assert told.text.startswith(f"🧩 {name}")
    assert f"door: {language}" in told.text

    page = await switches(admin)
    first = own_switch(page)
    assert name[:19] in first
    off = await pressed(admin, "🧩", page)
    assert own_switch(off) != first
    assert own_switch(await pressed(admin, "🧩", off)) == first

    await ask(person, "/mistake")
    (club,) = [each for each in studio.service.plugins.states() if each.name == "club"]
    assert "there is no type jioned of notifications; there are joined, video_started" in club.last_error


async def switches(admin: Person) -> MessageView:
    """What is told to whom, among whatever else is told just now."""
    await admin.send("/notifications")
    return await admin.expect(lambda message: any("📨" in label for label in message.labels), kind="new")


def own_switch(page: MessageView) -> str:
    (found,) = [label for label in page.labels if "🧩" in label]
    return found


def reached(value: object, way: str, depth: int, seen: set[int]) -> Iterator[tuple[str, object]]:
    """What can be reached by public names, and the way there."""
    if id(value) in seen or depth < 0:
        return
    seen.add(id(value))
    yield way, value
    if isinstance(value, BaseModel):
        children = [(f"{way}.{name}", each) for name, each in value]
    elif isinstance(value, Mapping):
        children = [(f"{way}[{key!r}]", each) for key, each in value.items()]
    elif isinstance(value, list | tuple | set | frozenset):
        children = [(f"{way}[…]", each) for each in value]
    elif type(value).__module__.startswith(("core.", "starloom.", "starloom_plugins_")):
        children = []
        for name in dir(value):
            with contextlib.suppress(PluginError, AttributeError):
                if not name.startswith("_"):
                    children.append((f"{way}.{name}", getattr(value, name)))
    else:
        return
    for place, child in children:
        yield from reached(child, place, depth - 1, seen)


async def test_a_context_leads_to_no_token_no_client_and_no_database(studio: Studio) -> None:
    settings = studio.service._shared.settings
    secrets = {settings.bot_token, settings.api_hash, settings.callback_secret}
    told = {each.get_secret_value() for each in secrets if each is not None}
    assert told
    for name in ("club", "buy", "admin", "history", "monitoring", "settings"):
        running = studio.service.plugins._slots.running(name)
        assert running is not None
        ways = 0
        for way, value in reached(running.instance.context, name, 6, set()):
            ways += 1
            assert not type(value).__module__.startswith(("pyrogram", "pymongo", "motor", "aiohttp")), way
            assert not isinstance(value, str) or value not in told, way
        assert ways > 50


async def test_the_buttons_go_with_their_plugin(studio: Studio) -> None:
    person = await arrive(studio)
    admin = studio.sandbox.person("Admin 1")
    assert any("🧩" in label for label in (await switches(admin)).labels)
    await studio.service.plugins.disable("club")
    assert not any("🧩" in label for label in (await switches(admin)).labels)
    for command in ("/start", "/settings"):
        labels = (await ask(person, command)).labels
        assert not any(label in labels for label in TEXTS["en"].values())
        assert len(labels) > 2
    await studio.service.plugins.enable("club")
    assert TEXTS["en"]["club-in-start"] in (await ask(person, "/start")).labels
    (grumpy,) = [each for each in studio.service.plugins.states() if each.name == "grumpy"]
    assert grumpy.errors > 0
