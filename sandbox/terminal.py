"""A plain chat in the terminal, over the sandbox's HTTP face: `python run.py chat --as alice --lang ru`."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import mimetypes
import re
import shlex
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TextIO

from aiohttp import ClientConnectionError, ClientSession, ClientWebSocketResponse, FormData, WSMsgType

_HELP = """\
text               send it                    [2], /press 2    press button 2
/pay, /pay LINK    pay the last invoice       /file PATH TEXT  send a file with a caption
/stars N           buy N Stars                /commands        the bot's menu
/edit TEXT         change your last message   /delete          delete it
/save PATH         keep the last file that was shown
/block, /unblock   stop the bot, allow it     /?, /quit        this help, leave
Any other /command goes to the bot.
"""
_SHOWN_AT_FIRST = 10
_NUMBER = re.compile(r"\[(\d+)\]")
_ANSWERED = frozenset({"/start", "/file"})
"""Commands of this program to which a bot has something to say."""
_KINDS = {"image": "photo", "video": "video", "audio": "audio"}


class Lines(Protocol):
    """Where lines are typed: a text stream, or what reads like one."""

    def readline(self) -> str:
        """The next line with its end; empty at the end of the input."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How long input that is piped in waits for the bot, in seconds, after each of its lines."""

    patience: float = 10.0
    """For a first answer."""
    quiet: float = 1.0
    """Of silence, after which the bot is taken to have said everything."""


class _RefusedError(Exception):
    """The sandbox said no, in words."""


async def chat(
    base_url: str,
    name: str,
    language: str,
    stdin: Lines,
    stdout: TextIO,
    *,
    pace: Pace = Pace(),
) -> int:
    """Talk to the bot as `name` until `/quit` or the end of the input.

    `base_url` is the address of the HTTP face. Input that is no terminal is taken line by line, each after
    the bot's answer to the one before. Returns the exit code: 0, or 1 where there is no sandbox or no bot.
    """
    interactive = bool(getattr(stdin, "isatty", lambda: False)())
    try:
        async with ClientSession(base_url) as http:
            talk = await _Talk.begin(http, name, language, stdout, interactive=interactive)
            await talk.run(stdin, None if interactive else pace)
            return 0
    except (_RefusedError, ClientConnectionError) as error:
        stdout.write(f"! {error}\n")
        stdout.flush()
        return 1


