"""What plugins that operators work with may use beyond the ordinary, where `plugins.toml` grants it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from core.budgets.budgets import Budgets
from core.notifications.notification import AnyType, NotificationType
from core.notifications.queue import Deliveries
from core.production.production import Production
from core.proxies import ProxyState


@dataclass(frozen=True, slots=True)
class Operations:
    """The business as a whole.

    `admins` answers the ids of the people who run the bot. `leads` tells whether this instance does what one
    instance does for all. `language_of` answers the language that somebody reads, None for a group. `restart`
    lets this process end what it is at and begin anew. `note` writes into the audit log what an operator has
    changed: their id, what it was, before and after. `proxies` answers how those of this process stand,
    `types` what can be told of: the core's types, and those of the plugins that are on.
    """

    admins: Callable[[], Iterable[int]]
    leads: bool
    deliveries: Deliveries
    budgets: Budgets
    production: Production
    language_of: Callable[[int], Awaitable[str | None]]
    restart: Callable[[], None] = field(repr=False)
    note: Callable[[int, str, object, object], Awaitable[None]]
    proxies: Callable[[], tuple[ProxyState, ...]] = tuple
    types: Callable[[], tuple[AnyType, ...]] = lambda: tuple(NotificationType)
