"""One person's chat with the built-in plugins, without Telegram: says, presses, and reads what is there."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import structlog
from support.generation_world import World

from core.admin.roles import AdminRole
from core.errors import UserFacingError
from core.events import CallbackEvent, Event, MessageEvent
from core.generation.assembly import Studio
from core.generation.job import Job
from core.generation.model import Model
from core.generation.options import MediaInput
from core.i18n import Html
from core.media.desk import KINDS_TAKEN, Taken
from core.media.given import GivenFile
from core.media.wants import Note
from core.plugin import PluginContext
from core.plugin_views import MenuPlace
from core.preferences import Preferences
from core.routes import Routes
from core.statistics.figures import Figures
from core.statistics.periods import Period
from core.statistics.record import Outcome
from core.statistics.rows import Kind
from core.statistics.summary import Summary
from core.telegram.keyboards import CallbackAction, CallbackSigner
from core.telegram.types import (
    Button,
    Chat,
    ChatKind,
    IncomingMedia,
    Keyboard,
    MediaKind,
    Message,
    MessageRef,
)
from core.users import Dialogue, User
from plugins.generate import GenerateConfig, GeneratePlugin
from plugins.start import StartPlugin

PLUGINS = Path(__file__).parents[2] / "plugins"
BUTTON_LENGTH = 40
_SIGNER = CallbackSigner(b"sixteen bytes or more")
_KEY = re.compile(r"^[a-z]+(-[a-z]+)+$")


@dataclass
class Shown:
    """A message of the bot's as it stands in the chat."""

    id: int
    text: str
    keyboard: Keyboard = ()

    @property
    def buttons(self) -> list[str]:
        return [button.text for row in self.keyboard for button in row]


