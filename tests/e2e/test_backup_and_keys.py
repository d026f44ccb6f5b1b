"""What the guide promises of a restored backup, of keys that change and of several bots, on the whole bot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from durability.processes import StartStudio
from pymongo import MongoClient
from support.money_talk import balance, buy, credited
from support.studio_talk import arrive, ask

from core.billing.ledger import Balance
from core.config import Settings
from core.maintenance import Maintenance
from core.storage.settings import SettingsStore
from sandbox.studio import Studio

RICH = 1000
_Dump = dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]]


def dumped(studio: Studio, database_uri: str) -> _Dump:
    """What mongodump takes of the bot's database: of each collection the documents and the indexes."""
    with MongoClient[dict[str, Any]](database_uri) as client:
        database = client[f"starloom_{studio.bot.id}"]
        return {
            name: (list(database[name].find()), [dict(each) for each in database[name].list_indexes()])
            for name in database.list_collection_names()
        }


def restored(studio: Studio, database_uri: str, dump: _Dump) -> None:
    """What mongorestore --drop makes of it."""
    with MongoClient[dict[str, Any]](database_uri) as client:
        client.drop_database(f"starloom_{studio.bot.id}")
        database = client[f"starloom_{studio.bot.id}"]
        for name, (documents, indexes) in dump.items():
            for index in indexes:
                if index["name"] != "_id_":
                    options = {key: value for key, value in index.items() if key not in {"v", "key", "ns"}}
                    database[name].create_index(list(index["key"].items()), **options)
            if documents:
                database[name].insert_many(documents)


async def test_a_restored_backup_goes_on_and_finds_the_payments_since(
    start_studio: StartStudio, database_uri: str
) -> None:
    studio = await start_studio(admins=1, settings={"WELCOME_BALANCE_RUB": "0"})
    person = await arrive(studio, stars=RICH)
    await buy(studio, person, 100, key="before")
    await studio.shut()
    backup = dumped(studio, database_uri)
    assert {"accounts", "entries", "sessions", "users"} <= backup.keys()
    await studio.launch()
    since = await buy(studio, person, 50, key="since")
    await studio.shut()
    restored(studio, database_uri, backup)
    await studio.launch()
    await studio.service.billing.reconciler.run_now()
    await credited(studio, since)
    assert await balance(studio, person) == Balance(150, 0)
    assert person.stars == RICH - 150

    # A new token: BotFather makes it, and the bot logs in with it where its session is gone, too.
    old = await ask(person, "/lang")
    await studio.shut()
    tokens = studio.sandbox.world.tokens
    token = f"{studio.bot.id}:{'n' * 35}"
    tokens[token] = tokens.pop(studio.bot.token)
    studio.settings = Settings.load(env={**studio.environment, "BOT_TOKEN": token})
    async with studio.database() as database:
        await database.collection("sessions").delete_many({})
    await studio.launch()
    answer = await person.press("Русский", old)
    assert answer.text == "This button no longer works. Please ask for a new message."
    await person.press("Русский", await ask(person, "/lang"))
    await person.expect("Русский", kind="edit")
    assert await balance(studio, person) == Balance(150, 0)


async def test_two_bots_share_a_database_server_and_nothing_in_it(
    start_studio: StartStudio, tmp_path: Path
) -> None:
    paused = await start_studio(admins=1)
    other = await start_studio(admins=1, settings={"DATA_DIR": str(tmp_path / "other")})
    there, here = await arrive(paused, "Alex"), await arrive(other, "Alex")
    await paused.running.ledger.credit(
        here.id, 77, source="promo", key="gift", reference="", actor="test", reason=""
    )
    async with paused.database() as database:
        await Maintenance(SettingsStore(database), paused.clock, follow_seconds=1).switch(on=True)
    await here.send("/balance")
    assert "192" in (await here.expect(kind="new")).text

    async def is_paused() -> bool:
        return "Maintenance" in (await ask(there, "/help")).text

    await paused.until(is_paused)
    assert "/balance" in (await ask(here, "/help")).text
