"""Cards of cases: what an operator sees of a request, and what can be decided of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from plugins.admin.part import balance_line, entry_line, moment, operator_name
from starloom.api import (
    Balance,
    Billing,
    Button,
    Case,
    CaseState,
    Entry,
    Html,
    Keyboard,
    Screen,
    TopUp,
    Translator,
    UserFacingError,
    case_token,
)

TOPUP = "topup"
REFUND = "refund"
DEBT = "debt"
_HISTORY = 5


@dataclass(frozen=True, slots=True)
class Facts:
    """What the ledger knows of the person and the matter just now.

    `missing` is how many of the Stars that a refund would take are spent already.
    """

    balance: Balance
    missing: int
    history: Sequence[Entry]


async def facts_of(billing: Billing, case: Case) -> Facts:
    """Look up what belongs on the card of a case."""
    balance = await billing.desk.balance(case.user_id)
    missing = 0
    if case.kind == REFUND and "charge_id" in case.data:
        try:
            missing = (await billing.refunds.preview(str(case.data["charge_id"]))).missing
        except UserFacingError:
            missing = int(case.data.get("missing", 0))
    return Facts(balance, missing, await billing.desk.statement(case.user_id, _HISTORY))


class Cards:
    """Draws the cards."""

    def __init__(self, billing: Billing) -> None:
        self._billing = billing

    def card(self, t: Translator, case: Case, facts: Facts, viewer: int) -> Screen:
        """The case as it is now: with buttons while it waits for a decision, else with what was decided."""
        if case.state is CaseState.OPEN:
            return self.waiting(t, case, facts)
        lines = [self._matter(t, case), self.outcome(t, case, viewer)]
        return Screen(Html("\n\n".join(lines)))

    def waiting(self, t: Translator, case: Case, facts: Facts) -> Screen:
        """The case with what can be decided."""
        parts = [self._matter(t, case)]
        if case.note:
            parts.append(t("admin-case-again", why=t(case.note, **case.data)))
        if facts.missing:
            parts.append(t("admin-case-missing", missing=facts.missing))
        parts.append(balance_line(t, facts.balance))
        if facts.history:
            lines = Html("\n".join(entry_line(t, entry) for entry in facts.history))
            parts.append(t("admin-case-history", entries=lines))
        return Screen(Html("\n\n".join(parts)), self._keyboard(t, case, facts))

    def outcome(self, t: Translator, case: Case, viewer: int) -> Html:
        """Who decided what, and whether it is carried out."""
        return t(
            "admin-case-done" if case.state is CaseState.DONE else "admin-case-decided",
            who=operator_name(t, case.by, viewer),
            what=decision_words(t, case),
            at=moment(case.decided_at),
        )

    def _matter(self, t: Translator, case: Case) -> Html:
        """What it is about."""
        person = str(case.user_id)
        data = case.data
        if case.kind == TOPUP:
            asked = TopUp.of(case)
            return t(
                "admin-case-topup",
                person=person,
                rub=str(asked.rub),
                stars=asked.stars,
                rate=str(asked.usd_rub),
                day=asked.day.isoformat(),
                source="official" if asked.official else "own",
            )
        if case.kind == REFUND:
            about = (
                t("admin-case-payment", charge=data["charge_id"], stars=data["stars"], bonus=data["bonus"])
                if "charge_id" in data
                else t("admin-case-generation", job=data["job_id"], stars=data["stars"])
            )
            words = str(case.private.get("words", ""))
            said = t("admin-case-words", words=words) if words else t("admin-case-no-words")
            return t("admin-case-refund", person=person, about=about, said=said)
        if case.kind == DEBT:
            return t(
                "admin-case-debt",
                person=person,
                charge=data["charge_id"],
                stars=data["stars"],
                taken=data["taken"],
                owed=data["owed"],
            )
        return t("admin-case-other", person=person, kind=case.kind)

    def _keyboard(self, t: Translator, case: Case, facts: Facts) -> Keyboard:
        if case.kind == TOPUP:
            return self._of_topup(t, case)
        if case.kind == REFUND:
            return (*_agreements(t, case, facts), (_decide(t, case, "decline"),))
        if case.kind == DEBT:
            owed = case.data["owed"]
            return ((_decide(t, case, "keep"),), (_decide(t, case, "forgive", "forgive-debt", stars=owed),))
        return ()

    def _of_topup(self, t: Translator, case: Case) -> Keyboard:
        corrections = [
            _decide(t, case, each.decision, "roubles", rub=str(each.rub), stars=each.stars)
            for each in self._billing.topups.corrections(case)
        ]
        other = Button(t.plain("admin-do-amount"), "amount", (case_token(case.id), str(case.round)))
        return (
            (_decide(t, case, "approve", stars=TopUp.of(case).stars),),
            *(tuple(corrections[start : start + 2]) for start in range(0, len(corrections), 2)),
            (other,),
            (_decide(t, case, "decline"),),
            (
                _decide(t, case, "decline:unreadable", "decline-unreadable"),
                _decide(t, case, "decline:used", "decline-used"),
            ),
        )


def decision_words(t: Translator, case: Case) -> Html:
    """What was decided, in words."""
    what, _, value = case.decision.partition(":")
    if what in ("amount", "rub"):
        return t(f"admin-decision-{what}", amount=value)
    return t(f"admin-decision-{case.kind}-{case.decision.replace(':', '-')}")


def verdict(case: Case) -> str:
    """The key of what an operator is told whose decision was the first."""
    if case.state is CaseState.OPEN:
        return "admin-not-done"
    return "admin-done" if case.state is CaseState.DONE else "admin-decided"


def _agreements(t: Translator, case: Case, facts: Facts) -> Keyboard:
    """The ways to give something back: with Stars spent already, what becomes of these is to be said."""
    stars = case.data["stars"]
    if "job_id" in case.data:
        return ((_decide(t, case, "refund", "give-back", stars=stars),),)
    if not facts.missing:
        return ((_decide(t, case, "refund", stars=stars),),)
    return (
        (_decide(t, case, "debt", missing=facts.missing),),
        (_decide(t, case, "forgive", missing=facts.missing),),
    )


def _decide(t: Translator, case: Case, decision: str, label: str = "", **amounts: object) -> Button:
    words = t.plain(f"admin-do-{label or decision}", **amounts)
    return Button(words, "decide", (case_token(case.id), str(case.round), decision))
