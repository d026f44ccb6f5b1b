"""A provider without its key offers nothing, unless another one takes its jobs."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from core.observability.metrics import Metrics
from sandbox.clock import ManualClock
from starloom.api import ModelList
from starloom.testing import provider_context

PROVIDERS = ("kie", "replicate", "a2e", "veo")


async def offered(name: str, directory: Path, *, stood_in: bool) -> ModelList:
    package = importlib.import_module(f"providers.{name}")
    async with provider_context(
        name, package.Config(), clock=ManualClock(), directory=directory, stood_in=stood_in
    ) as context:
        provider = package.create(context)
        await provider.start()
        try:
            models: ModelList = provider.models()
            return models
        finally:
            await provider.stop()


@pytest.mark.parametrize("name", PROVIDERS)
async def test_without_a_key_everything_is_locked_with_the_reason(name: str, tmp_path: Path) -> None:
    models = await offered(name, tmp_path, stood_in=False)
    assert models.models == ()
    assert models.locked
    assert all("is not set" in locked.reason for locked in models.locked)


@pytest.mark.parametrize("name", PROVIDERS)
async def test_everything_is_offered_where_another_takes_the_jobs(name: str, tmp_path: Path) -> None:
    models = await offered(name, tmp_path, stood_in=True)
    assert models.models
    assert models.locked == ()


@pytest.mark.parametrize("name", PROVIDERS)
async def test_nobody_asks_for_an_account_that_is_not_there(name: str, tmp_path: Path) -> None:
    package = importlib.import_module(f"providers.{name}")
    metrics = Metrics()
    async with provider_context(
        name, package.Config(), clock=ManualClock(), directory=tmp_path, metrics=metrics
    ) as context:
        assert await package.create(context).account() is None
    assert b"starloom_http_requests_total{" not in metrics.exposition()
