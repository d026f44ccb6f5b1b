"""What Google's errors and filters mean to us.

Its messages may quote the prompt. They are read here and go no further: a detail names codes and categories,
never the words.

Source: https://cloud.google.com/apis/design/errors and
https://docs.cloud.google.com/vertex-ai/generative-ai/docs/video/responsible-ai-and-usage-guidelines
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starloom.api import (
    Failed,
    FailureReason,
    ProviderError,
    Reply,
    SafetyFilter,
    SubmissionRefused,
    SubmissionUnknown,
)

SUPPORT_CODES: Mapping[str, SafetyFilter | None] = {
    code: category
    for category, codes in (
        (SafetyFilter.CHILD, "58061214 17301594"),
        (SafetyFilter.CELEBRITY, "29310472 15236754"),
        (SafetyFilter.DANGEROUS, "62263041"),
        (SafetyFilter.HATE, "57734940 22137204"),
        (SafetyFilter.PROHIBITED, "89371032 49114662 63429089 72817394 60599140"),
        (SafetyFilter.THIRD_PARTY, "35561574 35561575"),
        (SafetyFilter.SEXUAL, "90789179 43188360"),
        (SafetyFilter.TOXIC, "78610348"),
        (SafetyFilter.VIOLENCE, "61493863 56562880"),
        (SafetyFilter.VULGAR, "32635315"),
        # A video that is against the rules in some way, and what Google calls "other".
        (None, "64151117 42237218 74803281 29578790 42876398"),
    )
    for code in codes.split()
}
"""What the numbers in Google's reasons for a filtered video stand for."""

_CODE = re.compile(r"(?<!\d)\d{8}(?!\d)")
_POLICY = re.compile(
    r"\b(usage guidelines|polic(y|ies)|violat(es?|ed|ing|ion)|safety|responsible ai|sensitive words?"
    r"|support codes?|prohibited|blocked|harmful)\b",
    re.IGNORECASE,
)
_BAD_KEY = re.compile(r"API_KEY_INVALID|API key (not valid|expired)", re.IGNORECASE)
_BILLING = re.compile(r"BILLING_DISABLED|billing (account|to be enabled|is disabled)", re.IGNORECASE)
_STATUS = re.compile(r"[A-Z_]{2,40}")

_BY_STATUS: Mapping[int, FailureReason] = {
    400: FailureReason.INPUT_REJECTED,
    401: FailureReason.UNAUTHORIZED,
    402: FailureReason.OUT_OF_CREDIT,
    403: FailureReason.UNAUTHORIZED,
    404: FailureReason.UNAVAILABLE,
    413: FailureReason.INPUT_REJECTED,
    429: FailureReason.RATE_LIMITED,
    503: FailureReason.UNAVAILABLE,
}
_CANCELLED = 499
_REFUSALS = range(400, _CANCELLED)
_BY_RPC_CODE: Mapping[int, FailureReason] = {
    3: FailureReason.INPUT_REJECTED,
    7: FailureReason.UNAUTHORIZED,
    8: FailureReason.RATE_LIMITED,
    11: FailureReason.INPUT_REJECTED,
    14: FailureReason.UNAVAILABLE,
    16: FailureReason.UNAUTHORIZED,
}
"""By google.rpc.Code (INVALID_ARGUMENT, PERMISSION_DENIED and so on); the rest is Google's fault."""
_INVALID_ARGUMENT = 3


class ModelGone(SubmissionRefused):
    """Google does not have the model any more, or not for us."""

    def __init__(self, detail: str) -> None:
        super().__init__(FailureReason.UNAVAILABLE, detail, gone=True)


@dataclass(frozen=True, slots=True)
class GoogleError:
    """An error of Google's as its body tells it; `text` holds all of its words, for reading only."""

    code: int
    status: str = ""
    text: str = ""

    @property
    def bad_key(self) -> bool:
        """Whether it is about the API key."""
        return bool(_BAD_KEY.search(self.text))

    @property
    def detail(self) -> str:
        """What operators are told."""
        return " ".join(filter(None, (str(self.code), self.status)))


def read_error(reply: Reply) -> GoogleError | None:
    """The error in a reply's body; None if the body is not of the form that Google's own errors have."""
    try:
        body: Any = reply.json()
    except ProviderError:
        return None
    if isinstance(body, list) and body:
        body = body[0]
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return None
    status = error.get("status")
    shown = status if isinstance(status, str) and _STATUS.fullmatch(status) else ""
    return GoogleError(reply.status, shown, f"{error.get('message')} {error.get('details')}")


