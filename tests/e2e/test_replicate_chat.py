"""A picture of Replicate's from chat to chat; what is refused costs nothing, and callbacks are checked."""

from __future__ import annotations

import copy
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession
from durability.processes import StartStudio
from PIL import Image
from support.replicate_server import KEY, Prediction, ReplicateServer
from support.schema_check import problems_of, schemas_of
from support.scripted_http import answer, lost
from support.studio_talk import arrive, ask, delivered, pressed

from core.generation.job import JobState
from core.storage.generations import JobStore
from sandbox.people.person import Person
from sandbox.studio import Studio

FLUX = "black-forest-labs/flux-1.1-pro"

PUBLIC = "https://bot.example"


def picture() -> bytes:
    content = io.BytesIO()
    Image.linear_gradient("L").resize((320, 240)).convert("RGB").save(content, "PNG")
    return content.getvalue()


@pytest.fixture
async def replicate() -> AsyncIterator[ReplicateServer]:
    schemas = schemas_of("replicate")
    server = ReplicateServer(
        lambda: datetime.now(UTC), problems=lambda model, given: problems_of(schemas[model], given)
    )
    server.content, server.extension = picture(), "png"
    async with server.running():
        yield server


@pytest.fixture
async def studio(replicate: ReplicateServer, start_studio: StartStudio, plugins: dict[str, Any]) -> Studio:
    """A bot whose operator has an account at Replicate, and which the internet can reach."""
    plugins = copy.deepcopy(plugins)
    plugins["providers"]["replicate"] |= {"base_url": replicate.base, "settle_seconds": 0}
    del plugins["providers"]["demo"]
    plugins["billing"] = {"free_per_day": 0}
    settings = {"REPLICATE_API_TOKEN": KEY, "WEBHOOK_URL": PUBLIC}
    return await start_studio(plugins=plugins, settings=settings, admins=2)


async def order(studio: Studio) -> tuple[Person, int]:
    """Order a picture with the model's own defaults; who ordered it, and for how many Stars."""
    person = await arrive(studio)
    await ask(person, "/generate")
    await person.press("FLUX 1.1 Pro")
    await person.expect(kind="edit")
    question = await ask(person, "a red fox in the snow")
    price = studio.service.studio.generations.quote("flux-1.1-pro").stars
    assert f"{price} Stars" in question.text
    await person.press("✨")
    return person, price


async def taken(studio: Studio, replicate: ReplicateServer) -> Prediction:
    async def ordered() -> bool:
        return bool(replicate.predictions)

    await studio.until(ordered)
    (prediction,) = replicate.predictions.values()
    return prediction


async def test_a_picture_comes_to_the_chat(studio: Studio, replicate: ReplicateServer) -> None:
    person, price = await order(studio)
    message = await person.expect(lambda each: each.media is not None, within=40)
    assert message.media is not None
    assert message.media.kind == "photo"
    await studio.settled(person)
    balance = await studio.running.ledger.balance(person.id)
    assert (balance.available, balance.held) == (192 - price, 0)
    prediction = await taken(studio, replicate)
    assert prediction.model == FLUX
    assert prediction.input["prompt"] == "a red fox in the snow"
    assert (prediction.input["safety_tolerance"], prediction.input["prompt_upsampling"]) == (2, True)
    (settled,) = [
        each for each in await studio.running.ledger.statement(person.id, 50) if each.credit == "revenue"
    ]
    job = await JobStore(studio.running.database, studio.clock).get(settled.reference)
    assert job is not None
    assert (job.state, job.results[0]["mime_type"]) == (JobState.DELIVERED, "image/png")


async def test_how_words_and_safety_are_dealt_with_is_chosen_by_buttons(
    studio: Studio, replicate: ReplicateServer
) -> None:
    labels = {
        "en": ("Extend the prompt: yes", "Tolerance of the safety filter: 2"),
        "ru": ("Дополнить описание: да", "Терпимость фильтра: 2"),
    }
    for language, (upsampling, tolerance) in labels.items():
        person = await arrive(studio, language=language)
        await ask(person, "/setmodel flux-1.1-pro")
        # A picture to begin with may be given, and is left out.
        confirmation = await pressed(person, "⏭", await ask(person, "a red fox"))
        options = await pressed(person, "⚙️", confirmation)
        options = await pressed(person, upsampling, options)
        while not any(tolerance in label for label in options.labels):
            options = await pressed(person, next(label for label in options.labels if "›" in label), options)
        await pressed(person, "5", await pressed(person, tolerance, options))
        await person.press("✅")
        await person.expect("a red fox", kind="edit")
        await person.press("✨")
        await delivered(person)
    chosen = [each.input for each in replicate.predictions.values()]
    assert [(each["prompt_upsampling"], each["safety_tolerance"]) for each in chosen] == [(False, 5)] * 2


