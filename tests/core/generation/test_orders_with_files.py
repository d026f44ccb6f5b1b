"""An order may take as long as its files need, and no longer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from support.generation_world import ScriptedProvider, a_job
from support.loop_time import LoopTime

from core.billing.pricing import Pricing
from core.generation.callback_addresses import CallbackAddresses
from core.generation.calls import ProviderCalls
from core.generation.model import Category
from core.generation.ordering import bringing_inputs
from core.generation.ports import NoInputs
from core.generation.provider import (
    FailureReason,
    InputFile,
    ProviderTask,
    SubmissionRefused,
    SubmissionUnknown,
)
from core.generation.registry import Registry
from core.generation.settings import Patience

MIB = 1024 * 1024


def file_of(size: int) -> InputFile:
    async def read() -> AsyncIterator[bytes]:
        yield bytes(size)

    return InputFile("film.mp4", "video/mp4", size, read)


def _registry() -> Registry:
    return Registry(Pricing(markup=Decimal(2), star_usd=Decimal("0.013")))


class Kept(NoInputs):
    """A person's files, as large as they say."""

    def open(self, kept: Mapping[str, Any]) -> InputFile:
        return file_of(kept["size"])


@pytest.mark.parametrize(("sizes", "longest"), [((), 120), ((1,), 120), ((60 * MIB, 40 * MIB), 520)])
async def test_an_order_is_waited_for_by_the_size_of_its_files(sizes: tuple[int, ...], longest: int) -> None:
    time, provider, registry = LoopTime(), ScriptedProvider(), _registry()
    registry.add(provider)
    calls = ProviderCalls(
        registry,
        seconds=Patience().provider_reply,
        addresses=CallbackAddresses("", (b"secret",)),
        inputs=Kept(),
    )
    job = a_job(category="video", inputs=tuple({"field": "films", "size": size} for size in sizes))

    provider.during_submit = lambda: time.jump(longest - 1)
    assert (await calls.submit(job)).task_id
    provider.during_submit = lambda: time.jump(longest + 1)
    with pytest.raises(SubmissionUnknown):
        await calls.submit(job)


async def test_files_that_do_not_arrive_in_time_are_an_order_that_was_not_made() -> None:
    time = LoopTime()
    task = ProviderTask(
        "job", "model", Category.VIDEO, "a fox", {}, {"films": (file_of(60 * MIB), file_of(40 * MIB))}
    )
    async with bringing_inputs(task):
        await time.jump(499)
    with pytest.raises(SubmissionRefused) as caught:
        async with bringing_inputs(task):
            await time.jump(501)
    assert caught.value.reason is FailureReason.UNAVAILABLE
