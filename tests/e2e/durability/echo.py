"""A plugin that answers every text with itself, for tests that count and order answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sandbox.people.person import Person

HANGS = "hang"
_PLUGIN = '''
import asyncio
from pathlib import Path

from starloom.api import MessageEvent, Plugin, PluginConfig, on_text


class EchoConfig(PluginConfig):
    marker: Path


class EchoPlugin(Plugin[EchoConfig]):
    """A text that begins with `hang` is answered when it is handled for the second time."""

    name = "echo"
    version = "1.0"
    Config = EchoConfig

    @on_text
    async def take(self, event: MessageEvent) -> None:
        marker = self.context.config.marker
        if event.message.text.startswith("hang") and not marker.exists():
            marker.touch()
            await asyncio.Event().wait()
        await event.reply(f"echo {event.message.text}")
'''


def install(directory: Path) -> dict[str, Any]:
    """Write the plugin into `directory`; what a plugins.toml there has to say to run it alone."""
    (directory / "echo").mkdir()
    (directory / "echo" / "__init__.py").write_text(_PLUGIN, encoding="utf-8")
    return {"plugins": {"echo": {"module": "./echo", "marker": str(marker_of(directory))}}}


def marker_of(directory: Path) -> Path:
    """The file that is there once a text that hangs is being handled."""
    return directory / "hanging"


async def greet(*people: Person) -> None:
    """See that the bot answers; it knows these people then."""
    for person in people:
        await person.send("hello")
        assert (await person.expect(within=60)).text == "echo hello"


async def hear(person: Person, *texts: str) -> None:
    """The answers to `texts`, in this order and nothing else."""
    for text in texts:
        assert (await person.expect(within=60)).text == f"echo {text}"
    assert person.unexpected == ()
