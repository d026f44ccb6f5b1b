"""What all parts of the plugin share: where times are told, who is told of what, and in which language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from plugins.monitoring.config import Audience, MonitoringConfig
from starloom.api import AnyType, Event, Plugin, Translator

_CHOICES = "audiences"
_CHOOSERS = "audiences by"


class Part(Plugin[MonitoringConfig]):
    """The base of every part."""

    @property
    def zone(self) -> ZoneInfo:
        """Where the operator's times are told."""
        return ZoneInfo(self.config.timezone) if self.config.timezone else self.context.statistics.zone

    def here(self, language: str | None, at: datetime | None = None) -> Translator:
        """A translator whose clock is the operator's."""
        moment = (at or self.context.clock.now()).astimezone(self.zone)
        offset = moment.utcoffset()
        if offset is None:
            return self.context.catalogue.translator(language)
        return self.context.catalogue.translator(language, offset)

    def speak(self, event: Event) -> Translator:
        """A translator for whoever asks, with the operator's clock."""
        return self.here(event.t.language)

    async def audiences(self) -> Mapping[AnyType, Audience]:
        """Who is told of each type: what was chosen in the chat wins over the settings."""
        chosen = await self.context.store.get(_CHOICES, {})
        return {
            kind: cast(Audience, chosen.get(kind.value, self.config.audience(kind)))
            for kind in self.context.operations.types()
        }

    async def audience(self, kind: AnyType) -> Audience:
        """Who is told of one type, also where its plugin is off by now."""
        return (await self.audiences()).get(kind) or self.config.audience(kind)

    async def choose(self, kind: AnyType, audience: Audience, by: str) -> None:
        """Send a type to somebody else from now on."""
        await self._remember(_CHOOSERS, kind, by)
        await self._remember(_CHOICES, kind, audience)

    async def _remember(self, key: str, kind: AnyType, chosen: str) -> None:
        await self.context.store.update(key, lambda known: {**known, kind.value: chosen}, {})

    async def chooser(self, kind: AnyType) -> str:
        """Who chose last where a type goes; empty where that is not known."""
        return str((await self.context.store.get(_CHOOSERS, {})).get(kind.value, ""))

    def chats(self, audience: Audience) -> tuple[int, ...]:
        """The chats that are meant."""
        admins = self.config.admin_chat_ids or tuple(self.context.operations.admins())
        monitoring = self.config.monitoring_chat_ids
        found = {"all": (*admins, *monitoring), "admins": admins, "monitoring": monitoring, "nobody": ()}
        return tuple(dict.fromkeys(found[audience]))

    def title_in(self, t: Translator) -> Callable[[str], str]:
        """What models are called in a language."""
        return lambda model_id: self.context.generations.title(model_id, t.language)

    async def language_of(self, chat_id: int) -> str | None:
        """What is read in a chat."""
        return await self.context.operations.language_of(chat_id) or self.config.language or None
