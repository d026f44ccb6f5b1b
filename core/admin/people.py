"""What operators see of a person and do to them: the card, bans, language, a word; and the table of all."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from core.billing.ledger import Balance, Ledger
from core.errors import UserFacingError
from core.i18n import I18n
from core.statistics.record import Outcome
from core.statistics.rows import cells_of, person_row
from core.statistics.summary import Summary
from core.storage.audit import AuditLog
from core.storage.claims import Claim, Claims
from core.storage.payments import PaymentStore
from core.storage.people_search import PeopleSearch, PersonRow
from core.storage.rollups import RollupStore
from core.storage.users import FOREVER, UserStore
from core.telegram.outbox import Outbox
from core.users import User

_BATCH = 500
LONGEST_WORD = 3000
LONGEST_REASON = 200
_COLUMNS = (
    *("id", "name", "username", "language", "since", "last_seen", "generations", "delivered"),
    *("stars_spent", "payments", "stars_paid", "banned", "blocked_bot"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet would run."""


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person as operators see them; `payments` with the Stars `paid` by them."""

    row: PersonRow
    user: User
    balance: Balance
    summary: Summary
    payments: int
    paid: int

    @property
    def banned_until(self) -> datetime | None:
        """When a ban ends; None for one without an end."""
        until = self.user.banned_until
        return None if until == FOREVER else until

    @property
    def ban_seen(self) -> str:
        """The ban as it stands, by which a decision says what it started from."""
        return ban_seen(self.user)


@dataclass(frozen=True, slots=True)
class PersonFigures:
    """A person's line in the table of all. Amounts are Stars."""

    person: PersonRow
    generations: int = 0
    delivered: int = 0
    spent: int = 0
    payments: int = 0
    paid: int = 0


