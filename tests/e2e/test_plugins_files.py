"""Plugins send pictures and files that they made, and put a picture in the place of another."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from PIL import Image
from support.studio_talk import arrive, ask, caught_up, files, write_plugin

from sandbox.faults import Fault, FaultKind
from sandbox.people.person import Person
from sandbox.people.views import MessageView
from sandbox.studio import Studio

StartStudio = Callable[..., Awaitable[Studio]]

OFFICE = """
    import io

    from PIL import Image


    def drawn(colour):
        file = io.BytesIO()
        Image.new("RGB", (320, 200), colour).save(file, "PNG")
        return file.getvalue()


    class Office(Plugin):
        name = "office"

        @command("picture")
        async def picture(self, event):
            await event.reply_photo(drawn("red"), caption=event.t("office-red"), keyboard=self._turn(event))

        @callback("turn")
        async def turn(self, event):
            await event.edit_photo(drawn("blue"), caption=event.t("office-blue"), keyboard=self._turn(event))

        @command("table")
        async def table(self, event):
            await event.reply_document(b"id;stars", file_name="table.csv", mime_type="text/csv")

        @command("report")
        async def report(self, event):
            send = self.context.outbox
            await send.send_photo(event.chat.id, drawn("green"), caption=event.t("office-red"), key="chart")
            await send.send_document(
                event.chat.id, b"{}", file_name="all.json", mime_type="application/json", key="all",
                keyboard=self._turn(event),
            )

        def _turn(self, event):
            return ((Button(event.t.plain("office-turn"), "turn"),),)
"""
TEXTS = {
    "en": {"office-red": "<b>Red</b>", "office-blue": "Blue", "office-turn": "Turn"},
    "ru": {"office-red": "<b>Красный</b>", "office-blue": "Синий", "office-turn": "Сменить"},
}


async def colour(person: Person, message: MessageView) -> str:
    picture = Image.open(io.BytesIO(await person.download(message))).convert("RGB")
    red, green, blue = picture.getpixel((100, 100))
    return max((red, "red"), (green, "green"), (blue, "blue"))[1]


async def test_plugins_send_what_they_made_once(
    start_studio: StartStudio, plugins: dict[str, Any], tmp_path: Path
) -> None:
    plugins["plugins"]["office"] = write_plugin(tmp_path, "office", OFFICE, TEXTS)
    studio = await start_studio(plugins=plugins)
    boris = await arrive(studio, "Boris", "ru")

    picture = await ask(boris, "/picture")
    assert (picture.media.kind, picture.text, await colour(boris, picture)) == ("photo", "Красный", "red")
    await boris.press("Сменить", picture)
    turned = await boris.expect("Синий", kind="edit")
    assert (turned.id, turned.labels, await colour(boris, turned)) == (picture.id, ["Сменить"], "blue")

    # A reply that is lost on the way is no second message.
    with studio.sandbox.faults.add(Fault(kind=FaultKind.LOSE_REPLY, method="messages.SendMedia", times=1)):
        table = await ask(boris, "/table")
    assert (table.media.kind, table.media.file_name, table.media.mime) == (
        "document",
        "table.csv",
        "text/csv",
    )
    assert await boris.download(table) == b"id;stars"

    for _ in range(2):
        await boris.send("/report")
        await caught_up(boris)
        await studio.restart()
    await boris.send("/report")
    await caught_up(boris)
    names = [(message.media.kind, message.media.file_name) for message in files(boris)]
    assert names == [("photo", None), ("document", "table.csv"), ("photo", None), ("document", "all.json")]
    assert await colour(boris, files(boris)[2]) == "green"
    assert await boris.download(files(boris)[3]) == b"{}"
    await boris.press("Сменить", files(boris)[3])
    await boris.expect("Синий", kind="edit")