async def test_what_is_refused_for_safety_is_told_and_costs_nothing(
    studio: Studio, replicate: ReplicateServer
) -> None:
    error = "The input or output was flagged as sensitive. Please try again with different inputs. (E005)"
    replicate.plan({"status": "processing"}, {"status": "failed", "error": error})
    person, price = await order(studio)
    notice = await person.expect("safety", kind="new", within=40)
    assert str(price) in notice.text
    await studio.settled(person)
    balance = await studio.running.ledger.balance(person.id)
    assert (balance.available, balance.held) == (192, 0)
    report = await studio.running.ledger.check()
    assert (report.total, report.problems) == (0, ())


async def test_an_account_without_credit_is_told_to_be_out_of_service(
    studio: Studio, replicate: ReplicateServer
) -> None:
    problem = {"title": "Insufficient credit", "detail": "You have insufficient credit.", "status": 402}
    replicate.next("create", answer(402, problem))
    person, price = await order(studio)
    notice = await person.expect("out of service", kind="new", within=40)
    assert str(price) in notice.text
    await studio.settled(person)
    balance = await studio.running.ledger.balance(person.id)
    assert (balance.available, balance.held, replicate.predictions) == (192, 0, {})


async def test_a_model_that_is_gone_is_offered_no_more_and_operators_are_told(
    studio: Studio, replicate: ReplicateServer
) -> None:
    told = {"en": "does not have the model", "ru": "больше нет модели"}
    admins = [studio.sandbox.person(f"Admin {number}") for number in (1, 2)]
    for admin, language in zip(admins, told, strict=True):
        admin.account.language = language
        await admin.start()
        await admin.expect(kind="new")
    replicate.next("create", answer(404, {"title": "Not found", "detail": "", "status": 404}))
    person, _ = await order(studio)
    await person.expect("maintenance", kind="new", within=40)
    for admin, language in zip(admins, told, strict=True):
        message = await admin.expect(told[language], kind="new")
        assert "flux-1.1-pro" in message.text
        assert "/models" in message.text
    await studio.settled(person)
    balance = await studio.running.ledger.balance(person.id)
    assert (balance.available, balance.held) == (192, 0)
    assert "flux-1.1-pro" not in [each.id for each in studio.service.studio.generations.models()]


async def test_a_lost_reply_makes_no_second_picture(studio: Studio, replicate: ReplicateServer) -> None:
    replicate.next("create", lost())
    person, price = await order(studio)
    await person.expect(lambda each: each.media is not None, within=40)
    await studio.settled(person)
    balance = await studio.running.ledger.balance(person.id)
    assert (balance.available, balance.held) == (192 - price, 0)
    assert (len(replicate.predictions), len(replicate.requests("/predictions", "POST"))) == (1, 1)


async def test_genuine_callbacks_are_taken_and_others_change_nothing(
    studio: Studio, replicate: ReplicateServer
) -> None:
    replicate.plan({"status": "processing"})
    person, _ = await order(studio)
    prediction = await taken(studio, replicate)
    address = urlsplit(prediction.body["webhook"])
    assert f"{address.scheme}://{address.netloc}" == PUBLIC
    local = f"http://127.0.0.1:{studio.running.port}{address.path}"
    now = int(datetime.now(UTC).timestamp())
    prediction.steps[0] = {"status": "succeeded", "output": replicate.output(prediction.id)}
    body, headers = replicate.webhook(prediction.id, at=now)
    async with ClientSession() as session:

        async def post(body: bytes, headers: dict[str, str]) -> int:
            async with session.post(f"{local}?{address.query}", data=body, headers=headers) as reply:
                return reply.status

        assert await post(body + b" ", headers) in (400, 401, 403)
        _, stale = replicate.webhook(prediction.id, at=now - 400)
        assert await post(body, stale) in (400, 401, 403)
        assert [await post(body, headers) for _ in range(2)] == [200, 200]
    await person.expect(lambda each: each.media is not None, within=40)
    await studio.settled(person)
    assert len(replicate.requests("/secret")) == 1
