"""What a failed order means for its task, and which models of a list are offered."""

from __future__ import annotations

import pytest
from support.generation_world import model
from support.orders import task_for

from core.errors import ProviderError
from core.generation.model import LockedModel, ModelList
from core.generation.ordering import bringing_inputs, submitting
from core.generation.provider import FailureReason, SubmissionRefused, SubmissionUnknown
from core.http.provider_http import HttpLayer
from core.http.reply import NotSent, ReplyLost
from sandbox.clock import ManualClock


@pytest.mark.parametrize(
    ("failure", "meant"),
    [
        (NotSent("no connection"), FailureReason.UNAVAILABLE),
        (NotSent("its turn would come too late", again=False), FailureReason.RATE_LIMITED),
        (ReplyLost("reset"), None),
        (ProviderError("no key"), None),
    ],
    ids=repr,
)
async def test_a_failed_order_is_refused_or_nobody_knows(
    clock: ManualClock, failure: ProviderError, meant: FailureReason | None
) -> None:
    http = HttpLayer(clock).provider("acme")
    with (
        pytest.raises(SubmissionUnknown if meant is None else SubmissionRefused) as raised,
        submitting(http, "m"),
    ):
        raise failure
    assert getattr(raised.value, "reason", None) is meant


@pytest.mark.parametrize(
    "said", [SubmissionRefused(FailureReason.SAFETY), SubmissionUnknown("?"), ValueError("a bug")]
)
async def test_what_has_been_said_already_stays_so(clock: ManualClock, said: Exception) -> None:
    with pytest.raises(type(said)) as raised, submitting(HttpLayer(clock).provider("acme")):
        raise said
    assert raised.value is said


@pytest.mark.parametrize("failure", [ReplyLost("reset"), NotSent("no connection"), ProviderError("HTTP 500")])
async def test_files_that_could_not_be_brought_are_an_order_that_was_not_made(failure: ProviderError) -> None:
    with pytest.raises(SubmissionRefused, match="the files did not arrive") as raised:
        async with bringing_inputs(task_for("acme-sketch")):
            raise failure
    assert raised.value.reason is FailureReason.UNAVAILABLE


def test_models_are_locked_for_a_reason_each_and_everything_else_stays() -> None:
    before = ModelList((model("a"), model("b")), (LockedModel("c", "no price"),))
    assert before.locking(lambda _model: "") == before
    after = before.locking(lambda each: "no key" if each.id == "a" else "")
    assert [each.id for each in after.models] == ["b"]
    assert after.locked == (LockedModel("c", "no price"), LockedModel("a", "no key"))
