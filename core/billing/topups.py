"""Top-ups by transfer to a card or phone: a person sends money and a receipt, an operator credits it.

The rate and its day are fixed with the request. Whatever operators decide is a case of the kind `topup`:

    approve             credit what was asked for
    amount:94           credit so many Stars instead
    rub:500             so many roubles had come; credit them at the request's rate
    decline, decline:…  credit nothing; behind the colon one of REASONS
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Protocol

from core.billing.cases import Case, Cases, CaseState, Done
from core.billing.ledger import Ledger
from core.billing.operations import MANUAL
from core.billing.rates import RubleRate, stars_for_rub
from core.billing.settings import MAX_PAYMENT
from core.clock import Clock
from core.config import Settings
from core.errors import UserFacingError
from core.telegram.types import MediaKind, Message, MessageRef

TOPUP = "topup"
"""The kind of the cases."""
REASONS = ("unreadable", "used")
"""Why a top-up may be declined, beside that no money came: an unreadable receipt, an old one."""
DRAFT_LIFE = timedelta(days=7)
"""How long a request waits for its receipt, and its rate holds."""

_RECEIPTS = frozenset({MediaKind.PHOTO, MediaKind.DOCUMENT})
_STEPS = tuple(Decimal(first * 10**zeros) for zeros in range(1, 7) for first in (1, 2, 3, 5))
"""Round amounts in roubles: people send one when they asked for another."""
_NUMBER = re.compile(r"(\d{1,9})(?:[.,](\d{1,2}))?")
_ROUBLES = re.compile(r"(?:₽|rub|руб\.?|р\.?)$", re.IGNORECASE)
_STARS = re.compile(r"(?:⭐️?|stars?|зв[её]зд\w*)$", re.IGNORECASE)


class RubStars(Protocol):
    """Roubles in Stars; see `core.billing.amounts`."""

    @property
    def stars(self) -> int:
        """Whole Stars, rounded down."""
        ...

    @property
    def rate(self) -> Decimal:
        """Roubles for one USD."""
        ...

    @property
    def day(self) -> date:
        """The day that the rate is of."""
        ...

    @property
    def official(self) -> bool:
        """Whether it is the central bank's; else the operator's own."""
        ...


class Writer(Protocol):
    """Writes letters; see `core.billing.letters`."""

    async def write(self, user_id: int, key: str, *, about: str, **variables: object) -> None:
        """Send a text once for each `about`."""
        ...


@dataclass(frozen=True, slots=True)
class Requisites:
    """Where people send money to; what is not configured is empty."""

    bank: str = ""
    card: str = ""
    holder: str = ""
    phone: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Requisites:
        """What the operator configured."""
        card, phone = settings.payment_card, settings.payment_phone
        return cls(
            bank=settings.payment_bank,
            card=card.get_secret_value() if card else "",
            holder=settings.payment_card_holder,
            phone=phone.get_secret_value() if phone else "",
        )

    @property
    def complete(self) -> bool:
        """Whether anybody could send money there."""
        return bool(self.card or self.phone)


@dataclass(frozen=True, slots=True)
class TopUp:
    """A person's request: `rub` roubles for `stars` Stars, at `usd_rub` roubles a dollar on `day`."""

    id: str
    user_id: int
    rub: Decimal
    stars: int
    usd_rub: Decimal
    star_usd: Decimal
    day: date
    official: bool
    receipt: MessageRef | None
    """The person's message with the receipt; None before it came, and again when all is done."""

    @classmethod
    def of(cls, case: Case) -> TopUp:
        """The request that a case of the kind `topup` is about."""
        data, receipt = case.data, case.private.get("receipt")
        return cls(
            id=case.id,
            user_id=case.user_id,
            rub=data["rub"],
            stars=data["stars"],
            usd_rub=data["usd_rub"],
            star_usd=data["star_usd"],
            day=date.fromisoformat(data["day"]),
            official=data["official"],
            receipt=None if receipt is None else MessageRef(*receipt),
        )

    def stars_for(self, rub: Decimal) -> int:
        """Whole Stars for so many roubles at this request's rate."""
        return stars_for_rub(rub, self.usd_rub, self.star_usd)

    @property
    def reference(self) -> str:
        """The amount, the rate and its day, for the ledger."""
        return RubleRate(self.usd_rub, self.day, self.official).reference(self.rub)


@dataclass(frozen=True, slots=True)
class Correction:
    """An amount that may have come instead of what was asked for, and the decision that credits it."""

    decision: str
    rub: Decimal
    stars: int


