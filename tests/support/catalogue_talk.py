"""A person's way through the choice of models, where there are many."""

from __future__ import annotations

from support.studio_talk import ask

from sandbox.people.person import Person


async def choose(person: Person, model: str) -> None:
    """Choose a model by writing its name, or as much of it as tells it apart."""
    await ask(person, "/generate")
    found = await ask(person, model.rstrip(" ·"))
    await person.press(model, found)
    await person.expect(kind="edit")
