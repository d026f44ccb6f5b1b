"""What people ask to be given back, and what operators decide about it: the cases `refund` and `debt`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from core.billing.cases import Again, Cases, Done
from core.billing.holding import hold_key, settle_key
from core.billing.ledger import Ledger
from core.billing.operations import ADJUSTMENT, user_account
from core.billing.refund_ending import DEBT_CASE, Writer
from core.billing.refunds import RefundOutcome, RefundResult, Refunds
from core.errors import StarloomError, UserFacingError
from core.storage.cases import Case
from core.storage.refunds import GIVEN_BACK, Shortage

REFUND_CASE = "refund"
"""The kind of the cases in which operators decide whether something is given back."""
DECISIONS: Final[Mapping[str, Shortage]] = {
    "refund": Shortage.STOP,
    "debt": Shortage.DEBT,
    "forgive": Shortage.FORGIVE,
}
"""How an operator can agree to a payment's refund, and what each means for Stars that were spent."""
DECLINE = "decline"
KEEP = "keep"
FORGIVE = "forgive"

Correct = Callable[[str, str, int], Awaitable[None]]
"""Takes Stars off what a generation has brought: its id, the ledger's key, how many."""


class RefundCases:
    """Opens cases about refunds and carries out what is decided of them.

    A `refund` case is about a payment (`charge_id` in its data) or about a generation (`job_id`); the
    person's own `words` are private. For a generation there is nothing to decide but `refund` and `decline`:
    its price goes back to the balance, from the account `adjustment`, once.
    """

    def __init__(
        self, *, refunds: Refunds, ledger: Ledger, letters: Writer, cases: Cases, correct: Correct
    ) -> None:
        """`correct` is told of each generation whose price went back, at least once under the same key."""
        self._correct = correct
        self._refunds = refunds
        self._ledger = ledger
        self._letters = letters
        self._cases = cases
        cases.register(REFUND_CASE, self._refund, check=_check_refund)
        cases.register(DEBT_CASE, self._debt, check=_check_debt)

    async def ask_for_payment(self, user_id: int, charge_id: str, words: str) -> bool:
        """Let a person ask for one of their payments back; False when they did before.

        Raises:
            UserFacingError: `refund-charge-unknown` (theirs or not), `refund-made-before`.

        """
        preview = await self._refunds.preview(charge_id)
        if preview.paid.user_id != user_id:
            raise UserFacingError("refund-charge-unknown", charge=charge_id)
        if preview.state in GIVEN_BACK:
            raise UserFacingError("refund-made-before", stars=preview.paid.stars)
        data = {
            "charge_id": charge_id,
            "stars": preview.paid.stars,
            "bonus": preview.paid.bonus,
            "available": preview.available,
            "held": preview.held,
            "missing": preview.missing,
        }
        return await self._cases.open(
            Case(f"refund:{charge_id}", REFUND_CASE, user_id, data=data, private={"words": words})
        )

    async def ask_for_generation(self, user_id: int, job_id: str, words: str) -> bool:
        """Let a person ask for the price of a generation back; False when they did before.

        Raises:
            UserFacingError: `refund-generation-free`: nothing was paid for it, or not in the end.

        """
        price = await self._earned(user_id, job_id)
        if not price:
            raise UserFacingError("refund-generation-free")
        balance = await self._ledger.balance(user_id)
        data = {"job_id": job_id, "stars": price, "available": balance.available, "held": balance.held}
        return await self._cases.open(
            Case(f"refund-job:{job_id}", REFUND_CASE, user_id, data=data, private={"words": words})
        )

    async def _refund(self, case: Case) -> Done | Again:
        if case.decision == DECLINE:
            await self._letters.write(
                case.user_id, "refund-letter-declined", about=f"{case.id}:declined", stars=case.data["stars"]
            )
            return Done()
        if "job_id" in case.data:
            return await self._give_back(case)
        outcome = await self._refunds.refund(
            str(case.data["charge_id"]),
            actor=_operator(case),
            reason="asked for by the person",
            shortage=DECISIONS[case.decision],
        )
        return await self._told(outcome)

    async def _told(self, outcome: RefundOutcome) -> Done | Again:
        refund = outcome.refund
        if outcome.result is RefundResult.SHORT:
            preview = await self._refunds.preview(refund.charge_id)
            return Again(
                "refund-case-short",
                {"missing": preview.missing, "available": preview.available, "held": preview.held},
            )
        if outcome.result is RefundResult.REFUSED:
            return Again("refund-case-refused", {"error": refund.error})
        if outcome.result in (RefundResult.WAITING, RefundResult.UNDER_WAY):
            raise StarloomError("Telegram has not answered yet whether it gave the payment back")
        return Done({"taken": refund.taken, "owed": refund.owed, "actor": refund.actor})

    async def _give_back(self, case: Case) -> Done | Again:
        """Credit a generation's price, once however often it is decided."""
        job_id = str(case.data["job_id"])
        price = await self._earned(case.user_id, job_id)
        if not price:
            return Again("refund-case-nothing-earned")
        key = f"refund-job:{job_id}"
        await self._ledger.credit(
            case.user_id,
            price,
            source=ADJUSTMENT,
            key=key,
            reference=job_id,
            actor=_operator(case),
            reason="generation given back",
        )
        await self._correct(job_id, key, price)
        repaid = await self._ledger.repaid(case.user_id, key)
        await self._write(case, "refund-letter-generation", stars=price, repaid=repaid)
        return Done({"repaid": repaid})

    async def _debt(self, case: Case) -> Done:
        if case.decision == KEEP:
            return Done()
        key = f"{case.id}:forgiven"
        await self._ledger.forgive(
            case.user_id,
            int(case.data["owed"]),
            key=key,
            reference=str(case.data["charge_id"]),
            actor=_operator(case),
            reason="debt forgiven",
        )
        entry = await self._ledger.entry(case.user_id, key)
        if entry is None:
            return Done({"forgiven": 0})
        await self._write(case, "refund-letter-forgiven", stars=entry.amount)
        return Done({"forgiven": entry.amount})

    async def _earned(self, user_id: int, job_id: str) -> int:
        """What a generation has cost the person in the end: 0 if it was free, or its hold was not settled."""
        hold = await self._ledger.entry(user_id, hold_key(user_id, job_id))
        settled = await self._ledger.entry(user_id, settle_key(user_id, job_id))
        if hold is None or settled is None or hold.debit != user_account(user_id):
            return 0
        return settled.amount

    async def _write(self, case: Case, key: str, **variables: int) -> None:
        balance = await self._ledger.balance(case.user_id)
        await self._letters.write(
            case.user_id, key, about=case.id, balance=balance.available, owed=balance.owed, **variables
        )


def _check_refund(case: Case, decision: str) -> None:
    possible = {"refund"} if "job_id" in case.data else set(DECISIONS)
    if decision not in possible | {DECLINE}:
        raise UserFacingError("refund-decision-impossible")


def _check_debt(case: Case, decision: str) -> None:
    if decision not in (KEEP, FORGIVE):
        raise UserFacingError("refund-decision-impossible")


def _operator(case: Case) -> str:
    return f"admin:{case.by}"