def refusal(reply: Reply) -> SubmissionRefused | SubmissionUnknown:
    """What a submission comes to that was not answered with success.

    Only where Google itself says no nothing runs. After an internal error or a page of some server on the way
    nobody knows, unless the status is one of refusal.
    """
    error = read_error(reply)
    reason = _BY_STATUS.get(reply.status)
    if reason is None and error is not None and reply.status in _REFUSALS:
        reason = FailureReason.PROVIDER_FAULT
    if reason is None or (reply.status == 503 and error is None):
        return SubmissionUnknown(f"HTTP {reply.status}")
    if reply.status == 404:
        return ModelGone(error.detail if error else "404")
    if error is None:
        return SubmissionRefused(reason, str(reply.status))
    return _refused(reason, error)


def _refused(reason: FailureReason, error: GoogleError) -> SubmissionRefused:
    if error.bad_key:
        return SubmissionRefused(FailureReason.UNAUTHORIZED, f"{error.detail}: the API key is not accepted")
    if _BILLING.search(error.text):
        return SubmissionRefused(FailureReason.OUT_OF_CREDIT, f"{error.detail}: billing is off")
    if error.status == "FAILED_PRECONDITION":
        return SubmissionRefused(FailureReason.UNAVAILABLE, error.detail)
    if error.code == 400 and _is_policy(error.text):
        filters, category = _filters([error.text])
        return SubmissionRefused(FailureReason.SAFETY, filters or error.detail, category)
    return SubmissionRefused(reason, error.detail)


def asked_in_vain(reply: Reply) -> ProviderError:
    """What a question comes to that was not answered with success: it is asked again later."""
    error = read_error(reply)
    return ProviderError(error.detail if error else f"HTTP {reply.status}")


def operation_failure(error: Mapping[str, Any]) -> Failed:
    """What an operation comes to that has ended with an error of google.rpc.Status."""
    code = error.get("code")
    number = code if type(code) is int else 0
    text = str(error.get("message"))
    if number == _INVALID_ARGUMENT and _is_policy(text):
        return _unsafe([text], f"operation error {number}")
    return Failed(_BY_RPC_CODE.get(number, FailureReason.PROVIDER_FAULT), f"operation error {number}")


def filtered(reasons: object) -> Failed:
    """What an operation comes to whose videos were all filtered."""
    texts = [str(reason) for reason in reasons] if isinstance(reasons, list) else [str(reasons)]
    return _unsafe(texts, "filtered")


def named_failure(names: Iterable[str], detail: str) -> Failed:
    """What an interaction comes to whose errors bear these names and words."""
    text = " ".join(names)
    if _is_policy(text):
        return _unsafe([text], detail)
    for name, code in _NAMES.items():
        if name in text.lower():
            return Failed(_BY_RPC_CODE.get(code, FailureReason.PROVIDER_FAULT), detail)
    return Failed(FailureReason.PROVIDER_FAULT, detail)


_NAMES: Mapping[str, int] = {
    "invalid_argument": 3,
    "invalid-argument": 3,
    "permission_denied": 7,
    "permission-denied": 7,
    "resource_exhausted": 8,
    "resource-exhausted": 8,
    "unauthenticated": 16,
    "unavailable": 14,
}


def _is_policy(text: str) -> bool:
    return bool(_POLICY.search(text)) or any(code in SUPPORT_CODES for code in _CODE.findall(text))


def _unsafe(texts: Iterable[str], otherwise: str) -> Failed:
    filters, category = _filters(texts)
    return Failed(FailureReason.SAFETY, filters or otherwise, category)


def _filters(texts: Iterable[str]) -> tuple[str, SafetyFilter | None]:
    """The filters that struck, as `violence (61493863)`, and the first of them that has a name."""
    codes = dict.fromkeys(code for text in texts for code in _CODE.findall(text))
    known = [category for code in codes if (category := SUPPORT_CODES.get(code))]
    shown = ", ".join(f"{_name(code)} ({code})" for code in codes)
    return shown, known[0] if known else None


def _name(code: str) -> str:
    return (SUPPORT_CODES[code] or "general") if code in SUPPORT_CODES else "unknown"
