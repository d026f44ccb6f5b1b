"""Erasure: killed between any two writes it is finished by the next start, and the books add up."""

from __future__ import annotations

import re
from collections.abc import Collection as Many
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from core.billing.ledger import Ledger
from core.billing.operations import MANUAL
from core.errors import UserFacingError
from core.privacy import Privacy
from core.storage.collection import Collection
from core.storage.database import Database
from core.storage.erasures import ErasureStore, marker
from core.storage.subscriptions import Subscription
from core.storage.users import UserStore
from core.telegram.types import Profile
from core.users import User
from sandbox.clock import ManualClock

WRITES = (
    "insert_one",
    "insert_many",
    "update_one",
    "update_many",
    "update_each",
    "delete_one",
    "delete_many",
)
MOST_WRITES = 60
_PERSON = re.compile(r"(?<!\d)5000000\d{3}(?!\d)")


class Killed(BaseException):
    """The process is gone."""


class NoPlans:
    async def of_user(self, user_id: int) -> list[Subscription]:
        return []

    async def cancel(self, user_id: int, subscription_id: str) -> Subscription:
        raise AssertionError("nobody has a plan here")


class Asked:
    """Plugins: the names of those that fail, and who was erased by which."""

    def __init__(self) -> None:
        self.failing: set[str] = set()
        self.erased: list[str] = []

    async def ask_each(
        self, hook: str, /, *, skip: Many[str] = (), **arguments: Any
    ) -> tuple[Mapping[str, Any], tuple[str, ...]]:
        asked = [name for name in ("one", "two") if name not in skip]
        done = [name for name in asked if name not in self.failing]
        self.erased += done
        return dict.fromkeys(done), tuple(name for name in asked if name in self.failing)


class House:
    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.clock = clock
        self.database = database
        self.ledger = Ledger(database, clock)
        self.erasures = ErasureStore(database, marker(b"key"))
        self.users = UserStore(database, clock, former=self.erasures)
        self.plugins = Asked()
        self.forgotten: list[int] = []
        self.privacy = Privacy(
            database=database,
            erasures=self.erasures,
            ledger=self.ledger,
            plans=NoPlans(),
            plugins=self.plugins,
            operates=lambda user_id: user_id == 1,
            forget_peer=self._forget,
            clock=clock,
        )

    async def _forget(self, user_id: int) -> None:
        self.forgotten.append(user_id)

    async def person(self, user_id: int) -> User:
        """Somebody with a record, eight Stars, and an ended hold."""
        user = await self.users.touch(Profile(user_id, "Ann"))
        note = {"reference": "", "actor": "test", "reason": "test"}
        await self.ledger.credit(user_id, 10, source=MANUAL, key=f"welcome:{user_id}", **note)
        await self.ledger.hold(user_id, "job", 2, actor="test", reason="test")
        await self.ledger.settle(user_id, "job", actor="test", reason="test")
        return user

    async def erase(self, user: User) -> None:
        await self.privacy.begin(user, forfeit=8)
        await self.privacy.finish(user)

    async def named(self) -> dict[int, set[str]]:
        """The collections in which people are still named, by who that is."""
        found: dict[int, set[str]] = {}
        for name in await self.database._database.list_collection_names():
            async for rows in self.database.collection(name).batches({}):
                for user_id in _PERSON.findall(repr(rows)):
                    found.setdefault(int(user_id), set()).add(name)
        return found

    async def names(self, user_id: int) -> set[str]:
        """The collections in which one person is still named."""
        return (await self.named()).get(user_id, set())

    async def assert_sound(self) -> None:
        await self.ledger.copy()
        report = await self.ledger.check()
        assert (report.total, report.problems) == (0, ())


@pytest.fixture
async def house(database: Database, clock: ManualClock) -> House:
    await database.prepare()
    return House(database, clock)


def kill_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """End everything before the so-manieth write."""
    written = 0
    for name in WRITES:
        method = getattr(Collection, name)

        async def write(rows: Collection, *rest: Any, _method: Any = method, **more: Any) -> Any:
            nonlocal written
            written += 1
            if written == number:
                raise Killed
            return await _method(rows, *rest, **more)

        monkeypatch.setattr(Collection, name, write)


@pytest.mark.parametrize("step", [5, pytest.param(1, marks=pytest.mark.soak)])
async def test_a_kill_between_any_two_writes_loses_nothing(house: House, step: int) -> None:
    """In the long campaigns before each of the writes, else before some of them."""
    finished = False
    erased, kept = set(), set()
    for number in range(1, MOST_WRITES, step):
        user = await house.person(5_000_000_000 + number)
        with pytest.MonkeyPatch.context() as patch:
            kill_at(patch, number)
            try:
                await house.erase(user)
                finished = True
            except Killed:
                pass
        begun = await house.erasures.get(user.id) is not None
        assert await house.privacy.resume() == 0
        if begun or finished:
            erased.add(user.id)
        else:
            kept.add(user.id)
            assert (await house.ledger.balance(user.id)).available == 8
        if finished:
            break
    assert finished
    # The books only ever grow, so what went wrong at any kill is in them still.
    await house.assert_sound()
    assert set(await house.named()) == kept
    for user_id in erased:
        assert (await house.users.touch(Profile(user_id, "Ann"))).left_on is not None


async def test_who_comes_again_is_new_and_the_books_go_on(house: House) -> None:
    user = await house.person(5_000_000_001)
    await house.erase(user)
    again = await house.person(user.id)
    assert again.left_on == house.clock.now().date()
    assert (await house.ledger.balance(user.id)).available == 8
    await house.assert_sound()
    await house.erase(again)
    assert await house.names(user.id) == set()
    await house.assert_sound()


async def test_more_stars_than_were_given_up_stop_it(house: House) -> None:
    user = await house.person(5_000_000_001)
    with pytest.raises(UserFacingError, match="erasure-changed"):
        await house.privacy.begin(user, forfeit=7)
    assert await house.erasures.under_way() == []
    assert (await house.ledger.balance(user.id)).available == 8


async def test_what_stands_against_it_is_named(house: House) -> None:
    operator = await house.users.touch(Profile(1, "Op"))
    assert (await house.privacy.standing(operator)).obstacles == ("admin",)
    user = await house.person(5_000_000_001)
    await house.ledger.hold(user.id, "more", 1, actor="test", reason="test")
    assert (await house.privacy.standing(user)).obstacles == ("held",)
    with pytest.raises(UserFacingError, match="erasure-changed"):
        await house.privacy.begin(user, forfeit=7)


async def test_a_plugin_that_fails_is_asked_again_for_a_day(house: House) -> None:
    user = await house.person(5_000_000_001)
    house.plugins.failing = {"two"}
    await house.erase(user)
    assert await house.privacy.resume() == 1
    assert await house.names(user.id) == {"erasures"}
    # Whoever begins anew meanwhile loses nothing by it, and may be erased again.
    newer = await house.person(user.id)
    await house.erase(newer)
    assert await house.names(user.id) == {"erasures"}
    again = await house.person(user.id)
    house.plugins.failing = set()
    assert await house.privacy.resume() == 0
    assert house.plugins.erased == ["one", "one", "two"]
    assert await house.users.get(again.id) is not None

    house.plugins.failing = {"two"}
    await house.erase(again)
    await house.clock.advance(timedelta(days=1).total_seconds() + 1)
    assert await house.privacy.resume() == 0
