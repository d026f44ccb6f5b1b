"""What people do again and again in tests on the whole bot, and what must hold when they are done."""

from __future__ import annotations

import copy
import re
import textwrap
import tomllib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sandbox.people.person import Person
from sandbox.people.views import MessageView, view
from sandbox.studio import QUICK, Studio
from sandbox.world.events import EditedMessage, Event, NewMessage
from sandbox.world.queries import CallbackAnswer

ROOT = Path(__file__).parents[2]
WELCOME = 192
"""Stars that a newcomer of a studio is given."""
IMAGE_PRICE = 3
LANGUAGE_NAMES = ("English", "Русский")
"""What languages call themselves, in every language."""
FOREIGN_NAME = {"en": "Алиса", "ru": "Alice"}
"""Somebody whose name is not in the language that they read: no text of ours may break at it."""
FOREIGN_WORDS = {"en": "рыжая лиса", "ru": "red fox"}
"""The same of what they write."""
OOPS = """
    class OopsPlugin(Plugin):
        name = "oops"

        @command("oops")
        async def oops(self, event):
            1 / 0
"""
"""A plugin whose command goes wrong."""
WITHOUT_QUEUE = replace(QUICK, generation=replace(QUICK.generation, max_queued=0))
"""A bot that refuses an order while another of the same person is being made."""


def project_plugins(directory: Path, *, seconds: float = 0) -> dict[str, Any]:
    """What the project's plugins.toml says, with a quick demo provider that can be told to go wrong."""
    data = copy.deepcopy(tomllib.loads((ROOT / "plugins.toml").read_text(encoding="utf-8")))
    data["providers"]["demo"] |= {"seconds": seconds, "faults": True, "frames": 6}
    return data


@asynccontextmanager
async def shared_studio(database_uri: str, directory: Path, **options: Any) -> AsyncIterator[Studio]:
    """A studio for the tests of a module: each lets people of its own register."""
    options = {"plugins": project_plugins(directory), "admins": 1, **options}
    async with await Studio.start(database_uri=database_uri, directory=directory, **options) as studio:
        yield studio


def write_plugin(
    directory: Path, name: str, code: str, texts: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, Any]:
    """Write a plugin into a folder of its own; answers its table of plugins.toml."""
    folder = directory / name
    folder.mkdir()
    imports = "import asyncio, contextlib\nfrom starloom.api import *\n"
    (folder / "__init__.py").write_text(imports + textwrap.dedent(code), encoding="utf-8")
    for language, keys in (texts or {}).items():
        (folder / "locales").mkdir(exist_ok=True)
        lines = "".join(f"{key} = {text}\n" for key, text in keys.items())
        (folder / "locales" / f"{language}.ftl").write_text(lines, encoding="utf-8")
    return {"module": f"./{name}"}


async def ask(person: Person, text: str) -> MessageView:
    """Write something; the bot's next message."""
    await person.send(text)
    return await person.expect(lambda message: message.service is None, kind="new")


async def pressed(person: Person, label: str, message: MessageView) -> MessageView:
    """Press a button that changes its message; the message then."""
    await person.press(label, message)
    return await person.expect(lambda seen: seen.id == message.id, kind="edit")


async def caught_up(person: Person) -> None:
    """Wait until the bot has answered everything that the person sent: what is said now is all."""
    await person.send("/lang")
    await person.expect(lambda message: message.text.startswith("🌐"), kind="new")


async def all_read(person: Person) -> None:
    """Wait until the bot has answered everything, and read it: what comes next answers what is next."""
    await caught_up(person)
    for _ in person.unexpected:
        await person.expect()


async def arrive(studio: Studio, name: str = "Alex", language: str = "en", **details: Any) -> Person:
    """Somebody who has pressed Start and read the welcome."""
    person = studio.person(name, language, **details)
    await person.start()
    await person.expect(kind="new")
    return person


async def to_confirmation(
    person: Person, prompt: str = "a red fox", model: str | Sequence[str] = "🖼"
) -> MessageView:
    """Go as far as the last question before money; `model` is the picture on its button, or the way to it."""
    await ask(person, "/generate")
    for label in (model,) if isinstance(model, str) else model:
        await person.press(label)
        await person.expect(kind="edit")
    return await ask(person, prompt)


