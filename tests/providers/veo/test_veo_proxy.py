"""Google's own library goes by PROVIDER_PROXY, as everything else that is asked of providers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.google_server import OMNI, VEO, GoogleServer
from support.orders import task_for
from support.proxy_servers import HttpTunnels

from core.http.addresses import LOOPBACK_TOO
from core.http.provider_http import HttpLayer
from core.http.proxies import ProviderProxies, parsed
from providers.veo import Config
from providers.veo.provider import VeoProvider
from sandbox.clock import ManualClock
from starloom.testing import provider_context

NOWHERE = "http://google.example"


async def test_orders_and_tokens_go_through_the_proxy(
    server: GoogleServer,
    clock: ManualClock,
    tmp_path: Path,
    secrets: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Google is to be reached through the proxy alone, whatever the environment says."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    relay = HttpTunnels(password="word", target=("127.0.0.1", int(server.url.rpartition(":")[2])))
    await relay.start()
    proxies = ProviderProxies([parsed(relay.address)], clock)
    layer = HttpLayer(clock, policy=LOOPBACK_TOO, proxies=proxies, random=lambda: 0.0)
    config = Config(vertex_url=NOWHERE, gemini_url=NOWHERE, storage_url=NOWHERE)
    folder = tmp_path / "veo"
    async with provider_context("veo", config, clock=clock, directory=folder, secrets=secrets) as context:
        provider = VeoProvider(replace(context, http=layer.provider("veo")))
        await provider.start()
        carried = relay.carried
        for model_id in (VEO[0], OMNI[0]):
            assert await provider.submit(task_for(model_id))
        assert len(server.orders()) == 1
        assert relay.carried > carried
        await provider.stop()
    await layer.close()
    await relay.stop()
