"""What is going from the API: it warns for a minor version at least, and says what takes its place.

A class, a function, a method or a property that is going is marked with `deprecated`, as type checkers know
it (PEP 702), and the words of a `Going`; where the API has it as a protocol, so is what implements it. An
argument that is going is marked with `going_argument`, of a hook's specification too: the platform names the
plugins that still take it. Names of the module itself stand in `starloom.deprecations`.
"""

from __future__ import annotations

import functools
import inspect
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from typing_extensions import deprecated

__all__ = ["Going", "deprecated", "going_argument", "going_arguments", "going_of", "is_warning"]

_WORDS = re.compile(
    r"(?P<what>\S.*) is deprecated since API (?P<since>[0-9.]+) and goes with (?P<goes>[0-9.]+): "
    r"use (?P<instead>\S.*)"
)
_MARK = "__going_arguments__"

_FunctionT = TypeVar("_FunctionT", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Going:
    """Something of the API that is going; `str()` is the sentence that warns of it.

    `since` is the minor version of the API that first warned of it, `goes` the major one that has it no more.
    """

    what: str
    instead: str
    since: str
    goes: str

    def __str__(self) -> str:
        return (
            f"{self.what} is deprecated since API {self.since} and goes with {self.goes}: use {self.instead}"
        )


def going_of(value: object) -> Going | None:
    """What `deprecated` says of a class, a function or a property; None where it is not marked.

    Raises:
        ValueError: it is marked with other words than those of a `Going`.

    """
    marked = value.fget if isinstance(value, property) else value
    marked = marked.__func__ if isinstance(marked, classmethod | staticmethod) else marked
    words = vars(marked).get("__deprecated__") if hasattr(marked, "__dict__") else None
    if words is None:
        return None
    found = _WORDS.fullmatch(words)
    if found is None:
        raise ValueError(f"{words!r} does not say since when it is going, when it goes, and what to use")
    return Going(found["what"], found["instead"], found["since"], found["goes"])


def is_warning(words: str) -> bool:
    """Whether a warning is of something that is going from the API."""
    return _WORDS.fullmatch(words) is not None


def going_arguments(function: object) -> dict[str, Going]:
    """The arguments of a function that are going, by their names."""
    return dict(getattr(function, _MARK, {}))


def going_argument(name: str, *, instead: str, since: str, goes: str) -> Callable[[_FunctionT], _FunctionT]:
    """Mark an argument that is going: whoever still gives it by its name is warned.

    Where `instead` is an argument of the function and `name` is none any more, what is given is handed over
    as that one.
    """

    def mark(function: _FunctionT) -> _FunctionT:
        what = f"{function.__qualname__.removesuffix('.__init__')}({name}=)"
        going = Going(what, instead, since, goes)
        parameters = inspect.signature(function).parameters
        renamed = name not in parameters
        if renamed and instead not in parameters:
            raise TypeError(f"{function.__qualname__} has neither {name} nor {instead}")

        def handed_over(given: dict[str, Any]) -> dict[str, Any]:
            if name not in given:
                return given
            warnings.warn(str(going), DeprecationWarning, stacklevel=3)
            if not renamed:
                return given
            if instead in given:
                raise TypeError(f"{what} and {instead}= are one argument: give {instead} alone")
            return {**{key: value for key, value in given.items() if key != name}, instead: given[name]}

        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def call(*arguments: Any, **given: Any) -> Any:
                return await function(*arguments, **handed_over(given))

            wrapper: Callable[..., Any] = call
        else:

            @functools.wraps(function)
            def call_at_once(*arguments: Any, **given: Any) -> Any:
                return function(*arguments, **handed_over(given))

            wrapper = call_at_once
        setattr(wrapper, _MARK, {**going_arguments(function), name: going})
        return cast(_FunctionT, wrapper)

    return mark
