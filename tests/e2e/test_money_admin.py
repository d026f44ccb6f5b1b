"""The operators' side of the money, from the chat: what they see, decide and undo, and who sees nothing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from support.money_talk import ask_back, balance, buy, refund_ended, spend
from support.operators import audited, member, owner_of
from support.studio_talk import arrive, ask, caught_up, project_plugins, said, shared_studio

from core.admin.roles import AdminRole
from core.billing.ledger import Balance
from core.storage.users import UserStore
from sandbox.people.person import Person
from sandbox.studio import Studio

RICH = 1000
NOBODY_WELCOMED = {"WELCOME_BALANCE_RUB": "0"}
COMMANDS = (
    "inbox",
    "payment x",
    "payments 1",
    "promos",
    "promos new 1 1",
    "grant 1 1 x",
    "debts",
    "ledger check",
    "reconcile",
)


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def studio(database_uri: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Studio]:
    """A bot without a welcome balance; each test has operators and people of its own."""
    directory = tmp_path_factory.mktemp("money")
    plugins = project_plugins(directory)
    # What it tells operators of its own accord would come between their questions and the answers.
    del plugins["plugins"]["monitoring"]
    async with shared_studio(database_uri, directory, plugins=plugins, settings=NOBODY_WELCOMED) as studio:
        await owner_of(studio)
        yield studio


async def operators(studio: Studio) -> tuple[Person, Person]:
    """Two of them, with nothing unread."""
    return await member(studio, AdminRole.ADMIN), await member(studio, AdminRole.ADMIN)


async def speak(studio: Studio, person: Person, language: str) -> None:
    async with studio.database() as database:
        await UserStore(database, studio.clock).set_language(person.id, language)


async def test_nobody_else_learns_of_any_of_it(studio: Studio) -> None:
    person = await arrive(studio)
    unknown = (await ask(person, "/nonsense")).text
    theirs = {f"/{command}" for command, _ in person.commands()}
    for command in COMMANDS:
        said = (await ask(person, f"/{command}")).text
        # A word that is near one of their own commands is told so, as any slip is.
        assert said == unknown or set(re.findall(r"/\w+", said)) <= theirs, said
    help_text = (await ask(person, "/help")).text
    assert not any(f"/{command.split()[0]}" in help_text for command in COMMANDS)
    admin, _ = await operators(studio)
    shown = (await ask(admin, "/help")).text
    assert all(f"/{command.split()[0]}" in shown for command in COMMANDS)


@pytest.mark.parametrize(
    ("language", "done", "by_you"), [("en", "given back", "you"), ("ru", "сделан", "вы")]
)
async def test_a_payment_is_given_back_from_its_card(
    studio: Studio, language: str, done: str, by_you: str
) -> None:
    admin, other = await operators(studio)
    await speak(studio, admin, language)
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100, bonus=10)
    card = await ask(admin, f"/payment {charge_id}")
    assert charge_id in card.text
    assert str(person.id) in card.text
    assert "110 ⭐" in card.text
    assert len(card.labels) == 2
    stale = await ask(other, f"/refund_payment {charge_id}")
    answer = await admin.press("↩️", card)
    assert "✅" in (answer.text or "")
    edited = await admin.expect(kind="edit")
    assert done in edited.text
    assert by_you in edited.text
    assert edited.labels == []
    await refund_ended(studio, charge_id)
    assert person.stars == RICH
    assert await balance(studio, person) == Balance(0, 0)
    # The second operator is told who was first.
    answer = await other.press("↩️", stale)
    assert str(admin.id) in (answer.text or "")
    assert (await other.expect(kind="edit")).labels == []
    assert person.stars == RICH


@pytest.mark.parametrize(("way", "owed"), [("debt", 60), ("forgive", 0)])
async def test_what_is_spent_is_decided_by_the_operator(studio: Studio, way: str, owed: int) -> None:
    admin, _ = await operators(studio)
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    await spend(studio, person, 60)
    card = await ask(admin, f"/payment {charge_id}")
    assert [label.split()[0] for label in card.labels] == ["↩️", "↩️", "✖️"]
    assert all("60 ⭐" in label for label in card.labels[:2])
    await admin.press(way, card)
    await admin.expect("given back", kind="edit")
    await refund_ended(studio, charge_id)
    assert person.stars == RICH
    assert await balance(studio, person) == Balance(0, 0, owed)


async def test_no_is_no(studio: Studio) -> None:
    admin, _ = await operators(studio)
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    await admin.press("✖️", await ask(admin, f"/payment {charge_id}"))
    assert (await admin.expect(kind="edit")).labels == []
    assert await balance(studio, person) == Balance(100, 0)


async def test_two_operators_press_at_once(studio: Studio) -> None:
    admins = await operators(studio)
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    cards = [await ask(admin, f"/payment {charge_id}") for admin in admins]
    answers = await asyncio.gather(
        *(admin.press("↩️", card) for admin, card in zip(admins, cards, strict=True))
    )
    assert sum("✅" in (answer.text or "") for answer in answers) == 1
    await refund_ended(studio, charge_id)
    assert person.stars == RICH
    assert await balance(studio, person) == Balance(0, 0)


async def test_payments_of_a_person_lead_to_their_cards(studio: Studio) -> None:
    admin, _ = await operators(studio)
    person = await arrive(studio, stars=RICH)
    charges = [await buy(studio, person, stars, key=f"k{stars}") for stars in (10, 20)]
    listed = await ask(admin, f"/payments {person.id}")
    assert listed.text.index(charges[1]) < listed.text.index(charges[0])
    await admin.press("10 ⭐", listed)
    card = await admin.expect(kind="new")
    assert charges[0] in card.text
    await admin.press("↩️", card)
    await admin.expect("given back", kind="edit")
    assert await balance(studio, person) == Balance(20, 0)
    assert "refunded" in (await ask(admin, f"/payments {person.id}")).text
    assert "no payments" in (await ask(admin, f"/payments {admin.id}")).text


WRONG = (
    "payment",
    "payment a b",
    "payments",
    "payments x",
    "payments -1",
    "grant",
    "grant 1",
    "grant 1 1",
    "grant x 1 why",
    "grant 1 0 why",
    "grant 1 1.5 why",
    "grant 1 sto why",
    "grant 1 сто why",
    "grant 1 10^9 why",
    "grant 1 10⁹ why",
    f"grant 1 1 {'x' * 201}",
    "ledger",
    "ledger x",
    "promos what",
    "promos new x",
    "promos new 1",
    "promos new 1 2 3 4 5",
    "promos new 1 2 2030-13-45 NAME",
    "promos end",
)


async def test_wrong_arguments_are_answered_with_the_usage(studio: Studio) -> None:
    admin, _ = await operators(studio)
    for command in WRONG:
        answer = (await ask(admin, f"/{command}")).text
        assert f"/{command.split(maxsplit=1)[0]} " in answer, command
        assert re.search(r"[A-Z]{4}|check", answer), command


async def test_what_cannot_be_is_said_in_words(studio: Studio) -> None:
    admin, _ = await operators(studio)
    for command, answer in (
        ("payment <b>nobody</b>", "<b>nobody</b>"),
        ("payment nobody's", "nobody's"),
        ("grant 99 5 why", "99"),
        ("promos end NOBODYS", "don’t know this code"),
        ("promos new 0 5", "1 to 100,000 ⭐"),
        ("promos new 100001 5", "1 to 100,000 ⭐"),
        ("promos new 5 0", "1 to 100,000 people"),
        ("promos new 5 5 2020-01-01", "passed already"),
        ("promos new 5 5 <b>", "letters"),
        ("ledger 99", "Nothing ever happened"),
    ):
        assert answer in (await ask(admin, f"/{command}")).text, command
    person = await arrive(studio)
    await admin.press("✅", await ask(admin, f"/grant {person.id} 1000000 why"))
    await admin.press("✖️")
    # Digits are digits in any script.
    await admin.press("✅", await ask(admin, f"/grant {person.id} ٥٠ why"))
    await person.expect("50", kind="new")
    assert await balance(studio, person) == Balance(50, 0)


@pytest.mark.parametrize(("language", "why"), [("en", "The people behind this bot"), ("ru", "Команда бота")])
async def test_stars_are_given_and_taken_once_each(studio: Studio, language: str, why: str) -> None:
    admin, _ = await operators(studio)
    person = await arrive(studio, language=language)
    question = await ask(admin, f"/grant {person.id} 50 a <gift>, sorry")
    assert "a <gift>, sorry" in question.text
    assert await balance(studio, person) == Balance(0, 0)
    presses = await asyncio.gather(*(admin.press("✅", question) for _ in range(10)))
    assert len(presses) == 10
    letter = await person.expect(why, kind="new")
    assert "a <gift>, sorry" in letter.text
    assert await balance(studio, person) == Balance(50, 0)
    entry = (await studio.running.ledger.statement(person.id))[0]
    assert (entry.debit, entry.actor, entry.reference) == (
        "adjustment",
        f"admin:{admin.id}",
        "a <gift>, sorry",
    )
    await admin.press("✅", await ask(admin, f"/grant {person.id} −20 too much"))
    await person.expect(why, kind="new")
    assert await balance(studio, person) == Balance(30, 0)
    # More than there is cannot be taken, and it says so.
    answer = await admin.press("✅", await ask(admin, f"/grant {person.id} -31 too much"))
    assert "30" in (answer.text or "")
    await admin.press("✖️")
    assert await balance(studio, person) == Balance(30, 0)
    assert len(said(person, why)) == 2


async def test_a_grant_that_was_cut_short_is_repeated_to_no_effect(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, _ = await operators(studio)
    person = await arrive(studio)
    question = await ask(admin, f"/grant {person.id} 50 gift")

    async def crash(self: UserStore, user_id: int, dialogue: object) -> None:
        raise RuntimeError("the process is gone")

    with monkeypatch.context() as patch:
        patch.setattr(UserStore, "set_dialogue", crash)
        assert "wrong" in ((await admin.press("✅", question)).text or "")
    assert await balance(studio, person) == Balance(50, 0)
    await admin.press("✅", question)
    await admin.expect("50 ⭐ given", kind="edit")
    await caught_up(person)
    assert await balance(studio, person) == Balance(50, 0)
    assert len(said(person, "have given you 50")) == 1


async def test_words_are_no_answer_to_a_question_about_money(studio: Studio) -> None:
    admin, _ = await operators(studio)
    person = await arrive(studio)
    question = await ask(admin, f"/grant {person.id} 50 gift")
    assert "buttons" in (await ask(admin, "yes")).text
    await admin.press("✖️", question)
    assert "nothing was changed" in (await admin.expect(kind="edit")).text
    await caught_up(person)
    assert await balance(studio, person) == Balance(0, 0)


async def test_a_request_comes_as_a_card_and_is_decided_once(studio: Studio) -> None:
    first, second = await operators(studio)
    await speak(studio, second, "ru")
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    await ask_back(studio, person, charge_id, "it <b>never</b> came")
    cards = [await admin.expect("it <b>never</b> came", kind="new") for admin in (first, second)]
    assert "Refund asked for" in cards[0].text
    assert "Просят вернуть" in cards[1].text
    assert all(charge_id in card.text and str(person.id) in card.text for card in cards)
    assert cards[0].labels[0] == "↩️ Refund 100 ⭐"
    assert cards[1].labels[0] == "↩️ Вернуть 100 ⭐"
    await first.press("↩️", cards[0])
    assert "Decided by you" in (await first.expect(kind="edit")).text
    answer = await second.press("❌", cards[1])
    assert str(first.id) in (answer.text or "")
    outcome = await second.expect(kind="edit")
    assert "возвращено" in outcome.text
    assert outcome.labels == []
    assert person.stars == RICH
    assert charge_id not in (await ask(first, "/inbox")).text


async def test_ten_taps_of_two_operators_have_one_effect(studio: Studio) -> None:
    admins = await operators(studio)
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    await ask_back(studio, person, charge_id, "")
    cards = [await admin.expect("No reason was given", kind="new") for admin in admins]
    answers = await asyncio.gather(
        *(
            admin.press(label, card)
            for admin, card in zip(admins, cards, strict=True)
            for label in ("↩️", "❌", "↩️", "❌", "↩️")
        )
    )
    assert sum((answer.text or "") == "✅ Done." for answer in answers) == 1
    given_back = person.stars == RICH
    assert await balance(studio, person) == Balance(0 if given_back else 100, 0)


async def test_what_was_spent_meanwhile_is_asked_again(studio: Studio) -> None:
    admin, other = await operators(studio)
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    await ask_back(studio, person, charge_id, "please")
    card = await admin.expect("please", kind="new")
    await spend(studio, person, 60)
    answer = await admin.press("↩️", card)
    assert "could not be done" in (answer.text or "")
    again = await admin.expect("60 ⭐ are spent already", kind="edit")
    assert len(again.labels) == 3
    await admin.expect("60 ⭐ are spent already", kind="new")
    old = await other.expect("please", kind="new")
    fresh = await other.expect("60 ⭐ are spent already", kind="new")
    answer = await other.press("↩️", old)
    assert "opened anew" in (answer.text or "")
    await other.press("forgive", fresh)
    await other.expect("Decided by you", kind="edit")
    await refund_ended(studio, charge_id)
    assert person.stars == RICH
    assert await balance(studio, person) == Balance(0, 0)


async def test_a_request_is_answered_by_the_payments_card_too(studio: Studio) -> None:
    admin, other = await operators(studio)
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    await ask_back(studio, person, charge_id, "please")
    card = await other.expect("please", kind="new")
    await admin.expect("please", kind="new")
    await admin.press("↩️", await ask(admin, f"/payment {charge_id}"))
    await admin.expect("given back", kind="edit")
    assert str(admin.id) in ((await other.press("↩️", card)).text or "")
    assert charge_id not in (await ask(admin, "/inbox")).text
    assert await balance(studio, person) == Balance(0, 0)


async def test_every_command_is_in_the_audit_log(studio: Studio) -> None:
    admin, _ = await operators(studio)
    for command in COMMANDS:
        await ask(admin, f"/{command}")
    commands = {row.command for row in await audited(studio, admin)}
    assert commands >= {f"/{command.split()[0]}" for command in COMMANDS}


async def test_debts_are_listed_and_forgiven_once(studio: Studio) -> None:
    admin, other = await operators(studio)
    person = await arrive(studio, stars=RICH)
    charge_id = await buy(studio, person, 100)
    await spend(studio, person, 60)
    await admin.press("debt", await ask(admin, f"/payment {charge_id}"))
    await admin.expect("given back", kind="edit")
    listed = await ask(other, "/debts")
    assert "60 ⭐" in next(label for label in listed.labels if str(person.id) in label)
    await other.press(str(person.id), listed)
    question = await other.expect("60 ⭐", kind="edit")
    await asyncio.gather(*(other.press("🤝", question) for _ in range(5)), return_exceptions=True)
    await other.expect(
        lambda shown: "owes" in shown.text and str(person.id) not in str(shown.labels), kind="edit"
    )
    assert await balance(studio, person) == Balance(0, 0)
    await person.expect("written off 60 ⭐", kind="new")
    await caught_up(person)
    assert len(said(person, "written off")) == 1
    assert str(person.id) not in str((await ask(admin, "/debts")).labels)
    # The old answer is none to a debt of later.
    await studio.running.ledger.claw_back(
        person.id, 5, target="refund", key="later", reference="", actor="test", reason="test"
    )
    data = question.buttons[0][0].data
    assert data is not None
    await other.press_data(data, question).answer()
    assert await balance(studio, person) == Balance(0, 0, 5)
