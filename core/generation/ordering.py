"""What providers have in common when they order: checked options, and what the failure of an order means."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from core.errors import ProviderError, UserFacingError
from core.generation.model import Model
from core.generation.provider import FailureReason, ProviderTask, SubmissionRefused, SubmissionUnknown
from core.http.provider_http import ProviderHttp
from core.http.reply import NotSent


def checked_options(model: Model, task: ProviderTask) -> dict[str, Any]:
    """The task's options with the defaults filled in; how many files it has is checked as well.

    Raises:
        SubmissionRefused: those of an old job are not the model's any more.

    """
    try:
        options = model.check_options(task.options)
        model.check_inputs({field: len(files) for field, files in task.inputs.items()}, options)
    except UserFacingError as error:
        raise SubmissionRefused(FailureReason.INPUT_REJECTED, error.key) from error
    return options


@asynccontextmanager
async def bringing_inputs(task: ProviderTask) -> AsyncIterator[None]:
    """Around what brings a task's files to its provider, before the order: as long as they may take.

    Raises:
        SubmissionRefused: it failed, or took longer (`ProviderTask.upload_seconds`); nothing runs.

    """
    try:
        async with asyncio.timeout(task.upload_seconds):
            yield
    except TimeoutError as error:
        raise SubmissionRefused(FailureReason.UNAVAILABLE, "the files did not arrive in time") from error
    except (SubmissionRefused, SubmissionUnknown):
        raise
    except ProviderError as error:
        raise SubmissionRefused(FailureReason.UNAVAILABLE, f"the files did not arrive: {error}") from error


@contextmanager
def submitting(http: ProviderHttp, model: str = "") -> Iterator[None]:
    """Around the request that orders a task: tells what its failure says about the task.

    Raises:
        SubmissionRefused: the request surely did not arrive. Held back by our own limit it is only early;
            everything else is an outage.
        SubmissionUnknown: nobody knows whether it did.

    """
    try:
        yield
    except (SubmissionRefused, SubmissionUnknown):
        raise
    except NotSent as error:
        early = not error.again and not http.open_for(model)
        reason = FailureReason.RATE_LIMITED if early else FailureReason.UNAVAILABLE
        raise SubmissionRefused(reason, str(error)) from error
    except ProviderError as error:
        raise SubmissionUnknown(str(error)) from error