class PluginChat:
    """The chat. Its person is that of the world; `restart` makes everything in the bot's memory new."""

    def __init__(
        self, world: World, *, language: str = "en", new: bool = False, models_per_page: int = 2
    ) -> None:
        self.world = world
        self.user = replace(world.person, telegram_language=language, language=None, is_new=new)
        self.shown: dict[int, Shown] = {}
        self.toasts: list[str] = []
        self.sent = 0
        """The id of the person's last message."""
        self._updates = 0
        self.media = RecordedMedia(world)
        self.notes = _Notes()
        self.delivered: dict[str, int] = {}
        """What statistics say of results by model id."""
        self.statistics: Any = _Statistics(self)
        self._config = GenerateConfig(models_per_page=models_per_page)
        for name in ("start", "generate"):
            world.i18n.add(name, PLUGINS / name / "locales")
        self.restart()

    def restart(self) -> None:
        self.studio: Studio = self.world.studio()
        self.routes = Routes()
        self.start = StartPlugin(self._context("start", StartPlugin.Config()))
        self.generate = GeneratePlugin(self._context("generate", self._config))
        for plugin in (self.start, self.generate):
            self.routes.add(plugin)
        self.world.plugins.listeners = [self.generate.generation_changed]

    def _context(self, name: str, config: Any) -> PluginContext[Any]:
        unused: Any = None
        return PluginContext(
            name=name,
            config=config,
            outbox=_Outbox(self),
            people=_People(self),
            ledger=self.world.ledger,
            generations=self.studio.generations,
            amounts=self.world.amounts,
            accounts=unused,
            media=self.media,
            statistics=self.statistics,
            charts=unused,
            store=unused,
            notes=self.notes,
            collection=unused,
            schedule=unused,
            metrics=unused,
            admins=unused,
            notifications=unused,
            support=unused,
            catalogue=_Catalogue(self),
            clock=self.world.clock,
            log=structlog.stdlib.get_logger(name),
            spawn=lambda coroutine: coroutine.close(),
        )

    @property
    def last(self) -> Shown:
        return self.shown[max(self.shown)]

    async def say(self, text: str) -> Shown:
        """Send a message; what the chat shows last then."""
        return await self._message(text, None)

    async def send_media(
        self, kind: MediaKind, caption: str = "", *, album: int | None = None, **details: Any
    ) -> Shown:
        return await self._message(caption, IncomingMedia(kind, "file", **details), album)

    async def edit(self, text: str, message_id: int = 0) -> Shown:
        """Change a message, the last one if none is named; what the chat shows last then."""
        dialogue = self.user.dialogue
        route = self.routes.edit(dialogue.plugin) if dialogue is not None else None
        if route is not None:
            chat = Chat(self.user.id, ChatKind.PRIVATE)
            now = self.world.clock.now()
            message = Message(message_id or self.sent, chat, None, now, text, edited=True)
            event = MessageEvent(**self._event(route.plugin), message=message)
            await self._call(route.handler(event), event)
        return self.last

    async def see_result(self, job: Job, language: str = "en") -> Shown:
        """The delivered message of a job, as the plugin's buttons make it."""
        rows = await self.generate.result_keyboard(replace(job, language=language))
        number = max(self.shown, default=0) + 1
        self.show(number, Html("A result."), rows, "generate")
        return self.shown[number]

    async def press(self, label: str, *, on: Shown | None = None) -> Shown:
        """Press the button that has `label` in it, below the last message or another one."""
        message = on or self.last
        found = [button for row in message.keyboard for button in row if label in button.text]
        assert len(found) == 1, f"{label!r} is not one of {message.buttons}"
        return await self.press_button(found[0], message.id)

    async def press_button(self, button: Button, message_id: int) -> Shown:
        route = self.routes.callback(button.plugin, button.action)
        assert route is not None
        event = CallbackEvent(**self._event(button.plugin), message_id=message_id, arguments=button.arguments)
        await self._call(route.handler(event), event)
        return self.last

    async def _message(self, text: str, media: IncomingMedia | None, album: int | None = None) -> Shown:
        self._updates += 1
        chat = Chat(self.user.id, ChatKind.PRIVATE)
        self.sent = 10_000 + self._updates
        message = Message(self.sent, chat, None, self.world.clock.now(), text, media, album)
        name, _, argument = text.removeprefix("/").partition(" ")
        dialogue = self.user.dialogue
        if text.startswith("/") and media is None:
            route = self.routes.command(name)
        elif dialogue is not None:
            route, argument = self.routes.step(dialogue.plugin, dialogue.step), ""
        else:
            route, argument = self.routes.text(), ""
        assert route is not None, f"nobody answers {text!r}"
        event = MessageEvent(**self._event(route.plugin), message=message, argument=argument)
        await self._call(route.handler(event), event)
        return self.last

    async def _call(self, answer: Awaitable[None], event: Event) -> None:
        try:
            await answer
        except UserFacingError as error:
            # As the router does it.
            text = event.t(error.key, **error.variables)
            if isinstance(event, CallbackEvent):
                await event.answer(text, alert=True)
            else:
                await event.reply(text)
        self.user = replace(self.user, is_new=False)

    def _event(self, plugin: str) -> dict[str, Any]:
        self._updates += 1
        return {
            "key": f"update:{self._updates}",
            "user": self.user,
            "chat": Chat(self.user.id, ChatKind.PRIVATE),
            "t": self.world.i18n.translator(self.user.language or self.user.telegram_language),
            "answers": _Answers(self, plugin),
            "plugin": plugin,
        }

    def show(self, message_id: int, text: str, keyboard: Keyboard | None, plugin: str) -> None:
        owned = tuple(
            tuple(replace(button, plugin=button.plugin or plugin) for button in row) for row in keyboard or ()
        )
        for button in (button for row in owned for button in row):
            assert 0 < len(button.text) <= BUTTON_LENGTH, button.text
            _SIGNER.pack(CallbackAction(button.plugin, button.action, button.arguments), self.user.id)
        assert isinstance(text, Html) or text == "", "a text that is in no bundle"
        assert not _KEY.match(text), f"a raw key: {text}"
        assert len(text) <= 4096
        self.shown[message_id] = Shown(message_id, text, owned)


class _Answers:
    def __init__(self, chat: PluginChat, plugin: str) -> None:
        self._chat = chat
        self._plugin = plugin

    async def send(self, text: str, *, keyboard: Keyboard | None, reply_to: int | None) -> MessageRef:
        message_id = max(self._chat.shown, default=0) + 1
        self._chat.show(message_id, text, keyboard, self._plugin)
        return MessageRef(self._chat.user.id, message_id)

    async def edit(self, message_id: int, text: str, *, keyboard: Keyboard | None) -> None:
        self._chat.show(message_id, text, keyboard, self._plugin)

    async def answer_callback(self, text: str, *, alert: bool) -> None:
        assert len(text) <= 200
        self._chat.toasts.append(text)

    async def answer_pre_checkout(self, error: str | None) -> None:
        raise AssertionError("nobody pays here")

    async def set_dialogue(self, dialogue: Dialogue | None, *, was: Dialogue | None = None) -> None:
        gone = {given["ref"] for given in (was.data.get("files", ()) if was else ())}
        gone -= {given["ref"] for given in (dialogue.data.get("files", ()) if dialogue else ())}
        self._chat.media.discarded |= gone
        self._chat.user = replace(self._chat.user, dialogue=dialogue)


