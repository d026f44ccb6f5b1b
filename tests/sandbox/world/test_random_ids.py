"""A send repeated with its `random_id` makes one message, however Telegram says so."""

from __future__ import annotations

from typing import Any

import pytest
from pyrogram import Client, errors, raw

from sandbox.people.person import Person
from sandbox.server import Sandbox

T, F = raw.types, raw.functions


async def send(client: Client, chat_id: int, random_id: int, text: str = "once") -> Any:
    peer = await client.resolve_peer(chat_id)
    return await client.invoke(F.messages.SendMessage(peer=peer, message=text, random_id=random_id))


async def test_the_answer_to_a_repeated_send_is_the_original_message(client: Client, alice: Person) -> None:
    first = await send(client, alice.id, 77)
    again = await send(client, alice.id, 77, "twice")
    assert [message.text for message in alice.messages()] == ["/start", "once"]
    named, shown = again.updates
    assert (named.id, named.random_id) == (first.updates[0].id, 77)
    assert (shown.message.message, shown.pts_count) == ("once", 0)
    assert first.updates[1].pts_count == 1


@pytest.mark.parametrize(
    ("code", "error"), [(400, errors.RandomIdDuplicate), (500, errors.RandomIdDuplicate500)]
)
async def test_a_repeated_send_can_be_an_error(
    sandbox: Sandbox, client: Client, alice: Person, code: int, error: type[Exception]
) -> None:
    rules = sandbox.world.rules
    rules.duplicate_random_id, rules.duplicate_random_id_code = "error", code
    await send(client, alice.id, 77)
    peer = await client.resolve_peer(alice.id)
    query = F.messages.SendMessage(peer=peer, message="twice", random_id=77)
    # Below `invoke`, which tries again after a 500.
    with pytest.raises(error):
        await client.session.send(query)
    assert alice.last.text == "once"


async def test_a_message_that_was_deleted_is_not_sent_again(client: Client, alice: Person) -> None:
    await send(client, alice.id, 77)
    await alice.delete(alice.last)
    with pytest.raises(errors.RandomIdDuplicate):
        await send(client, alice.id, 77)
    assert [message.text for message in alice.messages()] == ["/start"]


async def test_each_account_has_random_ids_of_its_own(
    sandbox: Sandbox, client: Client, alice: Person, log_in: Any
) -> None:
    other = sandbox.add_bot("other_bot", "Other")
    second = await log_in(other, session="other")
    await alice.send("hi", to=other)
    await send(client, alice.id, 77)
    await send(second, alice.id, 77, "from the other")
    assert alice.messages(other)[-1].text == "from the other"
