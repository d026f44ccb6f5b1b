"""The bot as it is run, but for its database: the same service with its stores held in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

from bench.bots.orders import Counts, Orders
from bench.bots.stores import NoDatabase, in_memory
from bench.bots.whole import LOCALES, plugins_file
from core.billing.amounts import Amounts
from core.billing.rates import Rates
from core.billing.welcome import Welcome
from core.clock import SystemClock
from core.config import Settings
from core.duties import Duties, Shared, Tuning
from core.generation.registry import Registry
from core.i18n import CORE, I18n
from core.media.store import LocalStore
from core.notifications.queue import NotificationQueue
from core.observability.metrics import Metrics
from core.service import Service
from core.storage.notifications import NotificationStore
from core.storage.stores import Stores


@asynccontextmanager
async def running(orders: Orders) -> AsyncIterator[Counts]:
    """Run it; it asks no database."""
    settings, file, clock = Settings.load(env=dict(orders.environment)), plugins_file(orders), SystemClock()
    i18n = I18n(file.texts.fallback)
    i18n.add(CORE, LOCALES)
    # Nothing that is measured asks the ledger: one that is asked after all fails loudly.
    ledger = cast(Any, None)
    rates = Rates(store=cast(Any, None), clock=clock, configured=settings.usd_to_rub)
    amounts = Amounts(rates, star_usd=settings.star_usd, currency=settings.currency)
    shared = Shared(
        settings=settings,
        file=file,
        database=cast(Any, NoDatabase()),
        ledger=ledger,
        registry=Registry(settings.pricing(file.prices)),
        i18n=i18n,
        metrics=Metrics(),
        amounts=amounts,
        welcome=Welcome(ledger, amounts, rub=settings.welcome_balance_rub),
        notifications=NotificationQueue(NotificationStore(cast(Any, NoDatabase()), clock), clock),
        inputs=LocalStore(orders.directory / "inputs", clock),
        clock=clock,
        directory=orders.directory,
    )
    duties = Duties(session="bot", instance="bench", reads_updates=True, works=False)
    stores = replace(
        Stores.of(
            shared.database,
            clock,
            file.limits,
            instance=duties.instance,
            session=duties.session,
            people_key=b"",
        ),
        **in_memory(clock),
    )
    # The service is the bot's own, so what it puts together cannot drift from what runs.
    service = Service(shared, duties, Tuning.of(settings, file.limits), stores=stores)
    await service.start()
    try:
        yield lambda: (0, {})
    finally:
        await service.stop()