class PeopleDesk:
    """Looks people up and acts on them; each act is in the audit log."""

    def __init__(
        self,
        *,
        search: PeopleSearch,
        users: UserStore,
        ledger: Ledger,
        payments: PaymentStore,
        rollups: RollupStore,
        outbox: Outbox,
        i18n: I18n,
        claims: Claims,
        audit: AuditLog,
        operates: Callable[[int], bool],
        language_chosen: Callable[[int, str], None],
    ) -> None:
        self._search = search
        self._users = users
        self._ledger = ledger
        self._payments = payments
        self._rollups = rollups
        self._outbox = outbox
        self._i18n = i18n
        self._claims = claims
        self._audit = audit
        self._operates = operates
        self._language_chosen = language_chosen

    async def card(self, user_id: int) -> PersonCard | None:
        """All that matters of a person; None for somebody whom the bot does not know."""
        user = await self._users.get(user_id)
        row = next((each for each in await self._search.find(str(user_id), 1) if each.id == user_id), None)
        if user is None or row is None:
            return None
        paid = await self._payments.of_user(user_id, 10**6)
        kept = await self._rollups.row(person_row(user_id))
        return PersonCard(
            row=row,
            user=user,
            balance=await self._ledger.balance(user_id),
            summary=Summary(None, cells_of(kept)),
            payments=len(paid),
            paid=sum(each.stars for each in paid),
        )

    async def ban(self, user_id: int, until: datetime | None, reason: str, *, seen: str, by: int) -> Claim:
        """Shut somebody out, until then or (None) for good. `seen` is the card's `ban_seen`.

        Raises:
            UserFacingError: they operate the bot, or the reason is empty or too long.

        """
        words = " ".join(reason.split())
        if self._operates(user_id):
            raise UserFacingError("ban-operator")
        if not 0 < len(words) <= LONGEST_REASON:
            raise UserFacingError("ban-reason", limit=LONGEST_REASON)
        before = await self._users.get(user_id)
        stale = seen != ban_seen(before)
        claim = await self._claims.take(f"ban:{user_id}:{seen}", "ban", by=by, stale=stale)
        if claim.first:
            await self._users.ban(user_id, until, words)
            await self._note(by, "people.ban", user_id, _ban_of(before), {"until": until, "reason": words})
        return claim

    async def unban(self, user_id: int, *, seen: str, by: int) -> Claim:
        """Let somebody in again."""
        before = await self._users.get(user_id)
        stale = seen != ban_seen(before)
        claim = await self._claims.take(f"ban:{user_id}:{seen}", "unban", by=by, stale=stale)
        if claim.first:
            await self._users.unban(user_id)
            await self._note(by, "people.unban", user_id, _ban_of(before), None)
        return claim

    async def set_language(self, user_id: int, language: str, *, seen: str, by: int) -> Claim:
        """Speak to somebody in another language. `seen` is the one that the operator saw."""
        before = await self._users.get(user_id)
        stale = seen != self._language_of(before)
        claim = await self._claims.take(f"language:{user_id}:{seen}", language, by=by, stale=stale)
        if claim.first:
            await self._users.set_language(user_id, language)
            self._language_chosen(user_id, language)
            await self._note(by, "people.language", user_id, before.language if before else None, language)
        return claim

    async def write(self, user_id: int, text: str, *, key: str, by: int) -> None:
        """Send somebody a word of the team's, once for each `key`.

        Raises:
            PersonUnreachable: they blocked the bot.
            UserFacingError: the text is empty or too long.

        """
        words = text.strip()
        if not 0 < len(words) <= LONGEST_WORD:
            raise UserFacingError("broadcast-bad-text", limit=LONGEST_WORD)
        language = self._language_of(await self._users.get(user_id))
        letter = self._i18n.translator(language)("team-letter", text=words)
        await self._outbox.send_durable(f"team:{key}", user_id, letter)
        await self._note(by, "people.write", user_id, None, {"characters": len(words)})

    async def figures(self) -> AsyncIterator[PersonFigures]:
        """Everybody with what they made and paid, by their ids."""
        batch: list[PersonRow] = []
        async for person in self._search.everybody():
            batch.append(person)
            if len(batch) == _BATCH:
                for each in await self._figures_of(batch):
                    yield each
                batch = []
        for each in await self._figures_of(batch):
            yield each

    async def _figures_of(self, people: list[PersonRow]) -> list[PersonFigures]:
        rows = await self._rollups.rows(person_row(each.id) for each in people)
        paid = await self._payments.sums([each.id for each in people])
        found = []
        for person in people:
            summary = Summary(None, cells_of(rows.get(person_row(person.id), {})))
            count, stars = paid.get(person.id, (0, 0))
            found.append(
                PersonFigures(
                    person,
                    summary.generations.count,
                    summary.of(Outcome.DELIVERED).count,
                    summary.stars,
                    count,
                    stars,
                )
            )
        return found

    def _language_of(self, user: User | None) -> str:
        return self._i18n.choose_language(
            user.language if user else None, user.telegram_language if user else None
        )

    async def _note(self, by: int, what: str, user_id: int, before: object, after: object) -> None:
        about = f"user:{user_id}"
        await self._audit.write(
            f"user:{by}", what, before={"of": about, "was": before}, after={"of": about, "is": after}
        )


def people_csv(people: Iterable[PersonFigures]) -> bytes:
    """The table as a spreadsheet reads it: UTF-8 with a mark, and no cell that would be run as a formula."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(_COLUMNS)
    for each in people:
        person = each.person
        cells = (
            person.id,
            person.name,
            person.username,
            person.language,
            person.created_on or "",
            person.seen_on or "",
            each.generations,
            each.delivered,
            each.spent,
            each.payments,
            each.paid,
            "yes" if person.banned else "",
            "yes" if person.blocked_bot else "",
        )
        table.writerow([_harmless(str(cell)) for cell in cells])
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """A cell as text, also where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.lstrip().startswith(_FORMULA) or cell.startswith(_FORMULA) else cell


def ban_seen(user: User | None) -> str:
    """A ban as it stands, in a few letters for a button."""
    until = user.banned_until if user is not None else None
    return str(int(until.timestamp())) if until is not None else "0"


def _ban_of(user: User | None) -> dict[str, object] | None:
    if user is None or user.banned_until is None:
        return None
    return {"until": user.banned_until, "reason": user.ban_reason}
