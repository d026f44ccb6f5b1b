"""Access tokens of the service account, and the tokens that prompts have."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from support.google_server import OMNI, PROJECT, TEXT, VEO, GoogleServer, google_error
from support.orders import task_for
from support.scripted_http import Scripted, answer, held, lost, page, truncated

from providers.veo.provider import VeoProvider
from sandbox.clock import ManualClock
from starloom.api import CountsTokens, FailureReason, SubmissionRefused, TokenCount

WORDS = "a red fox in the snow"


def _exchanges(server: GoogleServer) -> int:
    return len(server.requests("/token"))


async def test_a_token_serves_until_shortly_before_its_end(
    provider: VeoProvider, server: GoogleServer, clock: ManualClock
) -> None:
    for _ in range(3):
        await provider.submit(task_for(VEO[1]))
    assert _exchanges(server) == 1
    await clock.advance(3600 - 299)
    await asyncio.gather(*(provider.submit(task_for(VEO[1], f"job{number}")) for number in range(4)))
    assert _exchanges(server) == 2


async def test_a_token_that_is_not_accepted_any_more_is_replaced_and_nothing_is_ordered_twice(
    provider: VeoProvider, server: GoogleServer
) -> None:
    server.tokens.clear()
    task_id = await provider.submit(task_for(VEO[1]))
    assert _exchanges(server) == 2
    assert list(server.tasks) == [task_id]
    server.tokens.clear()
    await provider.poll(task_id)
    assert _exchanges(server) == 3


async def test_a_key_that_is_never_accepted_is_asked_for_twice_and_no_more(
    provider: VeoProvider, server: GoogleServer
) -> None:
    server.next("order", *[google_error(401, "UNAUTHENTICATED")] * 3)
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(VEO[1]))
    assert refused.value.reason is FailureReason.UNAUTHORIZED
    assert len(server.script["order"]) == 1


@pytest.mark.parametrize(
    ("scripted", "reason"),
    [
        (answer(400, {"error": "invalid_grant", "error_description": "x"}), FailureReason.UNAUTHORIZED),
        (answer(401, {"error": "unauthorized client!"}), FailureReason.UNAUTHORIZED),
        (answer(403, {}), FailureReason.UNAUTHORIZED),
        (answer(500, {}), FailureReason.UNAVAILABLE),
        (answer(200, {"access_token": 5}), FailureReason.UNAVAILABLE),
        (answer(200, []), FailureReason.UNAVAILABLE),
        (page(200), FailureReason.UNAVAILABLE),
        (truncated(), FailureReason.UNAVAILABLE),
        (lost(), FailureReason.UNAVAILABLE),
    ],
)
async def test_without_a_token_nothing_is_ordered_and_that_is_sure(
    provider: VeoProvider,
    server: GoogleServer,
    clock: ManualClock,
    scripted: Scripted,
    reason: FailureReason,
) -> None:
    await clock.advance(3600)
    server.next("token", scripted, scripted, scripted)
    with pytest.raises(SubmissionRefused) as refused:
        await provider.submit(task_for(VEO[1]))
    assert refused.value.reason is reason
    assert server.orders() == []


async def test_a_text_model_counts_for_veo_and_for_omni(provider: VeoProvider, server: GoogleServer) -> None:
    assert isinstance(provider, CountsTokens)
    for model in (VEO[0], OMNI[0]):
        assert await provider.count_tokens(task_for(model, prompt=WORDS)) == TokenCount(6)
    paths = [seen.path for seen in server.requests(":countTokens")]
    resource = f"/v1/projects/{PROJECT}/locations/us-central1/publishers/google/models/{TEXT[0]}:countTokens"
    assert paths == [resource, f"/v1beta/models/{TEXT[0]}:countTokens"]


async def test_the_next_text_model_is_asked_when_one_is_gone_and_first_from_then_on(
    start: Any, server: GoogleServer
) -> None:
    provider = await start(token_models=("gemini-gone", TEXT[0]))
    for _ in range(2):
        assert await provider.count_tokens(task_for(VEO[0], prompt=WORDS)) == TokenCount(6)
    assert ["gone" in seen.path for seen in server.requests(":countTokens")] == [True, False, False]


@pytest.mark.parametrize("model", [VEO[0], OMNI[0]])
@pytest.mark.parametrize(
    "scripted",
    [
        google_error(403, "PERMISSION_DENIED"),
        google_error(429, "RESOURCE_EXHAUSTED"),
        answer(200, {"totalTokens": "many"}),
        answer(200, {}),
        page(200),
        lost(),
    ],
)
async def test_what_cannot_be_counted_is_estimated_and_says_so(
    start: Any, server: GoogleServer, model: str, scripted: Scripted
) -> None:
    provider = await start(token_models=TEXT)
    server.next("count", scripted, scripted, scripted)
    assert await provider.count_tokens(task_for(model, prompt="x" * 9)) == TokenCount(3, estimated=True)


async def test_counting_takes_no_longer_than_it_may(start: Any, server: GoogleServer) -> None:
    provider = await start(token_seconds=0.05)
    begun, go = asyncio.Event(), asyncio.Event()
    server.next("count", held(begun, go))
    assert (await provider.count_tokens(task_for(OMNI[0], prompt=WORDS))).estimated
    assert begun.is_set()
    go.set()


async def test_without_a_key_tokens_are_estimated(start: Any) -> None:
    provider = await start({})
    for model in (VEO[0], "another"):
        assert await provider.count_tokens(task_for(model, prompt="xxxx")) == TokenCount(1, estimated=True)
    assert await provider.count_tokens(task_for(VEO[0], prompt="")) == TokenCount(0, estimated=True)
