"""Referrals: who brings a friend gets a bonus for the friend's first purchase, until it is refunded."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Protocol

from core.billing.ledger import Ledger
from core.billing.letters import Letters
from core.billing.operations import PROMO
from core.clock import Clock
from core.storage.codec import to_milliseconds
from core.storage.database import Database
from core.storage.referrals import Referral, ReferralStore
from core.users import User

__all__ = ["START_PREFIX", "Invited", "Purchase", "Referrals"]

START_PREFIX = "ref_"
"""How the `/start` parameter of a referral link begins; the token follows."""
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
_LENGTH = 10
_ACTOR = "referrals"


class Purchase(Protocol):
    """What is needed of a payment."""

    @property
    def charge_id(self) -> str:
        """Telegram's id of the payment."""
        ...

    @property
    def user_id(self) -> int:
        """Who paid."""
        ...


@dataclass(frozen=True, slots=True)
class Invited:
    """What somebody's link has brought: people who came, how many of them bought, and Stars."""

    people: int = 0
    buyers: int = 0
    stars: int = 0


class Referrals:
    """Referral links. `bonus` is Stars; 0 switches the links off.

    `purchased` listens to payments and `refunded` to refunds; both may be told of the same one again.

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
        bonus: int,
        chance: random.Random | None = None,
    ) -> None:
        self._store = ReferralStore(database)
        self._ledger = ledger
        self._letters = letters
        self._clock = clock
        self._chance = chance or random.SystemRandom()
        self.bonus = bonus

    async def token(self, user_id: int) -> str:
        """The token of a person's link, always the same."""
        while True:
            known = await self._store.token_of(user_id)
            if known is not None:
                return known
            token = "".join(self._chance.choice(_ALPHABET) for _ in range(_LENGTH))
            await self._store.add_token(user_id, token)

    async def parameter(self, user_id: int) -> str:
        """What a person's link hands to `/start`."""
        return START_PREFIX + await self.token(user_id)

    async def note(self, newcomer: User, token: str) -> bool:
        """Note by whose link somebody came; False when that does not count.

        It counts once, for people who were never here before, and not for one's own link.
        """
        if not self.bonus or not newcomer.is_new or newcomer.left_on is not None:
            return False
        referrer = await self._store.owner_of(token)
        if referrer is None or referrer == newcomer.id:
            return False
        return await self._store.add(newcomer.id, referrer, to_milliseconds(self._clock.now()))

    async def invited(self, user_id: int) -> Invited:
        """What a person's link has brought."""
        found = await self._store.invited_by(user_id)
        counted = [referral for referral in found if referral.charge_id and not referral.taken_back]
        return Invited(len(found), len(counted), sum(referral.bonus for referral in counted))

    async def purchased(self, paid: Purchase) -> None:
        """Give the bonus for the first purchase of somebody who was invited."""
        if await self._store.get(paid.user_id) is None:
            return
        await self._store.note_purchase(paid.user_id, paid.charge_id, self.bonus)
        referral = await self._store.get(paid.user_id)
        if referral is None or referral.charge_id != paid.charge_id:
            return
        await self._give(referral)
        if await self._store.is_refunded(paid.user_id, paid.charge_id):
            await self._take_back(referral)

    async def refunded(self, paid: Purchase) -> None:
        """Take the bonus back with the purchase that it was given for."""
        if await self._store.get(paid.user_id) is None:
            return
        await self._store.note_refund(paid.user_id, paid.charge_id)
        referral = await self._store.get(paid.user_id)
        if referral is not None and referral.charge_id == paid.charge_id:
            await self._give(referral)
            await self._take_back(referral)

    async def _give(self, referral: Referral) -> None:
        if not referral.bonus:
            return
        key = _key(referral)
        await self._ledger.credit(
            referral.referrer,
            referral.bonus,
            source=PROMO,
            key=key,
            reference=referral.charge_id,
            actor=_ACTOR,
            reason="referral bonus",
        )
        repaid = await self._ledger.repaid(referral.referrer, key)
        await self._letters.write(
            referral.referrer, "referral-bonus", about=key, stars=referral.bonus, repaid=repaid
        )

    async def _take_back(self, referral: Referral) -> None:
        if referral.bonus:
            key = f"{_key(referral)}:refunded"
            taken = await self._ledger.claw_back(
                referral.referrer,
                referral.bonus,
                target=PROMO,
                key=key,
                reference=referral.charge_id,
                actor=_ACTOR,
                reason="referral bonus taken back",
            )
            await self._letters.write(
                referral.referrer,
                "referral-taken-back",
                about=key,
                stars=referral.bonus,
                taken=taken.taken,
                owed=taken.owed,
            )
        await self._store.note_taken_back(referral.user_id)


def _key(referral: Referral) -> str:
    return f"referral:{referral.user_id}"
