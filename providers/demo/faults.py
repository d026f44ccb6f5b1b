"""The ways in which the demo provider can be told to go wrong."""

from __future__ import annotations

import re
from enum import StrEnum

_WORD = re.compile(r"\bfault:([a-z]+)\b")


class Fault(StrEnum):
    """What goes wrong with a task."""

    NONE = ""
    SLOW = "slow"
    """It takes ten times as long."""
    HANG = "hang"
    """It never gets ready."""
    FAIL = "fail"
    """It fails when it should be ready."""
    SAFETY = "safety"
    """It is refused for what it would show, when it should be ready."""
    REJECTED = "rejected"
    """It is not taken: the input is wrong."""
    CREDIT = "credit"
    """It is not taken: the account at the provider is empty."""
    BUSY = "busy"
    """It is not taken: too many requests."""
    LOST = "lost"
    """It is taken, but the reply is lost."""
    UNSURE = "unsure"
    """The reply is lost, and the provider cannot say whether it was taken."""
    NONSENSE = "nonsense"
    """Questions about it are answered with what is no answer."""
    CRASH = "crash"
    """Questions about it end in an exception of no known kind."""
    UNKNOWN = "unknown"
    """It is in a state that nobody has heard of."""
    EMPTY = "empty"
    """Its file has no bytes."""
    BROKEN = "broken"
    """Its file breaks off in the middle, the first time it is fetched."""


def fault_in(prompt: str) -> Fault:
    """The fault that a prompt asks for with a word such as `fault:safety`."""
    found = _WORD.search(prompt)
    if found is None:
        return Fault.NONE
    try:
        return Fault(found.group(1))
    except ValueError:
        return Fault.NONE
