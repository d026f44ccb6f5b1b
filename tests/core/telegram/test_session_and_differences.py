"""What the session keeps, and differences of every kind."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pyrogram.raw import functions as F
from pyrogram.raw import types as T
from pyrogram.storage import UpdateState
from telegram_house import FAST, House, counted

from core.clock import SystemClock
from core.errors import FloodWaited, TelegramError
from core.storage.database import Database
from core.storage.sessions import SessionStore
from core.telegram.boxes import COMMON, QTS, Arrival, Box
from core.telegram.client import TelegramClient
from core.telegram.differences import Differences
from core.telegram.session_storage import SessionStorage
from sandbox.clock import ManualClock
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox

CHANNEL = -1000000000005


async def opened(database: Database) -> SessionStorage:
    storage = SessionStorage(SessionStore(database, "bot"))
    await storage.open()
    return storage


async def test_the_key_is_kept_at_once_and_the_rest_when_it_is_written(database: Database) -> None:
    first = await opened(database)
    await first.dc_id(2)
    await first.auth_key(b"k" * 256)
    await first.user_id(7)
    await first.update_peers([(7, 70, "user", None), (CHANNEL, 50, "supergroup", None)])
    await first.update_usernames([(7, ["ann"])])
    await first.set_update_state(UpdateState(0, 5, 1, 100, None))
    crashed = await opened(database)
    assert (await crashed.auth_key(), await crashed.user_id(), await crashed.dc_id()) == (b"k" * 256, 7, 2)
    assert crashed.state(0) is None
    await first.flush()
    second = await opened(database)
    assert (await second.get_peer_by_id(7)).access_hash == 70
    assert (await second.get_peer_by_id(CHANNEL)).channel_id == 5
    assert (await second.get_peer_by_username("ann")).user_id == 7
    assert second.states() == (UpdateState(0, 5, 1, 100, None),)
    with pytest.raises(KeyError):
        await second.get_peer_by_id(8)


async def test_what_did_not_change_is_not_written(database: Database) -> None:
    storage = await opened(database)
    await storage.update_peers([(7, 70, "user", None)])
    await storage.set_update_state(UpdateState(0, 5, 1, 100, None))
    await storage.flush()
    before = database.round_trips
    await storage.update_peers([(7, 70, "user", None)])
    await storage.set_update_state([UpdateState(0, None, None, None, None), UpdateState(0, 5, 1, 100, None)])
    await storage.flush()
    assert database.round_trips == before


async def test_a_forgotten_key_leaves_peers_and_positions(database: Database) -> None:
    storage = await opened(database)
    await storage.auth_key(b"k" * 256)
    await storage.update_peers([(7, 70, "user", None)])
    await storage.set_update_state(UpdateState(0, 5, None, None, None))
    await storage.delete()
    again = await opened(database)
    assert await again.auth_key() is None
    assert (await again.get_peer_by_id(7)).access_hash == 70
    assert again.states() == (UpdateState(0, 5, None, None, None),)


# Differences


class _Client:
    """Answers calls from a list, and keeps the stored states."""

    def __init__(self, answers: Sequence[Any]) -> None:
        self.answers = list(answers)
        self.asked: list[Any] = []
        self.deleted: list[int] = []
        self.storage = self

    def state(self, state_id: int) -> UpdateState:
        return UpdateState(state_id, None, None, 100, None)

    async def delete_update_state(self, state_id: int) -> None:
        self.deleted.append(state_id)

    async def resolve(self, chat_id: int) -> Any:
        return T.InputPeerChannel(channel_id=5, access_hash=50)

    async def invoke(self, query: Any) -> Any:
        self.asked.append(query)
        answer = self.answers.pop(0)
        if isinstance(answer, TelegramError):
            raise answer
        return answer


class _Asking:
    """Differences over a client that answers from a list."""

    def __init__(self, *answers: Any) -> None:
        self.client = _Client(answers)
        self.clock = ManualClock()
        self.boxes = {COMMON: Box(10), QTS: Box(0), CHANNEL: Box(20)}
        self.accepted: list[Arrival] = []
        client: Any = self.client
        self.differences = Differences(
            client,
            self.boxes,
            self._accept,
            self.clock,
            0.5,
        )

    async def _accept(self, arrivals: Sequence[Arrival]) -> None:
        self.accepted += arrivals

    @property
    def messages(self) -> list[int]:
        return [arrival.update.message.id for arrival in self.accepted if hasattr(arrival.update, "message")]


def message(number: int, *, channel: bool = False) -> Any:
    peer = T.PeerChannel(channel_id=5) if channel else T.PeerUser(user_id=7)
    return T.Message(id=number, peer_id=peer, date=0, message="")


def state(pts: int, qts: int = 0) -> Any:
    return T.updates.State(pts=pts, qts=qts, date=0, seq=0, unread_count=0)


def difference(pts: int, *messages: int, other: Sequence[Any] = (), sliced: bool = False) -> Any:
    common = {
        "new_messages": [message(number) for number in messages],
        "new_encrypted_messages": [],
        "other_updates": list(other),
        "chats": [],
        "users": [],
    }
    if sliced:
        return T.updates.DifferenceSlice(**common, intermediate_state=state(pts))
    return T.updates.Difference(**common, state=state(pts, 3))


async def test_slices_are_fetched_to_the_end_in_the_order_of_ids() -> None:
    asking = _Asking(difference(12, 2, 1, sliced=True), difference(14, 3))
    await asking.differences.recover(COMMON)
    assert asking.messages == [1, 2, 3]
    assert [query.pts for query in asking.client.asked] == [10, 12]
    assert (asking.boxes[COMMON].pts, asking.boxes[QTS].pts) == (14, 3)


async def test_what_is_too_long_ago_is_passed_over_and_the_rest_fetched() -> None:
    asking = _Asking(T.updates.DifferenceTooLong(pts=500), difference(501, 9))
    await asking.differences.recover(COMMON)
    assert asking.messages == [9]
    assert [query.pts for query in asking.client.asked] == [10, 500]


async def test_a_position_that_telegram_does_not_know_begins_anew() -> None:
    asking = _Asking(TelegramError(400, "PERSISTENT_TIMESTAMP_INVALID"), state(3, 1))
    await asking.differences.recover(COMMON)
    assert (asking.boxes[COMMON].pts, asking.boxes[QTS].pts) == (3, 1)
    assert isinstance(asking.client.asked[1], F.updates.GetState)


async def test_what_is_counted_in_a_channel_is_counted_there() -> None:
    known = T.UpdateNewChannelMessage(message=message(5, channel=True), pts=20, pts_count=1)
    new = T.UpdateNewChannelMessage(message=message(6, channel=True), pts=21, pts_count=1)
    gap = T.UpdateNewChannelMessage(message=message(8, channel=True), pts=23, pts_count=1)
    asking = _Asking(difference(11, other=[known, new, gap]))
    await asking.differences.recover(COMMON)
    assert asking.messages == [6]
    assert asking.boxes[CHANNEL].due == 0.5


async def test_a_channel_that_is_too_far_behind_gives_its_newest() -> None:
    dialog = T.Dialog(
        peer=T.PeerChannel(channel_id=5),
        top_message=9,
        read_inbox_max_id=0,
        read_outbox_max_id=0,
        unread_count=0,
        unread_mentions_count=0,
        unread_reactions_count=0,
        unread_poll_votes_count=0,
        notify_settings=T.PeerNotifySettings(),
        pts=90,
    )
    too_long = T.updates.ChannelDifferenceTooLong(
        dialog=dialog,
        messages=[message(9, channel=True), message(8, channel=True)],
        chats=[],
        users=[],
        final=True,
    )
    asking = _Asking(too_long)
    await asking.differences.recover(CHANNEL)
    assert asking.messages == [8, 9]
    assert asking.boxes[CHANNEL].pts == 90


async def test_a_channel_that_the_bot_was_thrown_out_of_is_forgotten() -> None:
    asking = _Asking(TelegramError(400, "CHANNEL_PRIVATE"))
    await asking.differences.recover(CHANNEL)
    assert CHANNEL not in asking.boxes
    assert asking.client.deleted == [CHANNEL]


@pytest.mark.parametrize(("error", "due"), [(TelegramError(503, "NO_ANSWER"), 1.0), (FloodWaited(17), 17.0)])
async def test_what_cannot_be_asked_now_is_asked_later(error: TelegramError, due: float) -> None:
    asking = _Asking(error)
    await asking.differences.recover(COMMON)
    assert asking.boxes[COMMON].due == due
    assert asking.boxes[COMMON].pts == 10


# Together with others


async def test_what_a_worker_sends_leaves_no_gap(
    house: House, sandbox: Sandbox, bot: Bot, database: Database, alice: Person
) -> None:
    await alice.start()
    await alice.expect("hello")
    worker = TelegramClient(
        name="worker",
        api_id=1,
        api_hash="-",
        bot_token=bot.token,
        endpoint=sandbox.endpoint,
        session=SessionStore(database, "worker"),
        clock=SystemClock(),
        no_updates=True,
        timing=FAST,
    )
    await worker.start()
    with counted(sandbox) as calls:
        peer = await worker.resolve(alice.id)
        await worker.invoke(F.messages.SendMessage(peer=peer, message="from a worker", random_id=5))
        await alice.expect("from a worker")
        await alice.send("and you?")
        await alice.expect("echo and you?")
        assert calls["updates.GetDifference"] == 0
    assert worker.updates.items() == ()
    await worker.stop()


async def test_a_server_that_was_away_is_found_again(database: Database, tmp_path: Path) -> None:
    server = await Sandbox.start(seed=1, directory=tmp_path)
    house = House(server, server.add_bot(), database)
    alice = server.add_person("Alice")
    await house.start()
    await alice.start()
    await alice.expect("hello")
    port = server.endpoint.port
    await server.stop()
    server = await Sandbox.start(directory=tmp_path, port=port)
    alice = server.add_person("Alice")
    await alice.send("are you there?")
    await alice.expect("echo are you there?", within=20)
    await house.stop()
    await server.stop()
