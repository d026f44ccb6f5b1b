"""The callback addresses of a whole bot: there where a provider calls back, and closed to everybody else."""

from __future__ import annotations

import aiohttp
from durability.processes import StartStudio

SETTINGS = {"WEBHOOK_URL": "https://studio.example", "KIE_STUB": "1"}


async def test_a_bot_hears_from_its_providers_at_signed_addresses_alone(start_studio: StartStudio) -> None:
    studio = await start_studio(settings=SETTINGS)
    shared = studio.running._shared
    assert shared is not None
    address = shared.addresses.address("kie", "nobodys")
    assert address is not None
    path = address.removeprefix("https://studio.example")
    assert path.startswith("/callbacks/kie?job=nobodys&sig=")
    local = f"http://127.0.0.1:{studio.running.port}"
    body = {"code": 200, "data": {"taskId": "a" * 32, "state": "success"}}
    async with aiohttp.ClientSession() as client:
        for sent, status in (
            (path, 200),
            (f"{path}x", 403),
            ("/callbacks/kie", 403),
            ("/callbacks/demo", 404),
        ):
            async with client.post(local + sent, json=body) as response:
                assert response.status == status, sent
        async with client.get(local + path) as response:
            assert response.status == 405
