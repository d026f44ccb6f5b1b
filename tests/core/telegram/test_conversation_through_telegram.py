from __future__ import annotations

from sandbox.people.person import Person


async def test_answers_a_command(house, alice: Person) -> None:
    await alice.start("ref42")
    answer = await alice.expect("hello")
    assert answer.text == "hello ref42"
    assert house.arrived == [alice.id]