@dataclass(slots=True)
class _Talk:
    """One chat of one person, and what is on the screen."""

    http: ClientSession
    person: str
    place: str
    chat_id: int
    screen: TextIO
    shows_own: bool
    buttons: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    """Message, row and column by the number on the screen."""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    last_own: int = 0
    last_invoice: int = 0
    last_file: str = ""
    """Where the file is that was shown last."""
    last_shown: int = 0
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def begin(
        cls, http: ClientSession, name: str, language: str, screen: TextIO, *, interactive: bool
    ) -> _Talk:
        """Register, or come back, and open the chat with the first bot."""
        person = await _call(http, "POST", "/api/people", {"name": name, "language": language})
        bots = (await _call(http, "GET", "/api/bots"))["bots"]
        if not bots:
            raise _RefusedError("there is no bot")
        bot, home = bots[0], f"/api/people/{person['id']}"
        self = cls(http, home, f"{home}/chats/{bot['id']}", bot["id"], screen, not interactive)
        self.say(f"-- {person['name']} ({person['language']}), {person['stars']} ⭐ -> @{bot['username']} --")
        return self

    async def run(self, stdin: Lines, pace: Pace | None) -> None:
        """Show what comes and send what is typed, until one of them ends."""
        async with self.http.ws_connect(f"{self.person}/events") as socket:
            for message in (await self.call("GET", f"messages?limit={_SHOWN_AT_FIRST}"))["messages"]:
                self.show(message, "new")
            showing = asyncio.create_task(self._show_all(socket))
            typing = asyncio.create_task(self._type_all(stdin, pace))
            try:
                await asyncio.wait({showing, typing}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (showing, typing):
                    task.cancel()
                ended = await asyncio.gather(showing, typing, return_exceptions=True)
        for outcome in ended:
            if isinstance(outcome, Exception):
                raise outcome
        if not typing.cancelled():
            return
        raise _RefusedError("the sandbox has gone")

    # What is typed

    async def _type_all(self, stdin: Lines, pace: Pace | None) -> None:
        while line := await _read_line(stdin):
            text = line.strip()
            if text == "/quit":
                return
            if text:
                self.heard.clear()
                try:
                    waits = await self.do(text)
                except _RefusedError as error:
                    self.say(f"! {error}")
                    continue
                if pace is not None:
                    await self._until_quiet(pace, first=pace.patience if waits else pace.quiet)

    async def do(self, text: str) -> bool:
        """Act on a line; whether the bot is expected to say something."""
        number = _NUMBER.fullmatch(text)
        word, _, rest = (f"/press {number[1]}" if number else text).partition(" ")
        action = self._actions.get(word)
        if action is None:
            await self.call("POST", "send", {"text": text})
            return True
        await action(rest.strip())
        return word in _ANSWERED

    @property
    def _actions(self) -> dict[str, Callable[[str], Awaitable[None]]]:
        return {
            "/?": self._help,
            "/start": self._start,
            "/press": self._press,
            "/pay": self._pay,
            "/file": self._send_file,
            "/save": self._save,
            "/stars": self._buy,
            "/commands": self._show_commands,
            "/edit": self._edit,
            "/delete": self._delete,
            "/block": lambda _: self.call("POST", "block"),
            "/unblock": lambda _: self.call("POST", "unblock"),
        }

    async def _help(self, _: str) -> None:
        self.say(_HELP.rstrip())

    async def _start(self, payload: str) -> None:
        await self.call("POST", "start", {"payload": payload})

    async def _show_commands(self, _: str) -> None:
        for menu in (await self.call("GET", "commands"))["commands"]:
            self.say(f"  /{menu['command']}  {menu['description']}")

    async def _edit(self, text: str) -> None:
        await self.call("POST", "edit", {"message": self.last_own, "text": text})

    async def _delete(self, _: str) -> None:
        await self.call("POST", "delete", {"messages": [self.last_own]})

    async def _press(self, number: str) -> None:
        place = self.buttons.get(int(number)) if number.isdecimal() else None
        if place is None:
            raise _RefusedError(f"there is no button {number}")
        message, row, column = place
        answer = await self.call("POST", "press", {"message": message, "row": row, "column": column})
        shown = " ".join(part for part in (answer["text"], answer["url"]) if part)
        if shown:
            self.say(f"{'!!' if answer['alert'] else '--'} {shown}")

    async def _pay(self, link: str) -> None:
        receipt = await self.call("POST", "pay", {"link": link} if link else {"message": self.last_invoice})
        self.say(f"-- {receipt['amount']} ⭐, {receipt['charge_id']}; {receipt['balance']} ⭐ --")

    async def _buy(self, amount: str) -> None:
        if not amount.isdecimal():
            raise _RefusedError("/stars N")
        person = await _call(self.http, "POST", f"{self.person}/stars", {"amount": int(amount)})
        self.say(f"-- {person['stars']} ⭐ --")

    async def _send_file(self, rest: str) -> None:
        try:
            name, *words = shlex.split(rest)
            file = await asyncio.to_thread(_open, name)
        except (ValueError, OSError) as error:
            raise _RefusedError(str(error)) from None
        mime = mimetypes.guess_type(name)[0] or "application/octet-stream"
        form = FormData(quote_fields=False)
        form.add_field("kind", "voice" if mime == "audio/ogg" else _KINDS.get(mime.split("/")[0], "document"))
        form.add_field("caption", " ".join(words))
        form.add_field("file", file, filename=Path(name).name, content_type=mime)
        await _call(self.http, "POST", f"{self.place}/files", form)

    async def _save(self, name: str) -> None:
        if not (name and self.last_file):
            raise _RefusedError("/save PATH" if self.last_file else "there is no file")
        async with self.http.get(self.last_file) as response:
            data = await response.read()
        try:
            await asyncio.to_thread(_write, name, data)
        except OSError as error:
            raise _RefusedError(str(error)) from None
        self.say(f"-- {name}: {len(data)} B --")

    async def _until_quiet(self, pace: Pace, *, first: float) -> None:
        """Wait for the bot's next word, then until it has said nothing for a while."""
        seconds = first
        with contextlib.suppress(TimeoutError):
            while True:
                async with asyncio.timeout(seconds):
                    await self.heard.wait()
                self.heard.clear()
                seconds = pace.quiet

    # What comes

    async def _show_all(self, socket: ClientWebSocketResponse) -> None:
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                return
            event = message.json()
            if event["type"] in ("new", "edited"):
                self.show(event["message"], event["type"])
            elif event["type"] == "deleted" and event["chat"] == self.chat_id:
                self.say(f"-- deleted: {len(event['ids'])} --")
                self.heard.set()

    def show(self, message: dict[str, Any], kind: str) -> None:
        """Put a message of this chat on the screen; one's own only where typing it did not."""
        if message["chat"] != self.chat_id or (kind == "new" and message["id"] <= self.last_shown):
            return
        self.last_shown = max(self.last_shown, message["id"])
        if message["invoice"] is not None:
            self.last_invoice = message["id"]
        if message["media"] is not None and message["media"]["url"]:
            self.last_file = message["media"]["url"]
        if message["out"] and message["service"] is None:
            self.last_own = message["id"]
            if not self.shows_own:
                return
        else:
            self.heard.set()
        for number in [number for number, place in self.buttons.items() if place[0] == message["id"]]:
            del self.buttons[number]
        self.say(_told(message, edited=kind == "edited"))
        for row, buttons in enumerate(message["buttons"]):
            self.say("    " + "  ".join(self._number(message, row, *item) for item in enumerate(buttons)))

    def _number(self, message: dict[str, Any], row: int, column: int, button: dict[str, Any]) -> str:
        if button["kind"] == "pay":
            return f"{button['label']} /pay"
        number = next(self.numbers)
        self.buttons[number] = (message["id"], row, column)
        return f"[{number}] {button['label']}" + (f" <{button['url']}>" if button["url"] else "")

    def say(self, text: str) -> None:
        """Write a line on the screen."""
        self.screen.write(f"{text}\n")
        self.screen.flush()

    async def call(self, verb: str, action: str, body: dict[str, Any] | None = None) -> Any:
        """Call a route of this chat."""
        return await _call(self.http, verb, f"{self.place}/{action}", body)


def _told(message: dict[str, Any], *, edited: bool) -> str:
    """A message in words: who, what hangs on it, the text."""
    if (service := message["service"]) is not None:
        amount = "" if service["amount"] is None else f" {service['amount']} {service['currency']}"
        return f"-- {service['kind']}{amount} --"
    parts = []
    if (media := message["media"]) is not None:
        size = f" {media['width']}x{media['height']}" if media["width"] else ""
        length = f" {media['duration']:g} s" if media["duration"] else ""
        name = f" {media['file_name']}" if media["file_name"] else ""
        parts.append(f"[{media['kind']}{name}{size}{length} {media['size']} B {media['url']}]")
    if (invoice := message["invoice"]) is not None:
        parts.append(f"[{invoice['title']}: {invoice['description']}, {invoice['amount']} ⭐]")
    if message["text"]:
        parts.append(message["text"].replace("\n", "\n    "))
    return f"{message['sender']['name']}{' *' if edited else ''}: {' '.join(parts)}"


async def _call(
    http: ClientSession, verb: str, path: str, body: dict[str, Any] | FormData | None = None
) -> Any:
    data = body if isinstance(body, FormData) else None
    json = body if isinstance(body, dict) else None
    async with http.request(verb, path, json=json, data=data) as response:
        if response.status == 204:
            return None
        answer = await response.json()
        if response.status >= 400:
            raise _RefusedError(answer["error"]["message"])
        return answer


def _open(name: str) -> BinaryIO:
    return Path(name).expanduser().open("rb")


def _write(name: str, data: bytes) -> None:
    Path(name).expanduser().write_bytes(data)


async def _read_line(stdin: Lines) -> str:
    """The next line, read in a thread that does not hold the process up if it never comes."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def deliver(text: str) -> None:
        if not line.done():
            line.set_result(text)

    def read() -> None:
        try:
            text = stdin.readline()
        except (OSError, ValueError):
            text = ""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(deliver, text)

    threading.Thread(target=read, name="terminal-input", daemon=True).start()
    return await line
