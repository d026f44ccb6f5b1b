"""The ledger's entries in words: which text tells of which."""

from __future__ import annotations

from dataclasses import dataclass

from starloom.api import Entry

_BY_ENDING = {
    "#debt": "owed",
    "#repaid": "repaid",
    ":forgiven": "forgiven",
    ":undone": "refund-undone",
    ":refunded": "referral-taken-back",
}
"""The words for entries by how their keys end."""
_BY_PREFIX = {
    "stars": "purchase",
    "plan": "plan",
    "bonus": "bonus",
    "topup": "card",
    "welcome": "welcome",
    "promo": "code",
    "referral": "referral",
    "refund": "refund",
    "refund-job": "given-back",
    "forgive": "forgiven",
    "grant": "grant",
    "write-off": "written-off",
    "erased": "correction",
}
"""The words for entries by how their keys begin."""
_BY_ACCOUNT = {
    "telegram:stars": "purchase",
    "manual": "card",
    "promo": "gift",
    "refund": "refund",
    "adjustment": "correction",
    "revenue": "spent",
}
"""The words for entries of others' making, by the account that is not the person's."""
_OF_HOLDS = {
    "hold": ("generation", "free", "feature"),
    "settle": ("done", "done", "feature-done"),
    "release": ("returned", "free-returned", "feature-returned"),
}
"""The words for each step of a hold: of the person's own Stars, of free ones, for another feature."""
_OF_FEATURES = ("sale:", "plugin:")
_QUIET = frozenset({"done", "feature-done"})


@dataclass(frozen=True, slots=True)
class Line:
    """What a statement says of one entry.

    `kind` ends the key of its text, `change` is what it did to the balance, `amount` what it moved, both in
    Stars. `job` is the request id of the generation that it is about. A `quiet` entry repeats what another
    one says.
    """

    kind: str
    change: int
    amount: int
    job: str = ""
    quiet: bool = False


def line_of(entry: Entry) -> Line:
    """The words for an entry."""
    change = entry.amount * (_is_balance(entry.credit) - _is_balance(entry.debit))
    for ending, kind in _BY_ENDING.items():
        if entry.key.endswith(ending):
            return Line(kind, change, entry.amount)
    begin, _, rest = entry.key.partition(":")
    if begin in _OF_HOLDS:
        return _of_hold(entry, begin, rest.partition(":")[2], change)
    return Line(_BY_PREFIX.get(begin) or _by_account(entry), change, entry.amount)


def _of_hold(entry: Entry, step: str, hold_id: str, change: int) -> Line:
    own, free, feature = _OF_HOLDS[step]
    if hold_id.startswith(_OF_FEATURES):
        return Line(feature, change, entry.amount, quiet=feature in _QUIET)
    kind = free if "promo" in (entry.debit, entry.credit) else own
    return Line(kind, change, entry.amount, job=hold_id, quiet=kind in _QUIET)


def _by_account(entry: Entry) -> str:
    outside = entry.debit if _is_person(entry.credit) else entry.credit
    return _BY_ACCOUNT.get(outside, "correction")


def _is_balance(account: str) -> bool:
    return account.startswith("user:")


def _is_person(account: str) -> bool:
    return account.startswith(("user:", "held:", "debt:"))
