"""A person's way from /start to the delivered file, in both languages."""

from __future__ import annotations

import hashlib

import pytest
from aiohttp import ClientSession

from core.generation.job import JobState
from core.storage.generations import JobStore
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio
from sandbox.world.menus import DEFAULT, chat_scope


async def generate(person: Person, model: str, prompt: str = "a red fox in the snow") -> MessageView:
    await person.send("/generate")
    await person.expect(kind="new")
    await person.press(model)
    await person.expect(kind="edit")
    await person.send(prompt)
    await person.expect(kind="new")
    await person.press("✨")
    return await person.expect(lambda message: message.media is not None, within=40)


@pytest.mark.parametrize(
    ("language", "model", "kind"),
    [
        ("en", "Demo video", "video"),
        ("ru", "Демо-видео", "video"),
        ("en", "Demo image", "photo"),
        ("ru", "Демо-мелодия", "audio"),
    ],
)
async def test_from_start_to_the_delivered_file(studio: Studio, language: str, model: str, kind: str) -> None:
    person = studio.person("Alex", language)
    await person.start()
    welcome = await person.expect(kind="new")
    assert "192" in welcome.text
    message = await generate(person, model)
    assert message.media is not None
    assert message.media.kind == kind
    await studio.settled(person)
    ledger = studio.running.ledger
    statement = await ledger.statement(person.id, 50)
    settled = [entry for entry in statement if entry.credit == "revenue"]
    assert len(settled) == 1
    assert str(settled[0].amount) in message.text
    balance = await ledger.balance(person.id)
    assert (balance.available, balance.held) == (192 - settled[0].amount, 0)
    job = await JobStore(studio.running.database, studio.clock).get(settled[0].reference)
    assert job is not None
    assert (job.state, job.prompt) == (JobState.DELIVERED, "")
    if kind != "photo":
        content = await person.download(message)
        assert hashlib.sha256(content).hexdigest() == job.results[0]["sha256"]


@pytest.mark.parametrize(
    ("fault", "words"), [("safety", "refused"), ("fail", "couldn’t"), ("rejected", "accept")]
)
async def test_failure_returns_the_stars_and_says_so(studio: Studio, fault: str, words: str) -> None:
    person = studio.person("Alex")
    await person.start()
    await person.send(f"fault:{fault} a fox")
    await person.expect(kind="new")
    await person.expect(kind="new")
    await person.press("Demo image")
    await person.expect(kind="edit")
    await person.press("✨")
    notice = await person.expect("balance", kind="new", within=30)
    await studio.settled(person)
    balance = await studio.running.ledger.balance(person.id)
    assert (balance.available, balance.held) == (192, 0)
    assert "3" in notice.text
    report = await studio.running.ledger.check()
    assert (report.total, report.problems) == (0, ())


async def test_metrics_tell_of_a_generation(studio: Studio) -> None:
    person = studio.person("Alex")
    await person.start()
    await person.expect(kind="new")
    await generate(person, "Demo image")
    await studio.settled(person)
    async with ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{studio.running.port}/metrics") as answer:
            shown = await answer.text()
        async with session.get(f"http://127.0.0.1:{studio.running.port}/readyz") as answer:
            assert await answer.json() == {"mode": "active", "ready": True}
    for line in (
        'starloom_updates_total{kind="message"}',
        'starloom_update_seconds_count{kind="callback"}',
        'starloom_telegram_calls_total{method="messages.SendMedia",result="ok"} 1.0',
        'starloom_jobs_total{model="demo-image",provider="demo",state="delivered"} 1.0',
        'starloom_job_seconds_count{provider="demo",state="delivered"} 1.0',
        'starloom_provider_calls_total{operation="submit",provider="demo",result="ok"} 1.0',
        'starloom_ledger_stars_total{credit="revenue",debit="held"} 3.0',
        "starloom_database_round_trips_total",
        "starloom_jobs_active 0.0",
    ):
        assert line in shown
    assert str(person.id) not in shown


async def test_an_admin_gets_a_menu_with_the_first_message(studio: Studio) -> None:
    admin = studio.sandbox.person("Admin 1")
    profile = studio.sandbox.world.accounts[studio.bot.id].bot
    assert profile is not None
    menus = profile.commands

    async def tried() -> bool:
        return (DEFAULT, "ru") in menus

    async def in_menu() -> bool:
        own = menus.get((chat_scope(admin.id), "en"), [])
        return {"start", "generate", "inbox"} <= {name for name, _ in own}

    await studio.until(tried)
    assert not await in_menu()
    await admin.start()
    await studio.until(in_menu)
