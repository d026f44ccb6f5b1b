"""The provider of docs/plugins.md, loaded as its author would load it, and run through its own tests."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.studio import Studio

_ROOT = Path(__file__).parent.parent.parent
_GUIDE = (_ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
_FILE = re.compile(r"^`((?:acme/|test_acme)[\w./]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"^And in `plugins.toml`:\n\n```toml\n(\[providers.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The guide's files, written down."""
    files = _FILE.findall(_GUIDE)
    assert len(files) == 3
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
    [table] = _TABLE.findall(_GUIDE)
    data["providers"] |= tomllib.loads(table)["providers"]
    data["providers"]["acme"]["url"] = acme.url
    return data


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
