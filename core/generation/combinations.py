"""Which options and media inputs of a model go together."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from core.errors import UserFacingError
from core.generation.options import MediaInput, Option, OptionValue
from core.generation.prices import price_key

Combination = Mapping[str, tuple[OptionValue, ...]]
"""Values by option, `true` or `false` by media input; it is there when each has one of its values."""


def check_counts(media: Sequence[MediaInput], counts: Mapping[str, int]) -> None:
    """Check how many files are given in each media input.

    Raises:
        UserFacingError: there are too many or too few, or the model takes no such files.

    """
    known = {given.field for given in media}
    for field in counts:
        if field not in known:
            raise UserFacingError("input-unknown", field=field)
    for given in media:
        count = counts.get(given.field, 0)
        if count > given.most:
            raise UserFacingError("input-too-many", role=given.role, most=given.most, count=count)
        if count < given.least:
            raise UserFacingError("input-missing", role=given.role, least=given.least, count=count)


def check_groups(
    one_of: Sequence[Sequence[str]], exclusive: Sequence[Sequence[str]], given: Collection[str]
) -> None:
    """Check which media inputs have files beside which.

    Raises:
        UserFacingError: all of a group are missing, or several are given that exclude each other.

    """
    for group in one_of:
        if not any(field in given for field in group):
            raise UserFacingError("inputs-one-of", fields=", ".join(group))
    for group in exclusive:
        together = [field for field in group if field in given]
        if len(together) > 1:
            raise UserFacingError("inputs-exclusive", fields=", ".join(together))


def check_combinations(combinations: Sequence[Combination], values: Mapping[str, Any]) -> None:
    """Check that none of the forbidden `combinations` is there; one with a name that has no value is not.

    Raises:
        UserFacingError: one is.

    """
    for combination in combinations:
        if all(name in values and values[name] in forbidden for name, forbidden in combination.items()):
            found = {name: values[name] for name in combination}
            raise UserFacingError("options-forbidden", options=told(found))


def problems_of_groups(groups: Sequence[Sequence[str]], media: Collection[str]) -> Iterator[str]:
    """Why groups of media inputs make no sense."""
    for group in groups:
        yield from (f"a group names an unknown media input {field}" for field in group if field not in media)
        if len(set(group)) < 2:
            yield f"a group needs two media inputs: {', '.join(group)}"


def problems_of_combinations(
    combinations: Sequence[Combination], options: Mapping[str, Option], media: Collection[str]
) -> Iterator[str]:
    """Why forbidden combinations make no sense: they name what is not there."""
    for combination in combinations:
        if not combination:
            yield "an empty combination is forbidden"
        for name, values in combination.items():
            option = options.get(name)
            if option is None and name not in media:
                yield f"a forbidden combination names an unknown input {name}"
                continue
            for value in values:
                if not (option.allows(value) if option else isinstance(value, bool)):
                    yield f"a forbidden combination has {told({name: value})}, which is never given"


def told(values: Mapping[str, OptionValue]) -> str:
    """Values by name as a line of text."""
    return ", ".join(f"{name} = {price_key(value)}" for name, value in values.items())
