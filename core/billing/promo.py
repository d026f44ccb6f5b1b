"""Promo codes: an amount of Stars that each of the first so many people is given once.

A use is one document with two unique names, the person's and its number's, so it is there once whatever
races or crashes. The Stars come afterwards, under a key made of the same names; who finds a use without them
gives them.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from core.billing.ledger import Ledger
from core.billing.letters import Letters
from core.billing.operations import PROMO
from core.clock import Clock
from core.errors import StarloomError, UserFacingError
from core.storage.codec import to_milliseconds
from core.storage.database import Database
from core.storage.promo import PromoCode, PromoStore, PromoUse

__all__ = ["MAX_STARS", "MAX_USES", "PromoCode", "PromoCodes", "PromoState", "Redeemed", "normalized"]

_log = structlog.stdlib.get_logger(__name__)

MAX_STARS = 100_000
MAX_USES = 100_000
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Nothing that is taken for something else when it is read or heard."""
_LENGTH = 10
_NAME = re.compile(r"[0-9A-ZА-ЯЁ_-]{3,16}")
_ACTOR = "promo"
_SWEEP_SECONDS = 60.0
_LET_BE = timedelta(seconds=60)
"""A use so young is in the hands of whoever made it."""


class PromoState(StrEnum):
    """Whether a code can be redeemed, or why not."""

    ACTIVE = "active"
    USED_UP = "used-up"
    OVER = "over"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A code that was redeemed: `stars` came, of which `repaid` went to a debt."""

    stars: int
    repaid: int


def normalized(code: str) -> str:
    """A code as it is kept: whatever case it was written in, and with spaces around."""
    return unicodedata.normalize("NFKC", code).strip().upper()


async def _nobody(_user_id: int, _code: str) -> bool:
    return False


async def _no_objection(_user_id: int, _code: str) -> None:
    return


class PromoCodes:
    """The operator's codes.

    Raises:
        DatabaseAway: by every method; ask again.

    """

    def __init__(
        self,
        *,
        database: Database,
        ledger: Ledger,
        letters: Letters,
        clock: Clock,
        used_before: Callable[[int, str], Awaitable[bool]] = _nobody,
        check: Callable[[int, str], Awaitable[None]] = _no_objection,
        chance: random.Random | None = None,
    ) -> None:
        """`used_before` tells whether somebody redeemed a code before their data was erased.

        `check` raises UserFacingError where a plugin is against it.
        """
        self._check_use = check
        self._used_before = used_before
        self._store = PromoStore(database)
        self._ledger = ledger
        self._letters = letters
        self._clock = clock
        self._chance = chance or random.SystemRandom()

    async def create(
        self,
        stars: int,
        uses: int,
        *,
        by: int,
        request: str,
        name: str = "",
        until: datetime | None = None,
    ) -> PromoCode:
        """Make a code over `stars` Stars for `uses` people; without a `name` it gets one that nobody guesses.

        The same `request` makes one code. `by` is the operator.

        Raises:
            UserFacingError: `promo-bad-stars`, `promo-bad-uses`, `promo-bad-name`, `promo-bad-until`, or
                `promo-name-taken`.

        """
        now = self._now()
        before = await self._store.made_for(request)
        if before is not None:
            return before
        code = normalized(name)
        _check(stars, uses, code, until, now)
        while True:
            wanted = code or self._generated()
            made = PromoCode(wanted, stars, uses, now, by, to_milliseconds(until) if until else None)
            if await self._store.add(made, request):
                return made
            before = await self._store.made_for(request)
            if before is not None:
                return before
            if code:
                raise UserFacingError("promo-name-taken", code=code)

    async def codes(self) -> list[PromoCode]:
        """All codes, the newest first."""
        return await self._store.codes()

    async def get(self, code: str) -> PromoCode | None:
        """The code, or None."""
        return await self._store.get(normalized(code))

    async def end(self, code: str, *, by: int) -> tuple[PromoCode, bool]:
        """Let nobody redeem it any more; the code, and whether it was this call that ended it.

        Raises:
            UserFacingError: `promo-unknown`.

        """
        first = await self._store.end(normalized(code), self._now(), by)
        return await self._known(normalized(code)), first

    def state(self, code: PromoCode) -> PromoState:
        """Whether a code can be redeemed, or why not."""
        if code.ended_at is not None:
            return PromoState.ENDED
        if code.until is not None and code.until <= self._clock.now():
            return PromoState.OVER
        return PromoState.ACTIVE if code.left else PromoState.USED_UP

    async def redeem(self, user_id: int, code: str, *, request: str = "") -> Redeemed:
        """Give a person the Stars of a code, once; a `request` that is repeated is answered alike.

        Raises:
            UserFacingError: `promo-unknown`, `promo-ended`, `promo-over`, `promo-used-up`, or `promo-yours`
                when the person has redeemed it before; or what a plugin has against it.

        """
        name = normalized(code)
        use = await self._store.use_of(name, user_id) if _NAME.fullmatch(name) else None
        repeated = use is not None and use.request == request != ""
        if use is None:
            known = await self._redeemable(name)
            if await self._used_before(user_id, name):
                raise UserFacingError("promo-yours", stars=known.stars)
            await self._check_use(user_id, name)
            use = await self._take(known, user_id, request)
        new = use.pending and await self._give(use)
        if not (new or repeated):
            raise UserFacingError("promo-yours", stars=use.stars)
        return Redeemed(use.stars, await self._ledger.repaid(user_id, _key(use)))

    async def sweep(self) -> int:
        """Give what a crash has kept back, and tell people of it; how many those were."""
        young = self._clock.now() - _LET_BE
        late = [use for use in await self._store.pending() if use.at <= young]
        for use in late:
            try:
                await self._credit(use)
                await self._letters.write(use.user_id, "promo-late", about=_key(use), stars=use.stars)
                await self._store.credited(use)
            except StarloomError as error:
                _log.warning("promo code not swept", error=type(error).__name__)
        return len(late)

    async def run(self) -> None:
        """Sweep now and every minute, until cancelled."""
        while True:
            try:
                await self.sweep()
            except StarloomError as error:
                _log.warning("promo codes not swept", error=type(error).__name__)
            await self._clock.sleep(_SWEEP_SECONDS)

    async def _redeemable(self, name: str) -> PromoCode:
        if not _NAME.fullmatch(name):
            raise UserFacingError("promo-unknown")
        code = await self._known(name)
        state = self.state(code)
        if state is not PromoState.ACTIVE:
            raise UserFacingError(f"promo-{state.value}")
        return code

    async def _known(self, name: str) -> PromoCode:
        code = await self._store.get(name)
        if code is None:
            raise UserFacingError("promo-unknown")
        return code

    async def _take(self, code: PromoCode, user_id: int, request: str) -> PromoUse:
        """The person's use, made here or by somebody who was faster.

        The numbers are tried one after another from the first that may be free, so none is left out.
        """
        for number in range(code.used + 1, code.uses + 1):
            use = PromoUse(code.code, user_id, number, code.stars, self._now(), request)
            if await self._store.take(use):
                return use
            own = await self._store.use_of(code.code, user_id)
            if own is not None:
                return own
        await self._store.note_used(code.code, code.uses)
        raise UserFacingError("promo-used-up")

    async def _give(self, use: PromoUse) -> bool:
        new = await self._credit(use)
        await self._store.credited(use)
        return new

    async def _credit(self, use: PromoUse) -> bool:
        await self._store.note_used(use.code, use.number)
        return await self._ledger.credit(
            use.user_id,
            use.stars,
            source=PROMO,
            key=_key(use),
            reference=use.code,
            actor=_ACTOR,
            reason="promo code",
        )

    def _generated(self) -> str:
        return "".join(self._chance.choice(_ALPHABET) for _ in range(_LENGTH))

    def _now(self) -> datetime:
        return to_milliseconds(self._clock.now())


def _check(stars: int, uses: int, name: str, until: datetime | None, now: datetime) -> None:
    if not 0 < stars <= MAX_STARS:
        raise UserFacingError("promo-bad-stars", most=MAX_STARS)
    if not 0 < uses <= MAX_USES:
        raise UserFacingError("promo-bad-uses", most=MAX_USES)
    if name and not _NAME.fullmatch(name):
        raise UserFacingError("promo-bad-name")
    if until is not None and until <= now:
        raise UserFacingError("promo-bad-until")


def _key(use: PromoUse) -> str:
    return f"promo:{use.code}:{use.user_id}"