class RecordedMedia:
    """Takes every file of the right kind, as the core's desk would; raises `refusal` where it is set."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.refusal: UserFacingError | None = None
        self.notes: tuple[Note, ...] = ()
        self.discarded: set[str] = set()
        self.results: dict[int, IncomingMedia] = {}
        """The files in the bot's own messages."""

    def takes(self, media: IncomingMedia, given: MediaInput) -> bool:
        return given.kind in KINDS_TAKEN[media.kind]

    async def in_message(self, message: MessageRef) -> IncomingMedia | None:
        return self.results.get(message.message_id)

    async def take(self, media: IncomingMedia, model: Model, field: str) -> Taken:
        if self.refusal is not None:
            raise self.refusal
        ref = f"file-{len(self._world.inputs.files) + 1}"
        self._world.inputs.files[ref] = ref.encode()
        file = GivenFile(field, ref, "input.jpg", "image/jpeg", 10, media.duration, media.width, media.height)
        return Taken(file, self.notes)

    async def discard(self, files: Iterable[GivenFile]) -> None:
        self.discarded |= {file.ref for file in files}


class _Statistics:
    def __init__(self, chat: PluginChat) -> None:
        self._chat = chat

    async def of_all(self, period: Period) -> Summary:
        assert period is Period.MONTH
        made = self._chat.delivered.items()
        counts = {
            Kind("image", "scripted", name, Outcome.DELIVERED): Figures(count=count) for name, count in made
        }
        lost = Kind("image", "scripted", "suno", Outcome.FAILED)
        return Summary(None, {**counts, lost: Figures(count=1000)})


class _Notes:
    def __init__(self) -> None:
        self._kept: dict[tuple[int, str], Any] = {}

    async def keep(self, user_id: int, key: str, value: Any) -> None:
        self._kept[user_id, key] = value

    async def read(self, user_id: int, key: str) -> Any:
        return self._kept.get((user_id, key))

    def forget(self) -> None:
        self._kept.clear()


class _Outbox:
    def __init__(self, chat: PluginChat) -> None:
        self._chat = chat
        self._keys: dict[str, MessageRef] = {}

    async def send(
        self, chat_id: int, text: str, *, key: str, keyboard: Keyboard | None = None, durable: bool = False
    ) -> MessageRef:
        if key not in self._keys:
            message_id = max(self._chat.shown, default=0) + 1
            self._chat.show(message_id, text, keyboard, "generate")
            self._keys[key] = MessageRef(chat_id, message_id)
        return self._keys[key]

    async def edit(self, message: MessageRef, text: str, *, keyboard: Keyboard | None = None) -> None:
        self._chat.show(message.message_id, text, keyboard, "generate")

    async def progress(self, message: MessageRef, text: str, *, keyboard: Keyboard | None = None) -> None:
        if message.message_id in self._chat.shown:
            self._chat.show(message.message_id, text, keyboard, "generate")


class _People:
    def __init__(self, chat: PluginChat) -> None:
        self._chat = chat

    async def set_language(self, user_id: int, language: str) -> None:
        assert user_id == self._chat.user.id
        self._chat.user = replace(self._chat.user, language=language)

    async def set_setting(self, user_id: int, key: str, value: Any) -> None:
        assert user_id == self._chat.user.id
        self._chat.user = replace(self._chat.user, settings={**self._chat.user.settings, key: value})

    async def preferences(self, user_id: int) -> Preferences:
        assert user_id == self._chat.user.id
        return Preferences.of(self._chat.user)


class _Catalogue:
    def __init__(self, chat: PluginChat) -> None:
        self._chat = chat

    async def menu(self, place: MenuPlace, user: User) -> Keyboard:
        return ()

    def commands(self, *, role: AdminRole | None = None) -> Any:
        return self._chat.routes.commands(role=role)

    def languages(self) -> Mapping[str, str]:
        return self._chat.world.i18n.language_names()

    def translator(self, language: str | None) -> Any:
        return self._chat.world.i18n.translator(language)