async def begin(person: Person, prompt: str = "a red fox", model: str = "🖼") -> CallbackAnswer:
    """Begin a generation."""
    return await person.press("✨", await to_confirmation(person, prompt, model))


async def delivered(person: Person) -> MessageView:
    """The file in the chat."""
    return await person.expect(lambda message: message.media is not None, within=40)


async def spend(studio: Studio, person: Person, stars: int) -> None:
    """Let so many Stars of the person's be spent elsewhere."""
    ledger, key = studio.running.ledger, f"test:elsewhere:{person.id}"
    await ledger.hold(person.id, key, stars, actor="test", reason="test")
    await ledger.settle(person.id, key, actor="test", reason="test")


async def assert_usable(studio: Studio, person: Person) -> None:
    """The person can go from words to a file still, and pays its price once."""
    before = (await studio.running.ledger.balance(person.id)).available
    await begin(person)
    await delivered(person)
    await studio.settled(person)
    after = (await studio.running.ledger.balance(person.id)).available
    assert before - after == IMAGE_PRICE


async def assert_sound(studio: Studio, *people: Person, spent: int = 0) -> None:
    """Nobody has anything held, each has spent `spent` Stars, and the ledger is without a fault."""
    for person in people:
        await studio.settled(person)
        balance = await studio.running.ledger.balance(person.id)
        assert (balance.available, balance.held) == (WELCOME - spent, 0), person.transcript()
    report = await studio.running.ledger.check()
    assert (report.total, report.problems) == (0, ())


def files(person: Person) -> list[MessageView]:
    """The files that the bot has sent."""
    return [message for message in person.messages() if message.media is not None and not message.out]


def said(person: Person, *parts: str) -> list[str]:
    """What the bot has written so far that has one of `parts` in it."""
    texts = [message.text for message in person.messages() if not message.out]
    return [text for text in texts if any(part in text for part in parts)]


class Screen:
    """Everything that the bot shows one person, also what is edited or deleted later."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.texts: list[str] = []
        self.labels: list[str] = []
        person.world.watch(person.id, self._see)

    async def press(self, label: str, message: MessageView | None = None) -> None:
        """Press a button and read its answer."""
        self.texts.append((await self.person.press(label, message)).text or "")

    def read_menu(self) -> None:
        """Open the menu of commands."""
        self.texts += [description for _, description in self.person.commands()]

    @property
    def everything(self) -> list[str]:
        """All texts and labels."""
        return [*self.texts, *self.labels]

    def _see(self, event: Event) -> None:
        if isinstance(event, NewMessage | EditedMessage) and event.message.sender != self.person.peer:
            message = view(self.person.world, self.person.id, event.message)
            self.texts.append(message.text)
            self.labels += message.labels


_COMMANDS = re.compile(r"/[a-z_]+")
_FOREIGN = {"ru": re.compile(r"[A-Za-z]{2,}"), "en": re.compile(r"[А-Яа-яЁё]+")}
_MARKUP = re.compile(r"</?[a-z]+[^<>]*>|&[a-z]+;|\{ ?\$|\}|Traceback|Error\b|Exception")


def assert_readable(screen: Screen, *, allowed: tuple[str, ...] = ()) -> None:
    """Nothing but the person's own language: no key of a bundle, no markup, no exception.

    `allowed` are names and the person's own words.
    """
    foreign = _FOREIGN[screen.person.language]
    keys = _keys()
    names = sorted({*allowed, *LANGUAGE_NAMES}, key=lambda name: (-len(name), name))
    for text in dict.fromkeys(screen.everything):
        shown = _COMMANDS.sub(" ", text)
        for name in names:
            shown = shown.replace(name, " ")
        assert not foreign.search(shown), text
        assert not _MARKUP.search(shown), text
        assert not set(re.findall(r"[a-z]+(?:-[a-z]+)+", shown)) & keys, text
    assert [label for label in screen.labels if len(label) > 40] == []


def _keys() -> set[str]:
    """The keys of all bundles."""
    found = [*ROOT.glob("locales/*/*.ftl"), *ROOT.glob("plugins/*/locales/*.ftl")]
    lines = (line for path in found for line in path.read_text(encoding="utf-8").splitlines())
    return {line.partition(" =")[0] for line in lines if re.match(r"[a-z][a-z0-9-]* =", line)}
