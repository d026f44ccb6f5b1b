"""The hands of people over HTTP: the same as in tests, in JSON, and for this machine only."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, FormData, WSServerHandshakeError
from PIL import Image
from pyrogram import Client, filters, types
from pyrogram.enums import ChatAction
from pyrogram.handlers import (
    CallbackQueryHandler,
    InlineQueryHandler,
    MessageHandler,
    PreCheckoutQueryHandler,
)

from sandbox.faults import FaultKind
from sandbox.http import HttpFace
from sandbox.people.handles import Bot
from sandbox.people.person import Person
from sandbox.server import Sandbox


async def call(http: ClientSession, verb: str, path: str, body: Any = None, expect: int = 200) -> Any:
    data = body if isinstance(body, FormData) else None
    async with http.request(verb, path, json=None if data else body, data=data) as response:
        answer = None if response.status == 204 else await response.json()
        assert response.status == expect, answer
        return answer


async def refused(http: ClientSession, verb: str, path: str, body: Any = None) -> tuple[int, str, str]:
    async with http.request(verb, path, json=body) as response:
        assert response.status >= 400
        error = (await response.json())["error"]
        assert set(error) == {"code", "message"}
        return response.status, error["code"], error["message"]


def chat_path(person: Person, bot: Bot) -> str:
    return f"/api/people/{person.id}/chats/{bot.id}"


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((640, 400)).save(buffer, "PNG")
    return buffer.getvalue()


async def next_event(socket: ClientWebSocketResponse, kind: str) -> Any:
    while True:
        event = await socket.receive_json()
        if event["type"] == kind:
            return event


async def test_people_register_and_come_back(sandbox: Sandbox, bot: Bot, http: ClientSession) -> None:
    made = await call(http, "POST", "/api/people", {"name": "Zoe", "language": "ru", "stars": 5}, 201)
    assert (made["name"], made["language"], made["stars"]) == ("Zoe", "ru", 5)
    again = await call(http, "POST", "/api/people", {"name": "Zoe", "language": "en"})
    assert (again["id"], again["language"]) == (made["id"], "en")
    named = await call(http, "POST", "/api/people", {"name": "Yan", "username": "yan_y"}, 201)
    assert await call(http, "GET", "/api/people/yan_y") == named
    assert (await call(http, "POST", "/api/people", {"name": "yan_y"}))["id"] == named["id"]
    status, code, _ = await refused(http, "POST", "/api/people", {"name": "Xi", "username": "yan_y"})
    assert (status, code) == (409, "not_possible")
    people = (await call(http, "GET", "/api/people"))["people"]
    assert [person["name"] for person in people] == ["Zoe", "Yan"]
    richer = await call(http, "POST", f"/api/people/{made['id']}/stars", {"amount": 95})
    assert richer["stars"] == 100 == sandbox.person("Zoe").stars


async def test_a_conversation(bot: Bot, client: Client, alice: Person, http: ClientSession) -> None:
    async def echo(_client: Client, message: types.Message) -> None:
        button = types.InlineKeyboardButton("Again", callback_data="again")
        link = types.InlineKeyboardButton("Site", url="https://example.com")
        markup = types.InlineKeyboardMarkup([[button, link]])
        await message.reply(f"You said {message.text}", reply_markup=markup)

    async def again(_client: Client, query: types.CallbackQuery) -> None:
        await query.message.edit_text("Once more")
        await query.answer("Done", show_alert=True)

    client.add_handler(MessageHandler(echo, filters.regex("^hi")))
    client.add_handler(CallbackQueryHandler(again))
    path = chat_path(alice, bot)
    async with http.ws_connect(f"/api/people/{alice.id}/events") as socket:
        sent = await call(http, "POST", f"{path}/send", {"text": "hi /help"}, 201)
        assert (sent["out"], sent["text"], sent["sender"]["name"]) == (True, "hi /help", "Alice")
        assert {"kind": "bot_command", "offset": 3, "length": 5, "url": None} in sent["entities"]
        assert (await next_event(socket, "new"))["message"] == sent
        told = (await next_event(socket, "new"))["message"]
        assert (told["text"], told["chat"], told["out"]) == ("You said hi /help", bot.id, False)
        assert told["buttons"] == [
            [
                {"label": "Again", "kind": "callback", "url": None},
                {"label": "Site", "kind": "url", "url": "https://example.com"},
            ]
        ]
        pressed = {"message": told["id"], "row": 0, "column": 0}
        answer = await call(http, "POST", f"{path}/press", pressed)
        assert answer == {"text": "Done", "alert": True, "url": None}
        assert (await next_event(socket, "edited"))["message"]["text"] == "Once more"
        heard = await next_event(socket, "answer")
        assert heard == {"type": "answer", "chat": bot.id, "message": told["id"], **answer}
        await client.send_chat_action(alice.id, ChatAction.UPLOAD_VIDEO)
        action = await next_event(socket, "action")
        assert (action["chat"], action["sender"]["id"]) == (bot.id, bot.id)
        await client.delete_messages(alice.id, [told["id"]])
        assert (await next_event(socket, "deleted")) == {
            "type": "deleted",
            "chat": bot.id,
            "ids": [told["id"]],
        }
    messages = (await call(http, "GET", f"{path}/messages"))["messages"]
    assert [message["text"] for message in messages] == ["/start", "hi /help"]
    later = await call(http, "GET", f"{path}/messages?after={messages[0]['id']}&limit=1")
    assert later["messages"] == messages[1:]
    assert (await call(http, "GET", f"{path}/messages?limit=1"))["messages"] == messages[1:]
    chats = (await call(http, "GET", f"/api/people/{alice.id}/chats"))["chats"]
    assert [(chat["id"], chat["kind"], chat["last"]["text"]) for chat in chats] == [
        (bot.id, "bot", "hi /help")
    ]


async def test_own_messages_are_edited_and_deleted(bot: Bot, alice: Person, http: ClientSession) -> None:
    path = chat_path(alice, bot)
    sent = await call(http, "POST", f"{path}/send", {"text": "tpyo"}, 201)
    edited = await call(http, "POST", f"{path}/edit", {"message": sent["id"], "text": "typo"}, 201)
    assert (edited["text"], edited["edited"]) == ("typo", True)
    await call(http, "POST", f"{path}/delete", {"messages": [sent["id"]]}, 204)
    status, code, _ = await refused(http, "POST", f"{path}/edit", {"message": sent["id"], "text": "x"})
    assert (status, code) == (409, "not_possible")


async def test_a_person_blocks_and_comes_back(
    sandbox: Sandbox, bot: Bot, alice: Person, http: ClientSession
) -> None:
    path = f"/api/people/Alice/chats/{bot.username}"
    await call(http, "POST", f"{path}/block", None, 204)
    assert bot.id in alice.account.blocked
    status, code, _ = await refused(http, "POST", f"{path}/send", {"text": "hi"})
    assert (status, code) == (409, "not_possible")
    started = await call(http, "POST", f"{path}/start", {"payload": "ref_1"}, 201)
    assert started["text"] == "/start ref_1"
    assert bot.id not in alice.account.blocked
    await call(http, "POST", f"{path}/block", None, 204)
    await call(http, "POST", f"{path}/unblock", None, 204)
    assert bot.id not in alice.account.blocked


async def test_payments(
    sandbox: Sandbox, bot: Bot, client: Client, alice: Person, http: ClientSession
) -> None:
    words: list[str] = []

    async def agree(_client: Client, query: types.PreCheckoutQuery) -> None:
        await query.answer(ok=not words, error_message=words.pop() if words else None)

    client.add_handler(PreCheckoutQueryHandler(agree))
    price = [types.LabeledPrice(label="x", amount=30)]
    invoice = await client.send_invoice(alice.id, "Pack", "Thirty", "p", "XTR", price)
    assert invoice is not None
    link = await client.create_invoice_link("Pack", "Thirty", "p", "XTR", price)
    path = chat_path(alice, bot)
    status, code, _ = await refused(http, "POST", f"{path}/pay", {"link": link})
    assert (status, code) == (402, "not_enough_stars")
    sandbox.world.stars.grant(alice, 100)
    receipt = await call(http, "POST", f"{path}/pay", {"message": invoice.id})
    assert (receipt["amount"], receipt["balance"]) == (30, 70)
    assert receipt["charge_id"] in sandbox.world.stars.charges
    words.append("Sold out")
    assert await refused(http, "POST", f"{path}/pay", {"link": link}) == (402, "payment_refused", "Sold out")
    sandbox.world.rules.precheckout_seconds = 0.05
    await client.stop()
    status, code, _ = await refused(http, "POST", f"{path}/pay", {"link": link})
    assert (status, code) == (504, "payment_timed_out")
    shown = (await call(http, "GET", f"{path}/messages"))["messages"]
    assert [message["kind"] for message in shown] == ["text", "invoice", "service"]
    assert shown[1]["invoice"] == {
        "title": "Pack",
        "description": "Thirty",
        "currency": "XTR",
        "amount": 30,
        "paid": True,
    }
    assert shown[2]["service"] == {"kind": "payment_sent", "currency": "XTR", "amount": 30}


@pytest.mark.parametrize(
    ("kind", "mime", "shown"),
    [
        ("photo", "image/png", "photo"),
        ("document", "image/png", "document"),
        ("video", "video/mp4", "video"),
        ("voice", "audio/ogg", "voice"),
        ("audio", "audio/mpeg", "audio"),
        ("sticker", "image/webp", "sticker"),
    ],
)
async def test_files_go_up_and_down(
    bot: Bot, alice: Person, http: ClientSession, *, kind: str, mime: str, shown: str
) -> None:
    data, path = picture(), chat_path(alice, bot)
    form = FormData()
    form.add_field("kind", kind)
    form.add_field("caption", "Look")
    form.add_field("file", data, filename="a.bin", content_type=mime)
    message = await call(http, "POST", f"{path}/files", form, 201)
    assert message["kind"] == message["media"]["kind"] == shown
    async with http.get(message["media"]["url"]) as response:
        assert response.status == 200
        got = await response.read()
    assert got == await alice.download(message["id"])
    assert (got == data) is (kind != "photo")
    async with http.get(message["media"]["url"], headers={"Range": "bytes=2-5"}) as response:
        assert (response.status, await response.read()) == (206, got[2:6])
    if message["media"]["thumbnail"]:
        async with http.get(message["media"]["thumbnail"]) as response:
            with Image.open(io.BytesIO(await response.read())) as small:
                assert small.size == (320, 200)


async def test_files_that_cannot_be(bot: Bot, alice: Person, http: ClientSession) -> None:
    path = chat_path(alice, bot)

    async def post(**fields: str) -> tuple[int, str]:
        form = FormData({name: value for name, value in fields.items() if name != "file"})
        if "file" in fields:
            form.add_field("file", fields["file"].encode(), filename="a.bin")
        else:
            form.add_field("caption", b"x", filename="forced-multipart")
        async with http.post(f"{path}/files", data=form) as response:
            return response.status, (await response.json())["error"]["code"]

    assert await post(kind="photo", file="no picture") == (400, "image_process_failed")
    assert await post(kind="song", file="x") == (400, "invalid_request")
    assert await post(file="") == (400, "invalid_request")
    assert await post(kind="photo") == (400, "invalid_request")
    assert await post(colour="red", file="x") == (400, "invalid_request")
    assert (await refused(http, "POST", f"{path}/files", {}))[:2] == (400, "invalid_request")
    assert alice.messages()[-1].kind == "text"
    assert (await refused(http, "GET", f"{path}/messages/{alice.last.id}/file"))[:2] == (404, "not_found")


async def test_menus_bots_and_transcripts(
    bot: Bot, client: Client, alice: Person, http: ClientSession
) -> None:
    await client.set_bot_commands([types.BotCommand("go", "Start it")])
    path = chat_path(alice, bot)
    menu = await call(http, "GET", f"{path}/commands")
    assert menu == {"commands": [{"command": "go", "description": "Start it"}]}
    (shown,) = (await call(http, "GET", "/api/bots"))["bots"]
    assert (shown["id"], shown["username"], shown["stars"]) == (bot.id, bot.username, 0)
    async with http.get(f"{path}/transcript") as response:
        assert await response.text() == alice.transcript()


async def test_inline_results_are_offered_and_sent(
    sandbox: Sandbox, bot: Bot, client: Client, alice: Person, http: ClientSession
) -> None:
    async def answer(_client: Client, query: types.InlineQuery) -> None:
        article = types.InlineQueryResultArticle(
            "Fox", types.InputTextMessageContent(f"a fox, {query.query}"), id="fox", description="red"
        )
        await query.answer([article], next_offset="1", switch_pm_text="More", switch_pm_parameter="more")

    path = f"/api/people/{alice.id}/inline?bot={bot.username}&query=in+snow"
    assert (await refused(http, "GET", path))[:2] == (409, "not_possible")
    bot.allow_inline("what you have made")
    client.add_handler(InlineQueryHandler(answer))
    (shown,) = (await call(http, "GET", "/api/bots"))["bots"]
    assert shown["inline"] == "what you have made"
    told = await call(http, "GET", path)
    fox = {"id": "fox", "kind": "article", "title": "Fox", "description": "red", "thumbnail": None}
    assert told == {"results": [fox], "button": "More", "start": "more", "next_offset": "1"}
    chat = chat_path(alice, bot)
    sent = await call(http, "POST", f"{chat}/choose", {"result": "fox"}, 201)
    assert (sent["text"], sent["via"], sent["out"]) == ("a fox, in snow", bot.username, True)
    assert (await refused(http, "POST", f"{chat}/choose", {"result": "hen"}))[:2] == (404, "not_found")
    bob = sandbox.add_person("Bob")
    assert (await refused(http, "POST", f"{chat_path(bob, bot)}/choose", {"result": "fox"}))[0] == 404
    nobody = f"/api/people/{alice.id}/inline?bot=nobody_bot"
    assert (await refused(http, "GET", nobody))[:2] == (404, "not_found")


async def test_groups_are_chats_too(sandbox: Sandbox, bot: Bot, alice: Person, http: ClientSession) -> None:
    group = sandbox.add_group("Friends", [alice, bot])
    channel = sandbox.add_channel("News", [alice])
    stranger = sandbox.add_person("Bob")
    for place in (group, channel):
        path = f"/api/people/{alice.id}/chats/{place.chat_id}"
        sent = await call(http, "POST", f"{path}/send", {"text": "hello"}, 201)
        assert sent["chat"] == place.chat_id
        assert (await call(http, "GET", f"{path}/messages"))["messages"][-1] == sent
        other = f"/api/people/{stranger.id}/chats/{place.chat_id}/messages"
        assert (await refused(http, "GET", other))[:2] == (404, "not_found")
    chats = (await call(http, "GET", f"/api/people/{alice.id}/chats"))["chats"]
    assert {chat["id"]: (chat["kind"], chat["members"]) for chat in chats} == {
        group.chat_id: ("group", 2),
        channel.chat_id: ("channel", 1),
        bot.id: ("bot", None),
    }


async def test_faults_are_put_in_force_and_ended(sandbox: Sandbox, http: ClientSession) -> None:
    wanted = {
        "kind": "error",
        "method": "messages.SendMessage",
        "code": 500,
        "message": "INTERNAL",
        "times": 1,
    }
    made = await call(http, "POST", "/api/faults", wanted, 201)
    handle = sandbox.faults.get(made["id"])
    assert handle is not None
    assert (handle.fault.kind, handle.fault.times) == (FaultKind.ERROR, 1)
    assert (await call(http, "GET", "/api/faults"))["faults"] == [made]
    await call(http, "DELETE", f"/api/faults/{made['id']}", None, 204)
    assert (await refused(http, "DELETE", f"/api/faults/{made['id']}"))[:2] == (404, "not_found")
    await call(http, "POST", "/api/faults", wanted, 201)
    await call(http, "DELETE", "/api/faults", None, 204)
    assert list(sandbox.faults) == []
    for wrong in (
        {"kind": "nonsense"},
        {"kind": "latency", "seconds": -1},
        {"kind": "error", "x": 1},
        [],
        "x",
    ):
        assert (await refused(http, "POST", "/api/faults", wrong))[:2] == (400, "invalid_request")


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("send", {"text": ""}, "text"),
        ("send", {"text": "x", "colour": 1}, "colour"),
        ("send", {}, "text"),
        ("press", {"message": 1}, "row and column"),
        ("press", {"message": 1, "row": 0}, "row and column"),
        ("press", {"message": 1, "row": 0, "column": 0, "label": "x"}, "row and column"),
        ("pay", {}, "message or link"),
        ("delete", {"messages": []}, "messages"),
        ("start", {"payload": "no spaces"}, "payload"),
    ],
)
async def test_wrong_requests_are_told_what_is_wrong(
    bot: Bot, alice: Person, http: ClientSession, *, path: str, body: Any, named: str
) -> None:
    status, code, message = await refused(http, "POST", f"{chat_path(alice, bot)}/{path}", body)
    assert (status, code) == (400, "invalid_request")
    assert named in message


async def test_what_is_not_there(bot: Bot, alice: Person, http: ClientSession) -> None:
    home = f"/api/people/{alice.id}"
    for path in ("/api/nothing", "/api/people/99", f"{home}/chats/1/messages", f"{home}/chats/x/messages"):
        assert (await refused(http, "GET", path))[:2] == (404, "not_found")
    assert (await refused(http, "PUT", home))[:2] == (405, "method_not_allowed")
    path = chat_path(alice, bot)
    for wrong in (
        {"message": 999, "label": "x"},
        {"message": 1, "label": "x"},
        {"message": 1, "row": 0, "column": 0},
    ):
        assert (await refused(http, "POST", f"{path}/press", wrong))[:2] == (409, "not_possible")
    async with http.post(
        f"{path}/send", data='{"text": "x"}', headers={"Content-Type": "text/plain"}
    ) as answer:
        assert answer.status == 400
    assert alice.last.text == "/start"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
    ],
)
async def test_pages_from_elsewhere_get_nothing(
    alice: Person, http: ClientSession, headers: dict[str, str]
) -> None:
    async with http.get("/api/people", headers=headers) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (403, "forbidden")
    with pytest.raises(WSServerHandshakeError) as error:
        await http.ws_connect(f"/api/people/{alice.id}/events", headers=headers)
    assert error.value.status == 403


async def test_own_pages_may_ask(face: HttpFace, http: ClientSession) -> None:
    for name in ("127.0.0.1", "localhost"):
        origin = f"http://{name}:{face.port}"
        async with http.get("/api/people", headers={"Origin": origin, "Host": origin[7:]}) as response:
            assert response.status == 200


async def test_listeners_are_sent_away_at_the_end(face: HttpFace, alice: Person, http: ClientSession) -> None:
    async with http.ws_connect(f"/api/people/{alice.id}/events") as socket:
        stopping = asyncio.create_task(face.stop())
        async for _ in socket:
            continue
        await stopping
        assert socket.closed
