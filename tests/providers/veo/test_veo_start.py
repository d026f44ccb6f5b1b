"""What is offered: what the operator has set, what Google still has, and what cannot be learned just now."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from support.google_server import OMNI, PROJECT, VEO, GoogleServer, google_error
from support.orders import task_for
from support.scripted_http import Scripted, held, lost, page

from providers.veo import Config, create
from providers.veo.provider import VeoProvider
from sandbox.clock import ManualClock
from starloom.api import FailureReason, ProviderError, SubmissionRefused
from starloom.testing import provider_context

NO_KEY_FILE = "GOOGLE_APPLICATION_CREDENTIALS is not set: give it the key file of a service account"


def _locked(provider: VeoProvider) -> dict[str, str]:
    return {each.id: each.reason for each in provider.models().locked}


def _offered(provider: VeoProvider) -> set[str]:
    return {model.id for model in provider.models().models}


async def test_with_everything_set_everything_is_offered(provider: VeoProvider, server: GoogleServer) -> None:
    assert _offered(provider) == {*VEO, *OMNI}
    assert _locked(provider) == {}
    # To find that out nothing was ordered.
    assert server.tasks == {}
    assert server.orders() == []


async def test_with_nothing_set_everything_is_locked_and_nothing_is_asked(
    start: Any, server: GoogleServer
) -> None:
    provider = await start({})
    assert _offered(provider) == set()
    assert _locked(provider) == {
        **dict.fromkeys(VEO, NO_KEY_FILE),
        **dict.fromkeys(OMNI, "GEMINI_API_KEY is not set"),
    }
    assert server.seen == []
    for model in (VEO[0], OMNI[0]):
        with pytest.raises(SubmissionRefused) as refused:
            await provider.submit(task_for(model))
        assert refused.value.reason is FailureReason.UNAVAILABLE
    for task_id in ("projects/p/operations/1", "interactions/1"):
        with pytest.raises(ProviderError):
            await provider.poll(task_id)


async def test_omni_needs_the_key_alone(start: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.genai", None)
    provider = await start({"GEMINI_API_KEY": "AIza-test"})
    assert _offered(provider) == set(OMNI)


async def test_without_the_library_veo_says_what_to_install(
    start: Any, secrets: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "google.genai", None)
    provider = await start(secrets)
    assert set(_locked(provider).values()) == {"google-genai is not installed: pip install 'starloom[veo]'"}
    assert set(_locked(provider)) == set(VEO)


_KEY: dict[str, Any] = {
    "type": "service_account",
    "client_email": "a@b",
    "private_key": "x",
    "token_uri": "http://x",
}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory"),
        ("{", "is no JSON"),
        ("[]", "is no key file of a service account"),
        (json.dumps({**_KEY, "type": "authorized_user"}), "is no key file of a service account"),
        (json.dumps({"type": "service_account", "client_email": "a@b"}), "lacks private_key, token_uri"),
        (json.dumps(_KEY), "holds no usable private key"),
    ],
)
async def test_a_key_file_that_is_none_is_said_in_words(
    start: Any, tmp_path: Path, content: str | None, reason: str
) -> None:
    path = tmp_path / "other.json"
    if content is not None:
        path.write_text(content)
    given = {"GOOGLE_APPLICATION_CREDENTIALS": str(path), "GOOGLE_CLOUD_PROJECT_ID": PROJECT}
    provider = await start(given)
    assert _locked(provider)[VEO[0]] == f"GOOGLE_APPLICATION_CREDENTIALS: the file {reason}"


async def test_the_project_stands_in_the_key_file_as_well(
    start: Any, server: GoogleServer, secrets: dict[str, str], tmp_path: Path
) -> None:
    del secrets["GOOGLE_CLOUD_PROJECT_ID"]
    assert _offered(await start(secrets)) == {*VEO, *OMNI}
    path = tmp_path / "bare.json"
    path.write_text(json.dumps({**server.key_file, "project_id": ""}))
    provider = await start({"GOOGLE_APPLICATION_CREDENTIALS": str(path)})
    assert _locked(provider)[VEO[0]] == "GOOGLE_CLOUD_PROJECT_ID is not set"


async def test_what_google_has_retired_is_locked(start: Any, server: GoogleServer) -> None:
    server.alive -= {VEO[0], OMNI[0]}
    provider = await start()
    assert _locked(provider) == {
        VEO[0]: "retired by Google, or not offered in us-central1",
        OMNI[0]: "retired by Google, or not offered for this API key",
    }
    assert _offered(provider) == {VEO[1], VEO[2], OMNI[1]}


async def test_a_role_or_a_key_that_is_missing_locks(
    start: Any, server: GoogleServer, secrets: dict[str, str]
) -> None:
    server.next("order", *[google_error(403, "PERMISSION_DENIED")] * 3)
    provider = await start({**secrets, "GEMINI_API_KEY": "AIza-other"})
    role = "the service account lacks the role roles/aiplatform.user, or the Vertex AI API is off"
    assert _locked(provider) == {
        **dict.fromkeys(VEO, role),
        **dict.fromkeys(OMNI, "GEMINI_API_KEY is not accepted by Google"),
    }


async def test_a_service_account_that_google_does_not_know_locks(
    start: Any, server: GoogleServer, secrets: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "foreign.json"
    path.write_text(json.dumps({**server.key_file, "client_email": "gone@studio-1"}))
    provider = await start({**secrets, "GOOGLE_APPLICATION_CREDENTIALS": str(path)})
    refused = "GOOGLE_APPLICATION_CREDENTIALS: no access token: invalid_grant"
    assert _locked(provider) == dict.fromkeys(VEO, refused)
    with pytest.raises(SubmissionRefused):
        await provider.submit(task_for(VEO[0]))


@pytest.mark.parametrize(
    "scripted", [google_error(503, "UNAVAILABLE"), google_error(429, "RESOURCE_EXHAUSTED"), page(502), lost()]
)
async def test_what_cannot_be_learned_is_offered_and_asked_for_again(
    start: Any, server: GoogleServer, clock: ManualClock, scripted: Scripted
) -> None:
    for route in ("order", "model"):
        server.next(route, *[scripted] * 9)
    server.alive -= {VEO[1], OMNI[1]}
    starting = asyncio.ensure_future(start(probe_again_minutes=5, probe_seconds=60))
    await clock.until_asleep(5)
    server.script.clear()
    # Nothing but a second look can bring the start to its end before its time.
    while not starting.done():
        await clock.advance(300)
        await asyncio.wait(
            {starting, asyncio.create_task(clock.until_asleep())}, return_when="FIRST_COMPLETED"
        )
    provider = await starting
    assert set(_locked(provider)) == {VEO[1], OMNI[1]}


async def test_the_start_waits_for_nobody(start: Any, server: GoogleServer) -> None:
    begun, go = asyncio.Event(), asyncio.Event()
    server.next("model", held(begun, go))
    server.alive.discard(OMNI[0])
    provider = await start(probe_seconds=0.01)
    assert OMNI[1] in _offered(provider)
    await provider.stop()
    go.set()


async def test_it_stops_while_it_still_asks(start: Any, server: GoogleServer, clock: ManualClock) -> None:
    server.next("model", *[page(502)] * 6)
    before = asyncio.all_tasks()
    provider = await start({"GEMINI_API_KEY": "AIza-test"}, probe_seconds=0.05)
    await provider.stop()
    assert not [task for task in asyncio.all_tasks() - before if task.get_name().startswith("veo-")]


async def test_names_of_old_models_are_known_with_what_took_their_place(provider: VeoProvider) -> None:
    offered = provider.models()
    instead = {each.id: each.instead for each in offered.retired}
    assert instead["veo-3.0-fast-generate-001"] == "veo-3.1-fast-generate-001"
    assert instead["veo-2.0-generate-001"] == "veo-3.1-lite-generate-001"
    assert instead["veo-3.1-generate-preview"] == "veo-3.1-generate-001"
    assert instead["gemini-omni-flash-preview"] == "gemini-omni-1.2-flash"
    assert set(instead.values()) <= {model.id for model in offered.models}


@pytest.mark.parametrize(
    "settings", [{"location": "../x"}, {"vertex_url": "ftp://x"}, {"gemini_url": "x"}, {"orders": 1}]
)
def test_wrong_settings_are_errors(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(settings))):
        Config(**settings)


async def test_it_keeps_to_googles_own_servers_unless_told_otherwise(
    clock: ManualClock, tmp_path: Path
) -> None:
    config = Config()
    assert config.gemini_url == "https://generativelanguage.googleapis.com"
    async with provider_context("veo", config, clock=clock, directory=tmp_path) as context:
        provider = create(context)
        api = provider.models().api
        assert api is not None
        by_id = {model.id: api.base_url_of(model) for model in provider._models.values()}
    assert by_id[VEO[0]] == "https://us-central1-aiplatform.googleapis.com"
    assert by_id[OMNI[0]] == config.gemini_url
