"""The examples of docs/plugins.md, run as an author would run them."""

from __future__ import annotations

import io
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.author import run_tests

from sandbox.studio import Studio

_ROOT = Path(__file__).parent.parent.parent
_GUIDE = (_ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
_FILE = re.compile(r"^`([\w./]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TABLE = re.compile(r"^(?:And )?[Ii]n `plugins.toml`:\n\n```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PLUGINS = ("joke/", "gate/", "mark/")
_TEST = "test_joke.py"

_PROJECT = """
[project.entry-points."starloom.plugins"]
joke = "joke"
[tool.pytest.ini_options]
asyncio_mode = "auto"
asyncio_default_fixture_loop_scope = "function"
pythonpath = ["."]
"""
_DIALOGUE = """→ /joke
• Почему плагины не ссорятся? У них один интерфейс.
    [Ещё одну]

→ [Ещё одну]
✎ Заходит обработчик в бар, а через 30 секунд его отменяют.
    [Ещё одну]
"""


@pytest.fixture
def plugins(tmp_path: Path) -> dict[str, Any]:
    """The guide's files written down, and the guide's tables beside the built-in ones."""
    files = [(name, content) for name, content in _FILE.findall(_GUIDE) if name.startswith(_PLUGINS)]
    assert len(files) == 7
    for name, content in files:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    data = tomllib.loads((_ROOT / "plugins.toml").read_text(encoding="utf-8"))
    data["providers"]["demo"] |= {"seconds": 0}
    for table in _TABLE.findall(_GUIDE):
        data["plugins"] |= tomllib.loads(table).get("plugins", {})
    data["plugins"] |= {name: {"module": f"./{name}"} for name in ("gate", "mark")}
    return data


async def test_the_guides_plugins_work(database_uri: str, tmp_path: Path, plugins: dict[str, Any]) -> None:
    async with await Studio.start(database_uri=database_uri, directory=tmp_path, plugins=plugins) as studio:
        boris = studio.person("Boris", "ru")
        await boris.send("/joke")
        await boris.expect("Почему плагины не ссорятся?")
        await boris.press("Ещё одну")
        await boris.expect("Заходит обработчик в бар", kind="edit")

        async def in_menu() -> bool:
            return ("joke", "Послушать шутку") in boris.commands()

        await studio.until(in_menu)

        alice = studio.person("Alice")
        await alice.send("a picture of spam")
        await alice.expect(kind="new")
        await alice.press("Demo image")
        await alice.expect(kind="edit")
        await alice.press("✨")
        await alice.expect("I don’t draw “spam”. Nothing was charged.")
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


async def test_the_guides_test_passes(database_uri: str, tmp_path: Path, plugins: dict[str, Any]) -> None:
    (test,) = [content for name, content in _FILE.findall(_GUIDE) if name == _TEST]
    (tmp_path / _TEST).write_text(test, encoding="utf-8")
    (tmp_path / "golden").mkdir()
    (tmp_path / "golden" / "joke.ru.txt").write_text(_DIALOGUE, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(_PROJECT, encoding="utf-8")
    assert "2 passed" in await run_tests(tmp_path, database_uri)
