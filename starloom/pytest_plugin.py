"""The fixtures of `starloom.testing`; pytest finds them by itself where Starloom is installed.

Everything of Starloom is imported when a fixture is first asked for, so that other projects' tests, which
have none of them, start as fast as before.
"""

from __future__ import annotations

import asyncio
import os
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from core.billing.ledger import Ledger
    from sandbox.faults import Faults
    from sandbox.people.person import Person
    from sandbox.server import Sandbox
    from sandbox.studio import Studio
    from starloom.testing.clock import StudioClock
    from starloom.testing.demo import DemoProvider
    from starloom.testing.golden import Golden

Arrive = Callable[..., Awaitable["Person"]]
"""Lets somebody press Start and read the welcome: a name, and the code of a language."""

_PLUGINS = ("start", "generate", "settings", "buy", "stats")
"""The built-in plugins beside which an author's are tested."""
_GRANTS = {"generate": ["billing"], "buy": ["billing"], "settings": ["preferences"]}


@pytest.fixture(scope="session")
def starloom_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database server: `TEST_DATABASE_URL`, or an embedded one for the session."""
    from core.storage.embedded import EmbeddedServer

    if named := os.environ.get("TEST_DATABASE_URL"):
        yield named
        return
    server = EmbeddedServer(tmp_path_factory.mktemp("database"), durable=False)
    yield asyncio.run(server.start())
    asyncio.run(server.stop())


@pytest.fixture
def plugins_toml(pytestconfig: pytest.Config) -> dict[str, Any]:
    """What `plugins.toml` says: built-in plugins, the demo provider, and what `pyproject.toml` offers.

    Define a fixture of this name to set more: `plugins_toml["plugins"]["joke"]["jokes"] = 3`.
    """
    tables: dict[str, Any] = {
        "plugins": {
            name: {"module": f"plugins.{name}", "grants": _GRANTS.get(name, [])} for name in _PLUGINS
        },
        "providers": {"demo": {"module": "providers.demo", "seconds": 0, "faults": True}},
    }
    offered = _entry_points(pytestconfig.rootpath)
    for kind in ("plugins", "providers"):
        for name, target in offered.get(f"starloom.{kind}", {}).items():
            tables[kind][name] = {"module": target.partition(":")[0]}
    return tables


@pytest.fixture
def environment() -> dict[str, str]:
    """What `.env` says beside what the kit needs: nothing.

    Define a fixture of this name to give a provider its key: `return {"PROVIDER_ACME_KEY": "acme-key-1"}`.
    """
    return {}


@pytest_asyncio.fixture
async def studio(
    starloom_database: str,
    tmp_path: Path,
    plugins_toml: dict[str, Any],
    environment: dict[str, str],
    clock: StudioClock,
) -> AsyncIterator[Studio]:
    """The whole bot on a local Telegram, with one admin. At the end the ledger must be without a fault."""
    from sandbox.studio import Studio

    starting = Studio.start(
        database_uri=starloom_database,
        directory=tmp_path,
        plugins=plugins_toml,
        settings=environment,
        admins=1,
        clock=clock,
    )
    async with await starting as studio:
        clock.serve(studio)
        problems = [
            f"plugin {each.name}: {each.reason}"
            for each in studio.service.plugins.states()
            if each.reason and each.on_by_default
        ]
        problems += [
            f"provider {each.name}: {each.reason}" for each in studio.running.provider_states if each.reason
        ]
        assert not problems, "; ".join(problems)
        yield studio
        report = await studio.running.ledger.check()
        assert (report.total, report.problems) == (0, ())


@pytest.fixture
def people(studio: Studio) -> Arrive:
    """Let somebody press Start and read the welcome; called with a name and a language's code."""

    async def arrive(name: str = "Alice", language: str = "en", **details: Any) -> Person:
        person = studio.person(name, language, **details)
        await person.start()
        await person.expect(kind="new")
        return person

    return arrive


@pytest.fixture
def sandbox(studio: Studio) -> Sandbox:
    """The local Telegram."""
    return studio.sandbox


@pytest.fixture
def faults(studio: Studio) -> Faults:
    """What goes wrong on the local Telegram: `faults.add(Fault(kind=..., method=..., times=1))`."""
    return studio.sandbox.faults


@pytest_asyncio.fixture
async def ledger(studio: Studio) -> AsyncIterator[Ledger]:
    """The ledger: `await ledger.balance(alice.id)`, `await ledger.check()`."""
    from core.billing.ledger import Ledger

    # Over a connection of its own, which lives on while the bot is started again.
    async with studio.database() as database:
        yield Ledger(database, studio.clock)


@pytest.fixture
def provider(studio: Studio) -> DemoProvider:
    """The provider that makes what people order in tests: real files, at once."""
    from starloom.testing.demo import DemoProvider

    return DemoProvider(studio)


@pytest.fixture
def clock() -> StudioClock:
    """The bot's clock: `await clock.advance(hours=24)` lets a day pass, with all that plugins do in it."""
    from starloom.testing.clock import StudioClock

    return StudioClock()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Person], Golden]:
    """Write a person's dialogue down from now on.

    The answer's `same_as("joke")` compares it with a file of the folder `golden` beside the test.
    """
    from starloom.testing.golden import Golden

    return lambda person: Golden(person, request.path.parent / "golden")


def _entry_points(root: Path) -> dict[str, dict[str, str]]:
    """What the distribution under test offers, by group."""
    path = root / "pyproject.toml"
    if not path.is_file():
        return {}
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    found: dict[str, dict[str, str]] = data.get("project", {}).get("entry-points", {})
    return found
