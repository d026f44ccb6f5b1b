"""The local Telegram as a whole: a world, the server in front of it, and handles on everybody in it."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from core.clock import Clock, SystemClock
from core.telegram.endpoint import Endpoint
from sandbox.api.registry import SandboxApi
from sandbox.faults import Faults
from sandbox.mtproto import MTProtoServer
from sandbox.people.handles import Addressable, Bot, Place
from sandbox.people.person import Person
from sandbox.world import saving
from sandbox.world.members import found
from sandbox.world.rules import Rules
from sandbox.world.state import Account, ChatKind
from sandbox.world.world import World

_KEYS = "keys.json"


class Sandbox:
    """A running local Telegram.

    `world` is what there is, `server` what clients log in to, `faults` what goes wrong on purpose. As an
    asynchronous context manager it stops at the end.
    """

    def __init__(self, world: World, server: MTProtoServer, directory: Path) -> None:
        self.world = world
        self.server = server
        self.faults = server.faults
        self.bots: dict[str, Bot] = {}
        """By username, in order of making."""
        self.people: list[Person] = []
        """In order of registering."""
        self.places: list[Place] = []
        """Groups and channels, in order of founding."""
        self._directory = directory
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._loaded: set[int] = set()

    @classmethod
    async def start(
        cls,
        *,
        seed: int | None = None,
        clock: Clock | None = None,
        directory: Path | None = None,
        port: int = 0,
        rules: Rules | None = None,
    ) -> Self:
        """Start a world and its server on 127.0.0.1.

        With a `directory` the world that was saved there goes on, and is saved at `stop`; without one it
        is gone afterwards. `seed` makes ids come out the same each time. `clock` is the world's time: dates,
        deadlines, rates; people's patience is counted in real seconds.

        Raises:
            OSError: where the port is taken.
            SavedWorldUnreadableError: if the saved world has another layer of Telegram's schema.
        """
        temporary = None
        if directory is None:
            temporary = tempfile.TemporaryDirectory(prefix="sandbox-")
            directory = Path(temporary.name)
        clock = clock or SystemClock()
        world = World(directory, seed=seed, clock=clock, rules=rules)
        server = MTProtoServer(SandboxApi(world), clock=clock, port=port, faults=Faults(seed or 0))
        self = cls(world, server, directory)
        self._temporary = temporary
        self._load()
        await server.start()
        world.wire = server
        world.address = server.endpoint.host, server.endpoint.port
        return self

    async def stop(self) -> None:
        """Stop the server; a world with a directory of its own is saved."""
        await self.server.stop()
        self.world.wire = None
        if self._temporary is None:
            await self.save()
        else:
            self._temporary.cleanup()

    async def save(self) -> None:
        """Write the world, its files and the clients' keys to the directory."""
        keys = json.dumps(self.server.export_keys())
        saving.write(self.world, self._directory)
        await asyncio.to_thread(saving.replace_text, self._directory / _KEYS, keys)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def endpoint(self) -> Endpoint:
        """Where clients find the server, and by which key they know it."""
        return self.server.endpoint

    # Everybody

    def add_bot(
        self, username: str = "starloom_bot", name: str = "Starloom", *, token: str | None = None
    ) -> Bot:
        """Make a bot; one of this username in a loaded world is handed out again."""
        known = self.bots.get(username)
        if known is not None and known.id in self._loaded:
            return known
        return self._take_bot(self.world.add_bot(name, username=username, token=token))

    def add_person(
        self, name: str, *, language: str = "en", username: str | None = None, stars: int = 0
    ) -> Person:
        """Let a person register, with `stars` bought; one of this name in a loaded world goes on instead."""
        for person in self.people:
            if person.id in self._loaded and (person.name, person.username) == (name, username):
                return person
        person = self._take_person(self.world.add_person(name, language=language, username=username))
        if stars:
            self.world.stars.grant(person.id, stars)
        return person

    def person(self, name: str) -> Person:
        """The person with this name or username.

        Raises:
            KeyError: if there is none.
        """
        for person in self.people:
            if name in (person.name, person.username):
                return person
        raise KeyError(name)

    def add_group(self, title: str, members: Iterable[Addressable], *, supergroup: bool = False) -> Place:
        """Found a group of people and bots; the first of them is its creator."""
        kind = ChatKind.SUPERGROUP if supergroup else ChatKind.GROUP
        return self._found(title, kind, [member.peer.id for member in members], [])

    def add_channel(
        self, title: str, admins: Iterable[Addressable], members: Iterable[Addressable] = ()
    ) -> Place:
        """Found a channel; the first of its admins is its creator."""
        chosen = [admin.peer.id for admin in admins]
        return self._found(title, ChatKind.CHANNEL, [*chosen, *(m.peer.id for m in members)], chosen)

    def _found(self, title: str, kind: ChatKind, everybody: list[int], admins: list[int]) -> Place:
        place = self.world.add_chat(title, kind, creator=everybody[0], members=everybody[1:], admins=admins)
        found(self.world, place)
        self.places.append(Place(self.world, place))
        return self.places[-1]

    def _take_bot(self, account: Account) -> Bot:
        bot = Bot(self.world, account)
        self.bots[bot.username] = bot
        return bot

    def _take_person(self, account: Account) -> Person:
        self.people.append(Person(self.world, account, self._first_bot))
        return self.people[-1]

    def _first_bot(self) -> Bot | None:
        return next(iter(self.bots.values()), None)

    def _load(self) -> None:
        if not saving.read(self.world, self._directory):
            return
        self._loaded = set(self.world.accounts)
        for account in self.world.accounts.values():
            if account.is_bot:
                self._take_bot(account)
            else:
                self._take_person(account)
        self.places = [Place(self.world, place) for place in self.world.chats.values()]
        keys = self._directory / _KEYS
        if keys.exists():
            self.server.import_keys(json.loads(keys.read_text()))
