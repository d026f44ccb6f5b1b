from __future__ import annotations

from datetime import UTC, datetime, timedelta

from telegram_house import Build, House

from core.limits import UpdateLimits
from core.telegram.keyboards import CallbackAction
from core.telegram.middleware import reference_of
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox


async def barrier(person: Person) -> None:
    """Everything before this has been handled."""
    await person.send("barrier")
    await person.expect("echo barrier")


def words(house: House, language: str, key: str, **variables: object) -> str:
    return house.i18n.translator(language).plain(key, **variables)


async def test_a_newcomer_is_greeted_and_told_of_once(house: House, alice: Person) -> None:
    await alice.start("ref42")
    assert (await alice.expect("hello")).text == "hello ref42"
    await alice.start()
    assert (await alice.expect("hello")).text == "hello"
    assert house.arrived == [alice.id]
    user = house.plugin.seen[0].user
    assert (user.first_name, user.username, user.telegram_language) == ("Alice", "alice_a", "en")


async def test_plugins_see_no_pyrogram_objects(house: House, alice: Person) -> None:
    await alice.start()
    await alice.expect("hello")
    event = house.plugin.seen[0]
    modules = {
        type(value).__module__ for value in (event.message, event.chat, event.user, event.message.sender)
    }
    assert modules == {"core.telegram.types", "core.users"}


async def test_unknown_commands_and_strange_things_get_an_answer(house: House, boris: Person) -> None:
    await boris.send("/nothing")
    assert (await boris.expect()).text == words(house, "ru", "unknown-command")
    await boris.send_sticker(b"RIFF____WEBP" + bytes(64))
    await boris.expect("echo")
    house.routes.remove("echo")
    await boris.send("hm")
    assert (await boris.expect()).text == words(house, "ru", "not-understood")
    await boris.send("/start")
    assert (await boris.expect()).text == words(house, "ru", "feature-off")


async def test_a_dialogue_outlives_another_command(house: House, alice: Person) -> None:
    await alice.send("/ask")
    await alice.expect("your name?")
    await alice.start()
    await alice.expect("hello")
    await alice.send("Al")
    await alice.expect("hi Al")
    await alice.send("again")
    await alice.expect("echo again")


async def test_a_dialogue_survives_a_restart(build: Build, alice: Person) -> None:
    first = await build()
    await alice.send("/ask")
    await alice.expect("your name?")
    await first.stop()
    await build()
    await alice.send("Al")
    await alice.expect("hi Al")


async def test_a_dialogue_with_a_feature_that_went_off_ends(house: House, alice: Person) -> None:
    await alice.send("/ask")
    await alice.expect("your name?")
    house.routes.remove("echo")
    await alice.send("Al")
    assert (await alice.expect()).text == words(house, "en", "feature-off")
    user = await house.users.get(alice.id)
    assert user is not None
    assert user.dialogue is None


async def test_a_button_acts_once_for_two_taps(house: House, alice: Person) -> None:
    await alice.send("/button")
    await alice.expect("press it")
    first, second = alice.press_nowait("Press"), alice.press_nowait("Press")
    answers = {(await first.answer()).text, (await second.answer()).text}
    assert answers in ({"pressed", None}, {"pressed", ""})
    await alice.expect("pressed 7")
    await barrier(alice)
    assert not alice.unexpected


async def test_buttons_of_what_is_gone_say_so(house: House, alice: Person) -> None:
    await alice.send("/button")
    message = await alice.expect("press it")
    assert (await alice.press("Gone")).text == words(house, "en", "button-expired")
    forged = await alice.press_data(b"\x01forged", message).answer()
    assert forged.text == words(house, "en", "button-expired")
    house.routes.remove("echo")
    assert (await alice.press("Press")).text == words(house, "en", "feature-off")


async def test_a_button_is_good_in_its_own_chat_only(house: House, alice: Person, boris: Person) -> None:
    await alice.send("/button")
    await boris.send("/button")
    message = await boris.expect("press it")
    stolen = house.signer.pack(CallbackAction("echo", "press", ("7",)), alice.id)
    answer = await boris.press_data(stolen, message).answer()
    assert answer.text == words(house, "ru", "button-expired")


async def test_a_broken_handler_is_apologised_for_with_a_reference(house: House, alice: Person) -> None:
    sent = await alice.send("/fail")
    answer = await alice.expect()
    key = f"m:{alice.id}:{sent.id}:{int(sent.date.timestamp())}"
    assert reference_of(key) in answer.text
    await alice.send("/refuse")
    assert (await alice.expect()).text == words(house, "en", "maintenance")


async def test_admin_commands_are_audited_and_unknown_to_others(
    build: Build, alice: Person, boris: Person
) -> None:
    house = await build(admins={alice.id})
    await boris.send("/secret")
    assert (await boris.expect()).text == words(house, "ru", "unknown-command")
    await alice.send("/secret of mine")
    await alice.expect("the secret")
    rows = await house.audit.of_day(datetime.now(UTC).date())
    assert [(row.actor, row.command, row.after) for row in rows] == [
        (f"user:{alice.id}", "/secret", {"argument": "of mine"})
    ]


async def test_groups_hear_answers_to_commands_for_this_bot_only(
    house: House, sandbox: Sandbox, bot: Bot, alice: Person
) -> None:
    group = sandbox.add_group("Friends", [alice, bot])
    supergroup = sandbox.add_group("Many", [alice, bot], supergroup=True)
    bot.set_privacy(on=False)
    for place in (group, supergroup):
        await alice.send("just talk", to=place)
        await alice.send("/nothing", to=place)
        await alice.send("/start@other_bot x", to=place)
        await alice.send(f"/start@{bot.username} y", to=place)
        answer = await alice.expect("hello", chat=place)
        assert answer.text == "hello y"
    await barrier(alice)
    assert [message.text for message in alice.unexpected if message.kind != "service"] == []


async def test_too_many_actions_get_one_notice_and_then_silence(
    build: Build, alice: Person, boris: Person
) -> None:
    house = await build(updates=UpdateLimits(burst=3, actions_per_minute=0.001), admins={boris.id})
    for number in range(6):
        await alice.send(f"n{number}")
        await boris.send(f"n{number}")
    for number in range(3):
        assert (await alice.expect()).text == f"echo n{number}"
    assert (await alice.expect()).text == words(house, "en", "too-many-actions")
    for number in range(6):
        await boris.expect(f"echo n{number}")
    assert not alice.unexpected


async def test_the_banned_and_maintenance_are_told_once(build: Build, alice: Person, boris: Person) -> None:
    house = await build(admins={boris.id})
    until = datetime.now(UTC) + timedelta(hours=1)
    await house.users.ban(alice.id, until, "spam <b>")
    for text in ("a", "b"):
        await alice.send(text)
    assert (await alice.expect()).text == words(house, "en", "banned", reason="spam <b>")
    await house.users.unban(alice.id)
    house.maintenance = True
    for text in ("a", "b"):
        await alice.send(text)
    assert (await alice.expect()).text == words(house, "en", "maintenance")
    await boris.send("c")
    await boris.expect("echo c")
    assert not alice.unexpected


async def test_somebody_who_stops_the_bot_is_noted(house: House, alice: Person, boris: Person) -> None:
    await barrier(alice)
    alice.block()
    await barrier(boris)
    user = await house.users.get(alice.id)
    while user is None or not user.blocked_bot:
        await barrier(boris)
        user = await house.users.get(alice.id)
    await alice.start()
    await alice.expect("hello")
    user = await house.users.get(alice.id)
    assert user is not None
    assert not user.blocked_bot
