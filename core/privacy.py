"""What is held about a person: told in full when they ask, and erased when they wish.

An erasure is kept before it begins and goes on to its end whatever crashes between. What the books need stays
in them under a number that is drawn for it and leads to nobody: entries of the ledger, payments and what was
sold, and a line for each generation. Telegram's own ids of payments stay as well, so that a payment which
Telegram takes back later is still found; whose it was, only Telegram knows then.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

import structlog

from core.billing.closing import Closing
from core.billing.ledger import Ledger
from core.clock import Clock
from core.errors import StarloomError, UserFacingError
from core.plugins.guard import grant_time
from core.storage.codec import to_milliseconds
from core.storage.database import Database
from core.storage.erasures import Erasure, ErasureStore
from core.storage.personal import ACCOUNTS, HOLDINGS, PEOPLE, Fate, PersonalRows
from core.storage.subscriptions import Subscription
from core.users import User

_log = structlog.stdlib.get_logger(__name__)

_PSEUDONYMS = (1 << 61, (1 << 62) - 1)
"""Far beyond all ids of Telegram's."""
_AGAIN_SECONDS = 60.0
_LONG = 600.0
"""Seconds that a long history may take beyond a handler's limit."""
_PATIENCE = timedelta(days=1)
"""How long plugins that fail are asked again."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands between a person and the erasure of their data.

    `obstacles` have to go first: `admin`, `running`, `held`, `owed`, `payments` and `requests`. `available`
    Stars would be lost. `plans` are monthly plans that would be cancelled.
    """

    available: int = 0
    owed: int = 0
    obstacles: tuple[str, ...] = ()
    plans: tuple[Subscription, ...] = ()


class Plans(Protocol):
    """What is needed of subscriptions."""

    async def of_user(self, user_id: int) -> list[Subscription]:
        """A person's plans."""
        ...

    async def cancel(self, user_id: int, subscription_id: str) -> Subscription:
        """Let a plan end with the month that is paid."""
        ...


class PluginsAsked(Protocol):
    """What is needed of the plugin manager."""

    async def ask_each(
        self, hook: str, /, *, skip: Collection[str] = (), **arguments: Any
    ) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        """What plugins answer by their names, and the names of those that failed."""
        ...


