"""What Kie.ai's error codes and messages mean to us.

Its messages may quote the prompt. They are read here and go no further: a detail names the code and what was
recognised, never the words.

Source: https://docs.kie.ai, https://docs.kie.ai/market/common/get-task-detail
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from starloom.api import Failed, FailureReason, ProviderError, SubmissionRefused

OK = 200
_BAD_PARAMETER = 400
_NOT_FOUND = 404
_INVALID = 422
_MAINTENANCE = 455
_SERVER_ERROR = 500
_FAILED = 501
_SERVICE_UNAVAILABLE = 503

_REASONS: Mapping[int, FailureReason] = {
    _BAD_PARAMETER: FailureReason.INPUT_REJECTED,
    401: FailureReason.UNAUTHORIZED,
    402: FailureReason.OUT_OF_CREDIT,
    403: FailureReason.UNAUTHORIZED,
    _NOT_FOUND: FailureReason.UNAVAILABLE,
    413: FailureReason.INPUT_REJECTED,
    _INVALID: FailureReason.INPUT_REJECTED,
    429: FailureReason.RATE_LIMITED,
    433: FailureReason.KEY_LIMIT,
    451: FailureReason.INPUT_REJECTED,
    _MAINTENANCE: FailureReason.UNAVAILABLE,
    _SERVER_ERROR: FailureReason.PROVIDER_FAULT,
    _FAILED: FailureReason.PROVIDER_FAULT,
    505: FailureReason.UNAVAILABLE,
}
_MEANINGS: Mapping[int, str] = {
    401: "the key is not accepted",
    402: "the account has no credits left",
    403: "Kie.ai's network does not let us in",
    _NOT_FOUND: "no such address",
    429: "too many requests",
    433: "the key's own limit is reached",
    451: "an input file could not be fetched",
    _MAINTENANCE: "maintenance",
    505: "switched off",
}
# "This field is required" and an unknown model come as a server error as well.
_FIELD = re.compile(r"\bfield\b.{0,40}\brequired\b|\brequired\b.{0,40}\b(field|parameter)\b", re.IGNORECASE)
_MODEL = re.compile(
    r"\bmodels?\b.{0,80}\b(not (currently )?supported|unsupported|not exist)\b"
    r"|\bpage does not exist or is not published\b",
    re.IGNORECASE,
)
_SAFETY = re.compile(
    r"\b(content polic(y|ies)|violat(es?|ing|ion)|flagged|nsfw|moderation|sensitive|safety|unsafe"
    r"|inappropriate|prohibited|prominent people upload|minor upload)\b|SENSITIVE_WORD_ERROR",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"\b((task|audio)(_?id)?|(source|original|parent|previous) \w+)\b.{0,60}"
    r"\b(not (be )?(exist|found|available)|does ?n[o']t exist|no longer|expired|invalid)\b"
    r"|\brecordInfo is null\b",
    re.IGNORECASE,
)
_SOURCE_CODES = (_BAD_PARAMETER, _NOT_FOUND, _INVALID, _SERVER_ERROR, _FAILED)
_SAFETY_CODES = (_BAD_PARAMETER, _INVALID, _SERVER_ERROR, _FAILED)
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")


def refusal(code: int, message: str, *, goes_on: bool = False) -> SubmissionRefused:
    """What a submission that was answered with `code` comes to: nothing runs.

    `goes_on` tells that it was to go on from an earlier task, which may be what is not known any more.
    """
    reason, meaning = _read(code, message, goes_on=goes_on)
    return SubmissionRefused(reason, _detail(str(code), meaning))


def failure(code: str, message: str, *, goes_on: bool = False) -> Failed:
    """What a task that has failed with `code` comes to. A code that is no number is Kie.ai's own fault."""
    number = int(code) if code.isascii() and code.isdigit() and len(code) == 3 else _FAILED
    reason, meaning = _read(number, message, goes_on=goes_on)
    return Failed(reason, _detail(code, meaning))


def poll_failure(code: int, message: str) -> Failed | None:
    """What a record that was answered with `code` says of its task; None if it says nothing.

    Everything else than these codes is about the question: the task may run all the same.
    """
    return failure(str(code), message) if code in (451, _FAILED) else None


def http_status(code: int, message: str) -> int:
    """The status of HTTP that means the same as `code`.

    What is out of order, as a whole or a model alone, has a status of that kind, so that it is left alone;
    some codes that look like it are about the request (500) or about one task (501).
    """
    if code in (OK, 429):
        return code
    reason, _ = _read(code, message)
    if reason is FailureReason.UNAVAILABLE and code != _NOT_FOUND:
        return _SERVICE_UNAVAILABLE
    faulty = code == _SERVER_ERROR and reason is FailureReason.PROVIDER_FAULT
    return code if faulty else _BAD_PARAMETER


def is_unknown_task(code: int) -> bool:
    """Whether `code` means that Kie.ai has no record of the task."""
    return code in (_NOT_FOUND, _INVALID)


def asked_in_vain(code: int) -> ProviderError:
    """What a question that was answered with `code` comes to: it is asked again later."""
    return ProviderError(_detail(str(code), _MEANINGS.get(code, "")))


def _read(code: int, message: str, *, goes_on: bool = False) -> tuple[FailureReason, str]:
    if code in _SAFETY_CODES and _SAFETY.search(message):
        return FailureReason.SAFETY, "refused as unsafe"
    if goes_on and code in _SOURCE_CODES and _SOURCE.search(message):
        return FailureReason.SOURCE_GONE, "the earlier task is not known any more"
    if code in (_INVALID, _SERVER_ERROR) and _MODEL.search(message):
        return FailureReason.UNAVAILABLE, "the model is not supported"
    if code == _SERVER_ERROR and _FIELD.search(message):
        return FailureReason.INPUT_REJECTED, "a field is missing"
    return _REASONS.get(code, FailureReason.PROVIDER_FAULT), _MEANINGS.get(code, "")


def _detail(code: str, meaning: str) -> str:
    shown = code if _CODE.fullmatch(code) else "unreadable"
    return f"code {shown}: {meaning}" if meaning else f"code {shown}"
