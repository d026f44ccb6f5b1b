"""What Replicate's HTTP statuses and the errors of its predictions mean to us.

Its texts may quote the prompt. They are read here and go no further: a detail names the status and what was
recognised, never the words.

Source: https://replicate.com/docs/topics/predictions/rate-limits, https://replicate.com/docs/reference/http
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from starloom.api import Failed, FailureReason, ProviderError, Reply, SubmissionRefused, SubmissionUnknown

THROTTLED = 429
NOT_FOUND = 404
GONE = (NOT_FOUND, 410)
_TIMED_OUT = 408

_REFUSALS: Mapping[int, tuple[FailureReason, str]] = {
    400: (FailureReason.INPUT_REJECTED, "the request is refused"),
    401: (FailureReason.UNAUTHORIZED, "the token is not accepted"),
    402: (FailureReason.OUT_OF_CREDIT, "the account has no credit left"),
    403: (FailureReason.UNAUTHORIZED, "the token may not do this"),
    NOT_FOUND: (FailureReason.UNAVAILABLE, "the model is not there"),
    410: (FailureReason.UNAVAILABLE, "the model is gone"),
    413: (FailureReason.INPUT_REJECTED, "the input is too large"),
    422: (FailureReason.INPUT_REJECTED, "the input does not fit the model"),
    THROTTLED: (FailureReason.RATE_LIMITED, "too many requests"),
}
_SAFETY = re.compile(
    r"\b(nsfw|E005|flagged|sensitive|safety|moderat(ed|ion)|content polic(y|ies))\b", re.IGNORECASE
)
_RESETS = re.compile(r"\bresets? in\b[\s~≈]*(\d{1,5}(?:\.\d+)?)\s*s", re.IGNORECASE)


def submission_error(status: int) -> SubmissionRefused | SubmissionUnknown:
    """What a submission that was answered with an HTTP status other than success comes to.

    Only a client error says that surely nothing runs.
    """
    if 400 <= status < 500 and status != _TIMED_OUT:
        reason, meaning = _REFUSALS.get(status, (FailureReason.PROVIDER_FAULT, "refused"))
        return SubmissionRefused(reason, f"HTTP {status}: {meaning}")
    return SubmissionUnknown(f"HTTP {status}")


def order_error(status: int) -> SubmissionRefused | SubmissionUnknown:
    """The same for an order, whose address names the model: what is not there is that."""
    error = submission_error(status)
    if isinstance(error, SubmissionRefused):
        error.gone = status in GONE
    return error


def asked_in_vain(status: int) -> ProviderError:
    """What a question that was answered with this HTTP status comes to: it is asked again later."""
    meaning = _REFUSALS[status][1] if status in _REFUSALS else "no answer"
    return ProviderError(f"HTTP {status}: {meaning}")


def failure(error: object) -> Failed:
    """What a prediction that failed with this `error` comes to."""
    if isinstance(error, str) and _SAFETY.search(error):
        return Failed(FailureReason.SAFETY, "refused as unsafe")
    return Failed(FailureReason.PROVIDER_FAULT, "the prediction failed")


def throttled_seconds(reply: Reply) -> float | None:
    """How long a throttled reply asks us to wait, as its text says; None where it does not.

    "Request was throttled. Your rate limit resets in ~30s."
    """
    found = _RESETS.search(reply.body.decode("utf-8", "replace"))
    return float(found[1]) if found else None