class TopUps:
    """What people and operators do about transfers. `limits` are roubles, least and most.

    Raises:
        DatabaseAway: by every method that asks the database; ask again.

    """

    def __init__(
        self,
        *,
        cases: Cases,
        ledger: Ledger,
        letters: Writer,
        requisites: Requisites,
        rub_to_stars: Callable[[Decimal], Awaitable[RubStars]],
        star_usd: Decimal,
        limits: tuple[Decimal, Decimal],
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._ledger = ledger
        self._letters = letters
        self._rub_to_stars = rub_to_stars
        self._star_usd = star_usd
        self._clock = clock
        self.requisites = requisites
        self.limits = limits
        cases.register(TOPUP, self._carry_out, check=_check)

    @property
    def available(self) -> bool:
        """Whether the operator takes transfers."""
        return self.requisites.complete

    def of(self, case: Case) -> TopUp:
        """The request that a case of the kind `topup` is about, for an operator's card."""
        return TopUp.of(case)

    async def begin(self, user_id: int, rub: Decimal, *, key: str) -> TopUp:
        """Ask for `rub` roubles' worth of Stars; the same request again for the same `key` of an update.

        Raises:
            UserFacingError: `topup-off`, `topup-amount-out`, or `topup-waiting` and `topup-submitted` while
                another one waits for its receipt or for the operators.

        """
        if not self.available:
            raise UserFacingError("topup-off")
        case = await self._request(user_id, rub, key)
        if not await self._cases.draft(case):
            known = await self._cases.in_slot(case.slot)
            if known is None:
                raise UserFacingError("topup-nothing-waiting")
            if known.id != case.id:
                raise _occupied(known)
            case = known
        return TopUp.of(case)

    async def waiting(self, user_id: int) -> TopUp | None:
        """The person's request that waits for its receipt, or (with a `receipt`) for the operators."""
        case = await self._cases.in_slot(_slot(user_id))
        return None if case is None else TopUp.of(case)

    async def withdraw(self, user_id: int) -> bool:
        """Give up a request before its receipt; False when there is none.

        Raises:
            UserFacingError: `topup-submitted`: operators have its receipt.

        """
        case = await self._cases.in_slot(_slot(user_id))
        if case is None:
            return False
        if not await self._cases.withdraw(case.id):
            raise _occupied(await self._cases.get(case.id) or case)
        return True

    async def receipt(self, user_id: int, message: Message) -> TopUp:
        """Take the receipt of the person's request; operators are asked to decide from now on.

        Raises:
            UserFacingError: `topup-receipt-kind` for what is neither a photo nor a file,
                `topup-nothing-waiting`, and `topup-submitted` when there is a receipt already.

        """
        if message.media is None or message.media.kind not in _RECEIPTS:
            raise UserFacingError("topup-receipt-kind")
        case = await self._cases.in_slot(_slot(user_id))
        if case is None:
            raise UserFacingError("topup-nothing-waiting")
        ref = [message.chat.id, message.id]
        await self._cases.submit(case.id, data={}, private={"receipt": ref})
        taken = await self._cases.get(case.id)
        if taken is None:
            raise UserFacingError("topup-nothing-waiting")
        if taken.private.get("receipt", ref) != ref:
            raise _occupied(taken)
        return TopUp.of(taken)

    def corrections(self, case: Case) -> tuple[Correction, ...]:
        """Two round amounts below what was asked for and two above, each to be credited with one tap."""
        asked = TopUp.of(case)
        least, most = self.limits
        steps = [step for step in _STEPS if least <= step <= most]
        near = [step for step in steps if step < asked.rub][-2:]
        near += [step for step in steps if step > asked.rub][:2]
        return tuple(
            Correction(f"rub:{step}", step, stars) for step in near if (stars := asked.stars_for(step)) > 0
        )

    def correction(self, text: str) -> str:
        """The decision that an operator writes: `94`, `94 ⭐` (Stars) or `500 ₽` (roubles).

        Raises:
            UserFacingError: `topup-correction-unclear`.

        """
        written = "".join(_ascii(character) for character in unicodedata.normalize("NFKC", text))
        written = re.sub(r"\s", "", written)
        bare = _ROUBLES.sub("", written)
        found = _NUMBER.fullmatch(bare if bare != written else _STARS.sub("", written))
        if found is None or (bare == written and found[2]):
            raise UserFacingError("topup-correction-unclear")
        if bare != written:
            return f"rub:{found[1]}.{found[2]}" if found[2] else f"rub:{found[1]}"
        return f"amount:{int(found[1])}"

    async def _request(self, user_id: int, rub: Decimal, key: str) -> Case:
        least, most = self.limits
        if not least <= rub <= most:
            raise UserFacingError("topup-amount-out", least=least, most=most)
        worth = await self._rub_to_stars(rub)
        if not 0 < worth.stars <= MAX_PAYMENT:
            raise UserFacingError("topup-amount-out", least=least, most=most)
        data: dict[str, Any] = {
            "rub": _shortest(rub),
            "stars": worth.stars,
            "usd_rub": worth.rate,
            "star_usd": self._star_usd,
            "day": worth.day.isoformat(),
            "official": worth.official,
        }
        number = hashlib.sha256(f"{user_id}:{key}".encode()).hexdigest()[:14]
        return Case(
            id=f"t-{number}",
            kind=TOPUP,
            user_id=user_id,
            data=data,
            slot=_slot(user_id),
            state=CaseState.DRAFT,
            expires_at=self._clock.now() + DRAFT_LIFE,
        )

    async def _carry_out(self, case: Case) -> Done:
        """Credit what was decided and write to the person; whatever of it was done before changes nothing."""
        asked = TopUp.of(case)
        stars, rub = _decided(asked, case.decision)
        if stars == 0:
            await self._decline(asked, case.decision.partition(":")[2])
            return Done({"credited": 0})
        key = f"topup:{case.id}"
        await self._ledger.credit(
            asked.user_id,
            stars,
            source=MANUAL,
            key=key,
            reference=_reference(asked, stars, rub),
            actor=f"admin:{case.by}",
            reason="card transfer",
        )
        await self._write(asked, stars, rub, repaid=await self._ledger.repaid(asked.user_id, key))
        return Done({"credited": stars})

    async def _write(self, asked: TopUp, stars: int, rub: Decimal | None, *, repaid: int) -> None:
        about = f"topup:{asked.id}"
        amounts: dict[str, object] = {"stars": stars, "repaid": repaid, "asked": asked.rub}
        if stars == asked.stars:
            await self._letters.write(asked.user_id, "topup-credited", about=about, **amounts)
        elif rub is None:
            key = "topup-credited-other-stars"
            await self._letters.write(asked.user_id, key, about=about, asked_stars=asked.stars, **amounts)
        else:
            key = "topup-credited-other-roubles"
            await self._letters.write(asked.user_id, key, about=about, came=rub, **amounts)

    async def _decline(self, asked: TopUp, reason: str) -> None:
        key = f"topup-declined-{reason}" if reason else "topup-declined"
        await self._letters.write(asked.user_id, key, about=f"topup:{asked.id}", asked=asked.rub)


def _decided(asked: TopUp, decision: str) -> tuple[int, Decimal | None]:
    """How many Stars a decision credits, and the roubles that came where it names them.

    Raises:
        ValueError: it is no decision about a top-up.

    """
    what, _, value = decision.partition(":")
    if decision == "approve":
        return asked.stars, None
    if what == "decline" and value in ("", *REASONS):
        return 0, None
    if what == "amount" and value.isascii() and value.isdigit() and 0 < int(value) <= MAX_PAYMENT:
        return int(value), None
    if what == "rub" and value.isascii() and re.fullmatch(r"\d{1,9}(\.\d{1,2})?", value):
        rub = _shortest(Decimal(value))
        if 0 < (stars := asked.stars_for(rub)) <= MAX_PAYMENT:
            return stars, rub
    raise ValueError(f"{decision!r} is no decision about a top-up")


def _check(case: Case, decision: str) -> None:
    try:
        _decided(TopUp.of(case), decision)
    except ValueError:
        raise UserFacingError("topup-correction-unclear") from None


def _reference(asked: TopUp, stars: int, rub: Decimal | None) -> str:
    if rub is not None and rub != asked.rub:
        return f"{asked.reference}; RUB {rub} had come"
    return asked.reference if stars == asked.stars else f"{asked.reference}; {stars} Stars by the operator"


def _occupied(case: Case) -> UserFacingError:
    asked = TopUp.of(case)
    key = "topup-waiting" if case.state is CaseState.DRAFT else "topup-submitted"
    return UserFacingError(key, rub=asked.rub, stars=asked.stars)


def _shortest(rub: Decimal) -> Decimal:
    """Whole roubles without noughts behind the point."""
    return Decimal(int(rub)) if rub == int(rub) else rub


def _slot(user_id: int) -> str:
    return f"topup:{user_id}"


def _ascii(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)
