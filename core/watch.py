"""Puts together what operators are told by, and what they decide about the business as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from core.billing.ledger import Ledger
from core.budgets.budgets import Budgets
from core.budgets.settings import BudgetSettings
from core.clock import Clock
from core.generation.ports import LargeFiles
from core.generation.service import Generations
from core.notifications.notification import ALERTS, Notification, NotificationType, OwnType, Severity
from core.notifications.queue import Deliveries, NotificationQueue
from core.observability.metrics import Metrics
from core.observability.queue_ages import QueueAges
from core.operations import Operations
from core.plugins.status import Alert
from core.production.production import Production
from core.production.publishing import Look, Publisher
from core.proxies import ProxyNews, ProxyOrder, ProxyState
from core.statistics.statistics import Statistics
from core.storage.audit import AuditLog
from core.storage.database import Database
from core.storage.generations import JobStore
from core.storage.runs import RunStore
from core.storage.users import UserStore
from core.telegram.uploader import Uploader


@dataclass(frozen=True, slots=True)
class Watched:
    """What there is to watch, and by whom.

    `leads` tells whether this instance does what one does for all. `heard` is told of each notification.
    """

    instance: str
    leads: bool
    budgets: BudgetSettings
    database: Database
    ledger: Ledger
    statistics: Statistics
    zone: ZoneInfo
    users: UserStore
    admins: Callable[[], Iterable[int]]
    generations: Callable[[], Generations]
    look: Look
    uploader: Uploader
    large: LargeFiles
    queue: NotificationQueue
    heard: Callable[[Notification], Awaitable[None]]
    restart: Callable[[], None]
    audit: AuditLog
    proxies: tuple[ProxyOrder[Any], ...]
    own_types: Callable[[], tuple[OwnType, ...]]
    metrics: Metrics
    clock: Clock


class Watch:
    """Notifications, budgets and the production of one spell of duty."""

    def __init__(self, watched: Watched) -> None:
        clock, queue, jobs = watched.clock, watched.queue, JobStore(watched.database, watched.clock)
        self._queue = queue
        self._users = watched.users
        self._instance = watched.instance
        self._audit = watched.audit
        self.budgets = Budgets(
            watched.budgets,
            statistics=watched.statistics,
            jobs=jobs,
            queue=queue,
            clock=clock,
            metrics=watched.metrics,
        )
        publisher = Publisher(
            generations=watched.generations,
            look=watched.look,
            uploader=watched.uploader,
            large=watched.large,
            clock=clock,
        )
        self.production = Production(
            RunStore(watched.database),
            generations=watched.generations,
            ledger=watched.ledger,
            publisher=publisher,
            queue=queue,
            clock=clock,
            zone=watched.zone,
            leads=watched.leads,
        )
        self.operations = Operations(
            admins=watched.admins,
            leads=watched.leads,
            deliveries=Deliveries(queue, clock, leads=watched.leads, heard=watched.heard),
            budgets=self.budgets,
            production=self.production,
            language_of=self._language_of,
            restart=watched.restart,
            note=self._note,
            types=lambda: (*NotificationType, *watched.own_types()),
            proxies=lambda: tuple(state for order in watched.proxies for state in order.states()),
        )
        queues = {"notifications": queue.store.oldest_waiting, "generations": jobs.oldest_new}
        self._ages = QueueAges(queues, watched.metrics, clock)

    def begin(self) -> list[asyncio.Task[None]]:
        """Begin what one instance does all the time."""
        return [
            asyncio.create_task(self.budgets.run(), name="budgets"),
            asyncio.create_task(self._ages.run(), name="queue ages"),
        ]

    async def note_alert(self, alert: Alert) -> None:
        """Let those who watch hear of what admins are told; its words are made for each reader."""
        details = {"alert": alert.key, **alert.variables}
        made = self._queue.made(NotificationType.SYSTEM_ERROR, details=details, source=ALERTS)
        await self._queue.put([made])

    async def tell_of_proxy(self, proxy: ProxyState, news: ProxyNews) -> None:
        """Tell operators of a proxy that answers again, or does not any more."""
        made = self._queue.made(
            NotificationType.PROXY_STATUS,
            details={"proxy": proxy.label, "purpose": proxy.purpose, "state": news.value},
            source=f"proxies:{self._instance}",
            severity=Severity.INFO if news is ProxyNews.UP else None,
        )
        await self._queue.put([made])

    async def _note(self, by: int, what: str, before: object, after: object) -> None:
        await self._audit.write(f"user:{by}", what, before=before, after=after)

    async def _language_of(self, chat_id: int) -> str | None:
        user = await self._users.get(chat_id) if chat_id > 0 else None
        return (user.language or user.telegram_language) if user is not None else None
