"""A person's way through the choice of models, where there are many."""

from __future__ import annotations

from support.studio_talk import ask

from sandbox.people.person import Person


async def choose(person: Person, category: str, model: str) -> None:
    """Go through the catalogue to a model: its category, the pages with its family, its own page."""
    screen = await ask(person, "/generate")
    ways = [category, model.split(maxsplit=1)[0], "More ›"]
    while not any(model in label for label in screen.labels):
        way = next((each for each in ways if any(each in label for label in screen.labels)), "")
        assert way, screen.labels
        await person.press(way, screen)
        if way != "More ›":
            ways.remove(way)
        screen = await person.expect(kind="edit")
    await person.press(model, screen)
    await person.expect(kind="edit")
