"""Does everything right."""

import asyncio

from starloom.api import (
    Button,
    Plugin,
    PluginConfig,
    Refusal,
    callback,
    command,
    hookimpl,
    on_payment,
    on_pre_checkout,
    on_text,
    step,
)


class Settings(PluginConfig):
    greeting: str = "hello"


class Good(Plugin[Settings]):
    name = "good"
    version = "1.2"
    Config = Settings

    def __init__(self, context):
        super().__init__(context)
        self.seen = []
        self.ended = []
        self.door = asyncio.Event()
        self.inside = asyncio.Event()

    @command("hello", description="good-command")
    async def hello(self, event):
        self.seen.append(event.argument)

    @command("secret", description="good-command", admin=True)
    async def secret(self, event):
        """Shown to admins only."""

    @command("slow")
    async def slow(self, event):
        self.inside.set()
        await self.door.wait()
        self.seen.append("slow")

    @callback("press")
    async def press(self, event):
        self.seen.append("press")

    @step("name")
    async def take_name(self, event):
        self.seen.append("name")

    @on_text
    async def take_text(self, event):
        self.seen.append("text")

    @on_pre_checkout("good:")
    async def check_out(self, event):
        await event.approve()

    @on_payment("good:")
    @on_payment("good:special:")
    async def take_payment(self, event):
        self.seen.append("payment")

    @hookimpl
    async def person_arrived(self, user):
        self.seen.append(user.first_name)

    @hookimpl
    async def may_generate(self, prompt):
        return Refusal("good-refusal", {"prompt": prompt}) if prompt == "evil" else None

    @hookimpl
    async def result_keyboard(self, job):
        return ((Button("Again", "again"), Button("Elsewhere", url="https://example.org/")),)

    async def start(self):
        self.context.spawn(self.wait())

    async def wait(self):
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.append("task")

    async def stop(self):
        self.ended.append("stop")
