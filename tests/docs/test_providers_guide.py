"""The provider of docs/plugins.md, loaded as its author would load it, and run through its own tests."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, get_args

import pytest
from aiohttp import web
from support.guide import GUIDE, guide_files
from support.orders import task_for as ordered

from core.generation.model import Model
from core.generation.options import MediaInput, Option, SourceInput
from core.generation.sync_upstream import ReadingSettings, SaysWhyUnlisted, UpstreamReading
from sandbox.clock import ManualClock
from sandbox.studio import Studio
from starloom.testing import provider_context

_ROOT = Path(__file__).parent.parent.parent
_TABLE = re.compile(r"^And in `plugins.toml`:\n\n```toml\n(\[providers.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The guide's files, written down."""
    files = guide_files("acme", "test_acme")
    assert len(files) == 6
    for name, content in files:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path


@pytest.fixture
async def acme(directory: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """The server that the author wrote for the tests; every order is ready at once."""
    monkeypatch.syspath_prepend(str(directory))
    specification = importlib.util.spec_from_file_location("test_acme", directory / "test_acme.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)

    async def show(backend: Any, request: Any) -> Any:
        await backend.script_finished(request.match_info["id"])
        return await module.AcmeBackend.show(backend, request)

    prompt = type("Prompt", (module.AcmeBackend,), {"show": show})
    async with prompt(directory) as backend:
        yield backend
    sys.modules.pop("acme")


def _tables(acme: Any) -> dict[str, Any]:
    data = tomllib.loads((_ROOT / "plugins.toml").read_text(encoding="utf-8"))
    [table] = _TABLE.findall(GUIDE)
    data["providers"] |= tomllib.loads(table)["providers"]
    data["providers"]["acme"]["url"] = acme.url
    return data


def test_all_keys_of_models_toml_stand_in_the_guide() -> None:
    said = GUIDE[GUIDE.index("`acme/models.toml`") :]
    told = set(re.findall(r"(?m)(?<=`)\w+(?=`)|^\w+(?= = )|(?<=\[\[models\.)\w+", said))
    tables = (Model, Option, MediaInput, SourceInput)
    keys = {field for each in tables for field in each.model_fields} - {"provider"}
    assert keys - told == set()
    for field, of in (("type", Option), ("kind", MediaInput), ("role", MediaInput)):
        [line] = [line for line in said.splitlines() if f"`{field}` is " in line]
        words = line.partition(f"`{field}` is ")[2].partition(";")[0].replace(":", ",").replace(" or ", ", ")
        assert set(get_args(of.model_fields[field].annotation)) <= set(words.split(", ")), field


async def test_a_provider_of_somebody_elses_makes_what_people_order(
    database_uri: str, directory: Path, acme: Any
) -> None:
    async with await Studio.start(
        database_uri=database_uri,
        directory=directory,
        plugins=_tables(acme),
        settings={"PROVIDER_ACME_KEY": "acme-key-1"},
    ) as studio:
        alice = studio.person("Alice")
        await alice.send("a lighthouse")
        await alice.expect(kind="new")
        await alice.press("Acme sketch")
        await alice.expect(kind="edit")
        await alice.press("✨")
        # The provider says nothing of its file: that it is a picture comes from the server's headers.
        picture = await alice.expect(kind="photo", within=30)
        assert "Acme sketch" in picture.text
        assert acme.submissions == 1

        async def credit_is_known() -> bool:
            labels = {"provider": "acme", "unit": "pictures"}
            metrics = studio.running.metrics.registry
            return metrics.get_sample_value("starloom_provider_credit_remaining", labels) == 7

        await studio.until(credit_is_known)
        boris = studio.person("Борис", language="ru")
        await boris.send("маяк")
        await boris.expect(kind="new")
        await boris.press("Набросок Acme")
        assert "Бумага: белая" in (await boris.expect(kind="edit")).text


async def test_it_does_more_than_the_least(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(directory))
    plus = importlib.import_module("acme_plus")
    app = web.Application()
    app.router.add_get("/tasks", _answer({"ids": ["order-1"]}))
    app.router.add_get("/models", _answer({"models": {"acme-sketch": "0.02", "acme-oil": "0.5"}}))
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    clock = ManualClock()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    config, secrets = plus.AcmeProvider.__init__.__globals__["Config"](url=url), {"PROVIDER_ACME_KEY": "k"}
    async with provider_context("acme", config, clock=clock, directory=directory, secrets=secrets) as context:
        acme = plus.AcmePlus(context)
        assert await acme.find_task(ordered("acme-sketch"), clock.now()) == "order-1"
        assert (await acme.count_tokens(ordered("acme-sketch", prompt="a fox!!!"))).tokens == 2
        listed = await acme.upstream_models(UpstreamReading(ReadingSettings(), _NothingKept(), clock))
        assert listed.asked == {"acme-sketch", "acme-redraw"}
        assert listed.offers["acme-sketch"].text == "$0.02 a picture"
        assert listed.listed == {"acme-sketch", "acme-oil"}
        assert isinstance(plus.AcmeWithoutList(context), SaysWhyUnlisted)
    await runner.cleanup()
    for name in ("acme", "acme_plus"):
        sys.modules.pop(name)


def _answer(value: Any) -> Any:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(value)

    return answer


class _NothingKept:
    async def get(self, key: str) -> str | None:
        return None

    async def put(self, key: str, value: str) -> None:
        """Forget it."""