class Privacy:
    """A person's data, for the plugin that is granted `privacy`.

    `forget_peer` makes the Telegram session forget somebody. Everything raises `DatabaseAway`.
    """

    def __init__(
        self,
        *,
        database: Database,
        erasures: ErasureStore,
        ledger: Ledger,
        plans: Plans,
        plugins: PluginsAsked,
        operates: Callable[[int], bool],
        forget_peer: Callable[[int], Awaitable[None]],
        clock: Clock,
        chance: random.Random | None = None,
    ) -> None:
        self._rows = PersonalRows(database)
        self._erasures = erasures
        self._ledger = ledger
        self._closing = Closing(database, ledger)
        self._plans = plans
        self._plugins = plugins
        self._operates = operates
        self._forget_peer = forget_peer
        self._clock = clock
        self._chance = chance or random.SystemRandom()

    async def export(self, user: User) -> dict[str, Any]:
        """Everything that is held about a person, by section; what plugins hold stands under `plugins`.

        `not_available` names plugins that could not say.
        """
        grant_time(_LONG)
        told: dict[str, Any] = {
            holding.section: await self._rows.told(holding, user.id)
            for holding in HOLDINGS
            if holding.section
        }
        plugins, failed = await self._plugins.ask_each("export_person", user=user)
        return {
            "made_at": self._clock.now(),
            "telegram_id": user.id,
            **told,
            "plugins": {name: answer for name, answer in plugins.items() if answer},
            "not_available": list(failed),
        }

    async def standing(self, user: User) -> Standing:
        """How the erasure of somebody's data stands."""
        balance = await self._ledger.balance(user.id)
        known = await self._plans.of_user(user.id)
        found = {
            "admin": self._operates(user.id),
            "held": balance.held > 0,
            "owed": balance.owed > 0,
            **await self._rows.open_matters(user.id),
        }
        return Standing(
            available=balance.available,
            owed=balance.owed,
            obstacles=tuple(name for name, stands in found.items() if stands),
            plans=tuple(plan for plan in known if plan.goes_on),
        )

    async def begin(self, user: User, *, forfeit: int) -> None:
        """Begin to erase a person's data, giving up `forfeit` Stars. `finish` does the rest.

        From its return on the erasure goes on to its end whatever happens.

        Raises:
            UserFacingError: `erasure-changed`: something stands against it, or the balance is another one.
            TelegramError: a monthly plan could not be cancelled; nothing has changed.

        """
        standing = await self.standing(user)
        if standing.obstacles or standing.available != forfeit:
            raise UserFacingError("erasure-changed")
        for plan in standing.plans:
            await self._plans.cancel(user.id, plan.id)
        erasure = await self._erasures.begin(
            Erasure(user.id, self._chance.randint(*_PSEUDONYMS), forfeit, to_milliseconds(self._clock.now()))
        )
        if not await self._close(erasure):
            raise UserFacingError("erasure-changed")

    async def finish(self, user: User) -> None:
        """Do what `begin` has begun; what cannot be done now is done by `run`."""
        grant_time(_LONG)
        erasure = await self._erasures.get(user.id)
        if erasure is not None:
            await self._go_on(erasure, user)

    async def resume(self) -> int:
        """Go on with what was begun before; how many there are left."""
        left = 0
        for erasure in await self._erasures.under_way():
            try:
                if await self._close(erasure):
                    left += not await self._go_on(erasure, User(erasure.user_id))
            except StarloomError as error:
                left += 1
                _log.warning("erasure waits", error=type(error).__name__)
        return left

    async def run(self) -> None:
        """Go on with what was begun, now and every minute, until cancelled."""
        while True:
            try:
                await self.resume()
            except StarloomError as error:
                _log.warning("erasures not looked at", error=type(error).__name__)
            await self._clock.sleep(_AGAIN_SECONDS)

    async def _close(self, erasure: Erasure) -> bool:
        """Rename the account; False, and nothing is erased, if more Stars have come meanwhile."""
        if erasure.closed:
            return True
        if not await self._closing.close(erasure.user_id, erasure.pseudonym, forfeit=erasure.forfeit):
            await self._erasures.done(erasure.user_id)
            return False
        await self._erasures.set_closed(erasure.user_id)
        return True

    async def _go_on(self, erasure: Erasure, user: User) -> bool:
        """Everything behind the account; whether nothing is left to do."""
        told, failed = await self._plugins.ask_each("erase_person", skip=erasure.told, user=user)
        for name in told:
            await self._erasures.add_told(user.id, name)
        if not erasure.gone:
            await self._erase_rows(erasure)
            await self._erasures.set_gone(user.id)
        if failed:
            _log.error("plugins have not erased a person's data", plugins=failed)
            if self._clock.now() - erasure.at < _PATIENCE:
                return False
        await self._erasures.done(user.id)
        return True

    async def _erase_rows(self, erasure: Erasure) -> None:
        """The record of the person comes last: until then they are nobody new."""
        user_id = erasure.user_id
        await self._erasures.remember(user_id, await self._rows.codes(user_id), self._clock.now())
        for holding in HOLDINGS:
            if holding.fate is Fate.DETACHED and holding is not ACCOUNTS:
                await self._rows.detach(holding, user_id, erasure.pseudonym)
            elif holding.fate is Fate.ERASED and holding is not PEOPLE:
                await self._rows.erase(holding, user_id)
        await self._rows.detach_log(user_id, erasure.pseudonym)
        await self._forget_peer(user_id)
        await self._rows.erase(PEOPLE, user_id)
        _log.info("a person's data is erased")
