"""Tasks as the pipeline hands them to a provider, for tests of providers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from starloom.api import Category, InputFile, Model, Option, ProviderTask


def file_of(
    content: bytes, *, name: str = "cat.png", mime_type: str = "image/png", url: str = ""
) -> InputFile:
    """A given file."""

    async def read() -> AsyncIterator[bytes]:
        yield content[: len(content) // 2]
        yield content[len(content) // 2 :]

    return InputFile(name=name, mime_type=mime_type, size=len(content), open=read, url=url)


def task_for(
    model: Model | str,
    job_id: str = "jobjobjobjob",
    *,
    prompt: str = "a red fox",
    options: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Sequence[InputFile]] | None = None,
    callback_url: str = "",
) -> ProviderTask:
    """An order of one generation."""
    name, category = (model, Category.IMAGE) if isinstance(model, str) else (model.id, model.category)
    return ProviderTask(
        job_id=job_id,
        model_id=name,
        category=category,
        prompt=prompt,
        options=dict(options or {}),
        inputs={field: tuple(files) for field, files in (inputs or {}).items()},
        callback_url=callback_url,
    )


def every_value(model: Model) -> Iterator[dict[str, Any]]:
    """Options of a model, one order after the other, until every value of every option was among them."""
    for option in model.options:
        for value in values_of(option):
            yield {option.field: value}


def values_of(option: Option) -> list[Any]:
    """All values of an option, or the ends of its range."""
    if option.choices is not None:
        return list(option.choices)
    match option.type:
        case "boolean":
            return [True, False]
        case "string":
            return ["x", "x" * (option.longest or 100)]
        case "integer":
            return [int(end) for end in (option.minimum, option.maximum) if end is not None] or [7]
        case "number":
            return [float(end) for end in (option.minimum, option.maximum) if end is not None] or [0.5]
