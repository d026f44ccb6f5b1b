"""The examples of docs/plugins.md, run as an author would run them."""

from __future__ import annotations

import ast
import io
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.guide import GUIDE, guide_files, guide_prose

from core.hooks import KINDS
from core.storage.users import UserStore
from core.telegram.random_ids import random_id
from core.telegram.types import Invoice
from sandbox.people.payments import PaymentRefused
from sandbox.studio import Studio

_ROOT = Path(__file__).parent.parent.parent
_TABLE = re.compile(r"^(?:And )?[Ii]n `plugins.toml`:\n\n```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PLUGINS = ("joke", "gate", "mark", "garden", "signs")
_CALL = re.compile(r"@?([\w.]+)\(|@(\w+)$")
_OF_TEXTS = {"DAY", "CLOCK"}


@pytest.fixture
def plugins(tmp_path: Path) -> dict[str, Any]:
    """The guide's files written down, and the guide's tables beside the built-in ones."""
    files = guide_files(*(f"{name}/" for name in _PLUGINS))
    assert len(files) == 13
    for name, content in files:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    data = tomllib.loads((_ROOT / "plugins.toml").read_text(encoding="utf-8"))
    data["providers"]["demo"] |= {"seconds": 0}
    for table in _TABLE.findall(GUIDE):
        data["plugins"] |= tomllib.loads(table).get("plugins", {})
    data["plugins"] |= {name: {"module": f"./{name}"} for name in _PLUGINS if name != "joke"}
    del data["plugins"]["history"]
    return data


async def test_the_guides_plugins_work(database_uri: str, tmp_path: Path, plugins: dict[str, Any]) -> None:
    starting = Studio.start(database_uri=database_uri, directory=tmp_path, plugins=plugins, admins=1)
    async with await starting as studio:
        assert not [each for each in studio.service.plugins.states() if each.reason or each.warnings]
        await _jokes(studio)
        await _gate_and_mark(studio)
        await _garden_is_paid_for(studio)
        await _signs(studio)
        await _off(studio)


async def _jokes(studio: Studio) -> None:
    """The command, its button and its setting, in two languages."""
    boris = studio.person("Boris", "ru")
    await boris.send("/joke")
    await boris.expect("Почему плагины не ссорятся?")
    await boris.press("Ещё одну")
    await boris.expect("Заходит обработчик в бар", kind="edit")

    async def in_menu() -> bool:
        return ("joke", "Послушать шутку") in boris.commands()

    await studio.until(in_menu)
    await studio.service.plugins.configure("joke", {"jokes": 1})
    anna = studio.person("Anna")
    await anna.send("/joke")
    first = await anna.expect("Why do plugins never argue?")
    await anna.press("Another one")
    await anna.send("/joke")
    await anna.expect("Why do plugins never argue?", kind="new")
    assert not any("walks into a bar" in each.text for each in anna.messages()), "one joke is told"
    assert "Another one" in str(first.labels)


async def _gate_and_mark(studio: Studio) -> None:
    alice = studio.person("Alice")
    await alice.send("a picture of spam")
    await alice.expect(kind="new")
    await alice.press("Demo image")
    await alice.expect(kind="edit")
    await alice.press("✨")
    await alice.expect("I don’t draw “spam”. Say it without that word. Nothing was charged.")
    balance = await studio.running.ledger.balance(alice.id)
    assert (balance.available, balance.held) == (192, 0)

    await alice.send("a picture of a fox")
    await alice.expect(kind="new")
    await alice.press("Demo image")
    await alice.expect(kind="edit")
    await alice.press("✨")
    delivered = await alice.expect(lambda message: message.media is not None, kind="new")
    with Image.open(io.BytesIO(await alice.download(delivered))) as picture:
        corner = picture.convert("L").crop((6, 6, 100, 18)).histogram()
    assert corner[0] > 100, "the mark is black"
    assert sum(corner[128:]) > 50, "and white"


async def _garden_is_paid_for(studio: Studio) -> None:
    """An invoice whose payload begins as the garden's."""
    admin = studio.sandbox.person("Admin 1")
    await admin.start()
    await admin.expect(kind="new")
    vera = studio.person("Vera", stars=500)
    await vera.start()
    await vera.expect(kind="new")
    invoice = Invoice(title="Water", description="Five cans", payload=b"garden:water", amount=5)
    await studio.service.outbox.send_invoice(vera.id, invoice, random_id=random_id("water"))
    asked = await vera.expect(kind="invoice")
    with pytest.raises(PaymentRefused, match="There is nothing to water"):
        await vera.pay(asked)
    await vera.send("/garden")
    await vera.expect("What is your plant called?", kind="new")
    await vera.send("Fern")
    await vera.expect("Fern: 1 cm", kind="new")
    await vera.pay(asked)
    await vera.expect("Thank you for 5 cans of water!", kind="new")
    await admin.expect("Water was paid for", within=30)
    told, _ = await studio.service.plugins.ask_each("export_person", user=await _record(studio, vera.id))
    assert told["garden"]["name"] == "Fern"
    await studio.service.plugins.ask_each("erase_person", user=await _record(studio, vera.id))
    told, _ = await studio.service.plugins.ask_each("export_person", user=await _record(studio, vera.id))
    assert not told.get("garden")


async def _record(studio: Studio, user_id: int) -> Any:
    async with studio.database() as database:
        return await UserStore(database, studio.clock).get(user_id)


async def _signs(studio: Studio) -> None:
    studio.bot.allow_inline("a sign")
    vera = studio.sandbox.person("Vera")
    shown = await vera.inline_query("clo")
    assert [result.title for result in shown.results] == ["Closed"]
    vera.follow(shown)
    await vera.expect("Signs: Open, Closed", kind="new")


async def _off(studio: Studio) -> None:
    await studio.service.plugins.disable("joke")
    anna = studio.sandbox.person("Anna")
    await anna.send("/joke")
    await anna.expect("This feature is off", kind="new")


def test_every_call_that_the_guide_speaks_of_is_made_by_code_that_tests_run() -> None:
    made = set()
    sources = [path.read_text(encoding="utf-8") for path in _ROOT.glob("examples/*/**/*.py")]
    for folder in ("plugins", "providers"):
        sources += [path.read_text(encoding="utf-8") for path in (_ROOT / folder).rglob("*.py")]
    sources += [Path(__file__).read_text(encoding="utf-8")]
    sources += [text for name, text in guide_files("") if name.endswith(".py")]
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call):
                made.add(_name_of(node.func))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                made |= {node.name, *map(_name_of, node.decorator_list)}
    hooks = re.compile(r"<!-- hooks -->.*?<!-- end of hooks -->", re.DOTALL)
    spoken = {
        (found[1] or found[2]).rpartition(".")[2]
        for code in re.findall(r"`([^`\n]+)`", hooks.sub("", guide_prose()))
        for found in _CALL.finditer(code)
    }
    assert len(spoken) > 60
    # A hook's signature is compared in the reference.
    assert spoken - made - _OF_TEXTS - set(KINDS) == set()
    assert all(f"{{ {name}(" in GUIDE for name in _OF_TEXTS)


def _name_of(value: ast.expr) -> str:
    called = value.func if isinstance(value, ast.Call) else value
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
