"""A gate before every generation: prompts with words that the operator does not want are refused."""

import re
from typing import Any

from starloom.api import MessageEvent, Plugin, PluginConfig, PluginContext, Refusal, User, command, hookimpl


class GateConfig(PluginConfig):
    """What is refused from the beginning."""

    words: tuple[str, ...] = ()


class GatekeeperPlugin(Plugin[GateConfig]):
    """Decides before any money is held. `/forbid` and `/permit` change the words while the bot runs."""

    name = "gatekeeper"
    version = "1.0.0"
    api = ">=1.0,<2"
    Config = GateConfig

    def __init__(self, context: PluginContext[GateConfig]) -> None:
        super().__init__(context)
        self._words = context.collection("words")

    @command("forbid", description="gatekeeper-forbid-command", admin=True)
    async def forbid(self, event: MessageEvent) -> None:
        """Add a word, or show the words."""
        word = event.argument.strip().lower()
        if word:
            await self._words.put(word, {})
        await self._show(event)

    @command("permit", description="gatekeeper-permit-command", admin=True)
    async def permit(self, event: MessageEvent) -> None:
        """Take a word away; those of the file stay."""
        await self._words.delete(event.argument.strip().lower())
        await self._show(event)

    @hookimpl
    async def may_generate(
        self, user: User, model_id: str, prompt: str, options: dict[str, Any]
    ) -> Refusal | None:
        """Refuse a prompt that has one of the words. Where the words cannot be read nobody passes."""
        asked = set(re.findall(r"\w+", prompt.lower()))
        found = sorted(asked & await self._forbidden())
        return Refusal("gatekeeper-refused", {"word": found[0]}) if found else None

    async def _forbidden(self) -> set[str]:
        return {word.lower() for word in self.config.words} | {row["key"] async for row in self._words.each()}

    async def _show(self, event: MessageEvent) -> None:
        words = sorted(await self._forbidden())
        await event.say("gatekeeper-words", count=len(words), words=", ".join(words))
