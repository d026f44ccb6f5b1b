"""`models sync`, `changes`, `approve` and `reject`, beside a provider's list on this machine."""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from support.kie_catalogue import KieCatalogueServer
from support.kie_server import KEY
from support.scripted_http import page

from core.clock import SystemClock
from core.generation.model import Category
from core.storage.database import Database
from starloom.cli.models import list_models, quote
from starloom.cli.models_sync import changes, decide, synchronise
from starloom.cli.options import Options

IMAGE = "google/imagen4"


@pytest.fixture
async def server() -> AsyncIterator[KieCatalogueServer]:
    async with KieCatalogueServer().running() as server:
        yield server


@pytest.fixture
async def options(
    server: KieCatalogueServer, database_uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Options]:
    """The settings of a bot of its own, with Kie.ai alone."""
    bot = random.randrange(10**9, 10**10)
    settings = {
        "PATH": os.environ["PATH"],
        "COLUMNS": "200",
        "LOG_LEVEL": "ERROR",
        "BOT_TOKEN": f"{bot}:token",
        "API_ID": "1",
        "API_HASH": "x",
        "MONGODB_URI": database_uri,
        "DATA_DIR": str(tmp_path / "data"),
        "KIE_API_KEY": KEY,
        "KIE_BASE_URL": server.url,
        "REQUEST_DELAY": "0",
    }
    monkeypatch.setattr(os, "environ", settings)
    file = tmp_path / "plugins.toml"
    file.write_text('[providers.kie]\nmodule = "providers.kie"\n', encoding="utf-8")
    database = await Database.connect(database_uri, f"starloom_{bot}", embedded=False, clock=SystemClock())
    await database.prepare()
    yield Options(env_file=tmp_path / ".env", plugins_file=file)
    await database.erase()
    await database.close()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Runs a command beside the server; answers its exit status and what it printed."""

    async def command(do: Callable[..., int], *arguments: Any, **named: Any) -> tuple[int, str]:
        capsys.readouterr()
        status = await asyncio.to_thread(do, *arguments, **named)
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return command


async def test_sync_tells_what_changed_and_what_it_took(
    run: Any, options: Options, server: KieCatalogueServer
) -> None:
    server.replace(IMAGE, "8 credits per image ($0.04)", "6 credits per image ($0.03)")
    status, out = await run(synchronise, options, force=False, workers=2)
    assert status == 0
    assert "163 models compared, 1 changed" in out
    assert "$0.04 -> $0.03" in out
    assert "5 requests, 0 answers from the cache, 0 errors" in out
    _, out = await run(synchronise, options, force=False, workers=2)
    assert "163 models compared, 0 changed" in out
    assert "0 requests, 5 answers from the cache" in out
    _, out = await run(synchronise, options, force=True, workers=8)
    assert "5 requests, 0 answers from the cache" in out
    status, out = await run(changes, options)
    assert IMAGE in out
    assert "fallen" in out
    status, out = await run(decide, options, IMAGE, accept=True)
    assert (status, out) == (0, f"{IMAGE}: the new price is asked.\n")
    status, out = await run(decide, options, IMAGE, accept=False)
    assert status == 1
    assert "Nothing of google/imagen4 waits" in out
    assert await run(changes, options) == (0, "Nothing waits for a decision.\n")
    _, out = await run(quote, options, IMAGE, [], None)
    assert f"{IMAGE}: $0.03, " in out
    _, out = await run(list_models, options, category=None, provider="kie", locked=False, retired=False)
    assert [line.split()[3] for line in out.splitlines() if line.startswith(f"{IMAGE} ")] == ["$0.03"]


async def test_without_the_database_prices_are_the_files_and_a_note_says_so(
    run: Any, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setitem(os.environ, "MONGODB_URI", f"mongodb://127.0.0.1:{taken.getsockname()[1]}/")
        status, out = await run(
            list_models, options, category=Category.AUDIO, provider="kie", locked=False, retired=False
        )
    assert status == 0
    assert "what was synchronised is not counted in: no database answers" in " ".join(out.split())


async def test_what_cannot_be_read_can_only_be_rejected(
    run: Any, options: Options, server: KieCatalogueServer
) -> None:
    server.texts[IMAGE] = "Ask our sales team."
    _, out = await run(synchronise, options, force=False, workers=2)
    assert "Ask our sales team." in out
    status, out = await run(decide, options, IMAGE, accept=True)
    assert status == 1
    assert "can only be rejected" in out
    status, out = await run(decide, options, IMAGE, accept=False)
    assert (status, out) == (0, f"{IMAGE}: the price stays as it is.\n")


async def test_a_broken_list_is_a_failure_that_changes_nothing(
    run: Any, options: Options, server: KieCatalogueServer
) -> None:
    server.next("models", page(200))
    status, out = await run(synchronise, options, force=False, workers=2)
    assert status == 1
    assert "nothing was changed: unread" in out
    assert "1 errors" in out


async def test_without_a_provider_that_lists_there_is_nothing_to_compare(
    run: Any, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "KIE_API_KEY", "")
    status, out = await run(synchronise, options, force=False, workers=2)
    assert status == 1
    assert "No provider" in out


async def test_what_providers_do_not_tell_is_said_in_a_sentence_each(
    run: Any, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(os.environ, "KIE_API_KEY")
    monkeypatch.setitem(os.environ, "A2E_API_KEY", "key")
    names = ("demo", "kie", "a2e")
    tables = "".join(f'[providers.{name}]\nmodule = "providers.{name}"\n' for name in names)
    options.plugins_file.write_text(tables, encoding="utf-8")
    status, out = await run(synchronise, options, force=False, workers=2)
    assert status == 1
    assert out.splitlines() == [
        "demo: it makes everything itself, so nothing changes elsewhere",
        "kie: none of its models is offered, so it is not asked",
        "a2e: its API has no list of models and no prices; compare your balance before and after an order",
        "No provider that is on can list its models.",
    ]
