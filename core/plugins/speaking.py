"""How a plugin speaks of its own accord: to people, to admins, to operators, always at its pace."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from core.alerts import AdminAlerts, Draw
from core.errors import PluginError
from core.i18n import Html, Translator
from core.notifications.notification import NotificationType, OwnType, Severity
from core.notifications.queue import NotificationQueue
from core.plugins.pace import Pace
from core.telegram.answers import owned
from core.telegram.files import FileOutbox, document
from core.telegram.outbox import Outbox
from core.telegram.random_ids import random_id
from core.telegram.send_gate import Priority
from core.telegram.types import Keyboard, MessageRef


class OwnOutbox:
    """Sends of a plugin's own accord: at its pace, and behind the answers that people wait for."""

    def __init__(self, plugin: str, outbox: Outbox, files: FileOutbox, pace: Pace) -> None:
        self._plugin = plugin
        self._outbox = outbox
        self._files = files
        self._pace = pace

    async def send(
        self, chat_id: int, text: str, *, key: str, keyboard: Keyboard | None = None, durable: bool = False
    ) -> MessageRef:
        """Send a message, once for each `key`."""
        own_key = self._key(key)
        buttons = self._own(keyboard)
        await self._pace.take()
        if durable:
            return await self._outbox.send_durable(own_key, chat_id, text, keyboard=buttons)
        return await self._outbox.send_text(
            chat_id, text, keyboard=buttons, random_id=random_id(own_key), priority=Priority.NOTICE
        )

    async def send_photo(
        self, chat_id: int, data: bytes, *, caption: str = "", key: str, keyboard: Keyboard | None = None
    ) -> MessageRef:
        """Send a picture, once for each `key`."""
        await self._pace.take()
        return await self._files.send_durable(
            self._key(key), chat_id, data, caption=caption, keyboard=self._own(keyboard)
        )

    async def send_document(
        self,
        chat_id: int,
        data: bytes,
        *,
        file_name: str,
        mime_type: str,
        caption: str = "",
        key: str,
        keyboard: Keyboard | None = None,
    ) -> MessageRef:
        """Send a file, once for each `key`."""
        await self._pace.take()
        return await self._files.send_durable(
            self._key(key),
            chat_id,
            data,
            document(file_name, mime_type),
            caption=caption,
            keyboard=self._own(keyboard),
        )

    async def edit(self, message: MessageRef, text: str, *, keyboard: Keyboard | None = None) -> None:
        """Change a message."""
        await self._pace.take()
        await self._outbox.edit_text(message, text, self._own(keyboard))

    async def progress(self, message: MessageRef, text: str, *, keyboard: Keyboard | None = None) -> None:
        """Change a message soon; of several changes only the newest."""
        await self._outbox.edit_soon(message, text, self._own(keyboard))

    async def delete(self, message: MessageRef) -> None:
        """Delete a message."""
        await self._pace.take()
        await self._outbox.delete(message)

    def _key(self, key: str) -> str:
        return f"plugin:{self._plugin}:{key}"

    def _own(self, keyboard: Keyboard | None) -> Keyboard:
        return owned(keyboard or (), self._plugin)


class OwnAdmins:
    """Speaks to admins, about what is the plugin's own."""

    def __init__(self, plugin: str, alerts: AdminAlerts, pace: Pace) -> None:
        self._plugin = plugin
        self._alerts = alerts
        self._pace = pace

    async def tell(self, key: str, *, about: str, keyboard: Keyboard | None = None, **variables: Any) -> None:
        """Tell every admin the text of a key."""
        buttons = owned(keyboard or (), self._plugin)
        await self._pace.take()
        await self._alerts.send(key, about=f"{self._plugin}:{about}", keyboard=buttons, **variables)

    async def show(self, draw: Draw, *, about: str) -> None:
        """Send every admin what `draw` makes."""

        def drawn(t: Translator) -> tuple[Html, Keyboard]:
            text, keyboard = draw(t)
            return text, owned(keyboard, self._plugin)

        await self._pace.take()
        await self._alerts.show(drawn, about=f"{self._plugin}:{about}")

    async def forward(self, message: MessageRef, *, about: str, to: int | None = None) -> None:
        """Forward a message to admins."""
        await self._pace.take()
        await self._alerts.forward(message, about=f"{self._plugin}:{about}", to=to)


class OwnNotifications:
    """Queues what operators are told, of the core's types and of those that the plugin has declared."""

    def __init__(
        self,
        plugin: str,
        queue: NotificationQueue,
        pace: Pace,
        own_types: Callable[[str], Collection[OwnType]],
    ) -> None:
        self._plugin = plugin
        self._own_types = own_types
        self._queue = queue
        self._pace = pace

    async def queue_notification(
        self,
        notification_type: NotificationType | str,
        title: str = "",
        message: str = "",
        details: Mapping[str, Any] | None = None,
        chat_ids: Iterable[int] = (),
        *,
        key: str = "",
        severity: Severity | None = None,
    ) -> bool:
        """Queue a notification of a type that there is."""
        own = OwnType(f"{self._plugin}.{notification_type}")
        declared = self._own_types(self._plugin)
        if own not in declared and notification_type not in set(NotificationType):
            known = ", ".join([*(each.partition(".")[2] for each in declared), *NotificationType])
            raise PluginError(
                f"there is no type {notification_type} of notifications; there are {known}: "
                "declare others in notification_types"
            )
        notification = self._queue.made(
            own if own in declared else notification_type,
            title,
            message,
            details,
            chat_ids,
            source=f"plugin:{self._plugin}",
            key=key,
            severity=severity,
        )
        await self._pace.take()
        return bool(await self._queue.put([notification]))
