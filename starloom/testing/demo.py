"""Orders of people at the demo provider, from words to the file in the chat."""

from __future__ import annotations

from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

_DELIVERY_SECONDS = 40.0
_BEGIN = "✨"
"""What the button begins with that begins a generation."""


class DemoProvider:
    """The provider `demo`, which makes real files at once, or goes wrong as it is told."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    async def order(
        self, person: Person, prompt: str, *, model: str = "demo-image", going_wrong: str = ""
    ) -> MessageView:
        """Let a person order a generation by words; what the screen says once the order was confirmed.

        `model` is an id, pressed by its title in the person's language. `going_wrong` is one of the words
        that the demo provider knows: `fail`, `safety`, `hang`, `lost`, ….
        """
        await person.send(f"{prompt} fault:{going_wrong}" if going_wrong else prompt)
        title = self._studio.service.studio.generations.title(model, person.language)
        choice = await person.expect(lambda message: _has_button(message, title), kind="new")
        await person.press(title, choice)
        confirmation = await person.expect(lambda message: _has_button(message, _BEGIN), kind="edit")
        await person.press(_BEGIN, confirmation)
        return await person.expect()

    async def result(self, person: Person) -> MessageView:
        """The file that arrives in the person's chat."""
        return await person.expect(lambda message: message.media is not None, within=_DELIVERY_SECONDS)

    async def asked(self, person: Person) -> tuple[str, ...]:
        """What the provider is asked in the person's orders that are under way, as plugins rewrote it.

        Orders end as fast as the machine is: let one hang (`going_wrong="hang"`) to look at it.
        """
        return tuple(job.prompt for job in await self._studio.service.studio.generations.active(person.id))

    async def settled(self, person: Person) -> None:
        """Wait until nothing of the person's is being made and nothing of theirs is held."""
        await self._studio.settled(person)


def _has_button(message: MessageView, label: str) -> bool:
    return any(label in each for each in message.labels)
