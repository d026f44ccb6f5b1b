"""What A2E's codes and messages mean to us.

An error may come with HTTP 200 and a code of its own, which nobody has described: where the number is none of
HTTP's, the message is looked at for what it is about. Messages may quote the prompt, so they go no further: a
detail names the code and what was recognised, never the words.

Source: https://video.a2e.ai/dev/openapi-spec
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from starloom.api import Failed, FailureReason, ProviderError, SubmissionRefused, SubmissionUnknown

NOT_FOUND = 404
_TIMED_OUT = 408
_BAD_REQUEST = 400
_OPEN = (*range(300, 400), *range(500, 600))
_HTTP = range(400, 600)

_REASONS: Mapping[int, FailureReason] = {
    401: FailureReason.UNAUTHORIZED,
    402: FailureReason.OUT_OF_CREDIT,
    403: FailureReason.UNAUTHORIZED,
    NOT_FOUND: FailureReason.UNAVAILABLE,
    413: FailureReason.INPUT_REJECTED,
    422: FailureReason.INPUT_REJECTED,
    429: FailureReason.RATE_LIMITED,
}
_WORDS: tuple[tuple[FailureReason, re.Pattern[str]], ...] = (
    (
        FailureReason.SAFETY,
        re.compile(
            r"nsfw|sensitive|safety|moderat|violat|prohibited|inappropriate|underage|minor.?suspected|porn",
            re.IGNORECASE,
        ),
    ),
    (
        FailureReason.OUT_OF_CREDIT,
        re.compile(
            r"(insufficient|not enough|run out|no more)\b.{0,40}\b(coin|credit|balance)", re.IGNORECASE
        ),
    ),
    (
        FailureReason.UNAUTHORIZED,
        re.compile(
            r"unauthori[sz]ed|forbidden|(invalid|expired|bad|missing)\b.{0,20}\b(token|api ?key)", re.I
        ),
    ),
    (
        FailureReason.RATE_LIMITED,
        re.compile(r"too many|rate limit|too frequent|concurren|try again later", re.IGNORECASE),
    ),
    (
        FailureReason.INPUT_REJECTED,
        re.compile(r"invalid|required|must be|unsupported|not (supported|allowed)|parameter", re.IGNORECASE),
    ),
)
_FOUND_NOTHING = re.compile(r"not (found|exist)|no such|does ?n.t exist", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")


def submission_error(code: int, message: str) -> SubmissionRefused | SubmissionUnknown:
    """What a submission that was answered with an error comes to.

    Faults of the server leave it open, and so do redirects, which are not followed.
    """
    if code in _OPEN or code == _TIMED_OUT:
        return SubmissionUnknown(f"code {code}")
    reason = _read(code, message, otherwise=FailureReason.PROVIDER_FAULT)
    if code == _BAD_REQUEST and reason is FailureReason.PROVIDER_FAULT:
        reason = FailureReason.INPUT_REJECTED
    return SubmissionRefused(reason, f"code {code}")


def asked_in_vain(code: int) -> ProviderError:
    """What a question that was answered with an error comes to: it is asked again later."""
    return ProviderError(f"code {code}")


def failure(code: object, message: object) -> Failed:
    """What a task that has failed comes to."""
    words = message if isinstance(message, str) else ""
    number = code if isinstance(code, int) and not isinstance(code, bool) else 0
    reason = _read(number, words, otherwise=FailureReason.PROVIDER_FAULT)
    shown = str(code) if code is not None and _CODE.fullmatch(str(code)) else "none"
    return Failed(reason, f"failed with code {shown}")


def is_unknown_task(code: int, message: str) -> bool:
    """Whether an error says that there is no such task."""
    return code == NOT_FOUND or (code not in _HTTP and _FOUND_NOTHING.search(message) is not None)


def http_status(code: int) -> int:
    """A code as a status of HTTP, for retries and breakers; what is none of them is the request's fault."""
    return code if code in _HTTP else _BAD_REQUEST


def _read(code: int, message: str, *, otherwise: FailureReason) -> FailureReason:
    about = next((reason for reason, words in _WORDS if words.search(message)), None)
    if about is FailureReason.SAFETY or code not in _REASONS:
        return about or otherwise
    return _REASONS[code]
