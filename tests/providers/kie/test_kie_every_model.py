"""Each of Kie.ai's models is ordered with every value of every option, and every body is as documented."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.kie_schemas import problems
from support.kie_server import KieServer

from core.generation.schema import example_body, example_value
from providers.kie.bodies import problem_of
from providers.kie.families import family_of
from providers.kie.provider import KieProvider
from providers.kie.uploads import Uploads
from starloom.api import (
    InputFile,
    MediaInput,
    Model,
    Option,
    ProviderTask,
    Running,
    Succeeded,
    UserFacingError,
    Waiting,
    read_models,
)

Start = Callable[..., Any]
READ = read_models(Path(__file__).parents[3] / "providers" / "kie" / "models.toml", provider="kie")
MODELS = {model.id: model for model in READ.models}
SUFFIXES = {"image": "png", "video": "mp4", "audio": "mp3"}


@pytest.fixture
async def server() -> AsyncIterator[KieServer]:
    async with KieServer(problems=problems).running() as server:
        yield server


@pytest.fixture
def _uploads_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of one kind are brought to Kie.ai by the first order, and later ones name where they are."""
    made: dict[str, str] = {}
    upload = Uploads._address_of

    async def once(self: Uploads, file: InputFile, place: str, task: ProviderTask) -> str:
        if file.mime_type not in made:
            made[file.mime_type] = await upload(self, file, place, task)
        return made[file.mime_type]

    monkeypatch.setattr(Uploads, "_address_of", once)


@pytest.fixture
async def provider(start: Start, _uploads_are_made_once: None) -> KieProvider:
    made: KieProvider = await start()
    # Its limits are proved elsewhere; here hundreds of orders come while the clock stands still.
    made._http.limits("create", calls=100_000, seconds=1)
    made._http.limits("upload", calls=100_000, seconds=1)
    return made


def _file(given: MediaInput) -> InputFile:
    async def read() -> AsyncIterator[bytes]:
        yield given.field.encode()

    suffix = SUFFIXES[given.kind]
    return InputFile(f"given.{suffix}", f"{given.kind}/{suffix}", len(given.field), read)


def _source(server: KieServer, model: Model) -> dict[str, Any]:
    """What is sent of a task that was made before, which the model goes on from."""
    wanted = model.source
    if wanted is None:
        return {}
    maker = MODELS[wanted.models[0]]
    made: dict[str, Any] = {name: values[0] for name, values in wanted.options.items()}
    made |= wanted.same
    family = family_of(maker)
    task = server.finished(family.name, maker.upstream_id, {"input": made} if family.wraps_input else made)
    sent = {
        wanted.task_field: family.task_id(task.id),
        wanted.file_field: f"{task.id}-song-2",
        wanted.index_field: 0 if wanted.index_type == "integer" else "0",
        **{name: made[name] for name in wanted.same},
    }
    return {field: sent[field] for field in wanted.fields}


def _prompt(model: Model) -> str:
    """Words as long as the model asks for; none where it takes none."""
    return "a fox in the snow"[: model.prompt_max].ljust(model.prompt_min, "!") if model.prompt_field else ""


def _values(option: Option) -> tuple[Any, ...]:
    """Every value of an enum, both of a switch, the ends and the middle of a range, the longest text."""
    if option.choices is not None:
        return option.choices
    if option.type == "boolean":
        return (False, True)
    if option.type == "string":
        return ("words", "w" * (option.longest or 40))
    low = option.minimum if option.minimum is not None else 0
    high = option.maximum if option.maximum is not None else 2_000_000
    middle = (low + high) / 2
    kind = int if option.type == "integer" else float
    return tuple(kind(number) for number in (low, middle, high))


def _files(model: Model, *, fields: set[str], most: bool = False) -> dict[str, tuple[InputFile, ...]]:
    found = {}
    for given in model.media:
        if given.field in fields:
            count = given.most if most else max(1, given.least)
            found[given.field] = (_file(given),) * count
    return found


def _choices_of_files(model: Model) -> Iterator[dict[str, tuple[InputFile, ...]]]:
    """Sets of files that a model may be given: the least, each alone beside those, and as many as go."""
    needed = {given.field for given in model.media if given.required}
    every = [needed, *(needed | {given.field} for given in model.media)]
    every += [needed | {group[0]} for group in model.one_of]
    every += [{given.field for given in model.media}]
    for fields in every:
        yield _files(model, fields=fields)
        yield _files(model, fields=fields, most=True)


def _allowed(model: Model, options: dict[str, Any], files: dict[str, tuple[InputFile, ...]]) -> bool:
    try:
        checked = model.check_options(options)
        model.check_inputs({field: len(given) for field, given in files.items()}, checked)
    except UserFacingError:
        return False
    return True


def _orders(model: Model) -> Iterator[tuple[dict[str, Any], dict[str, tuple[InputFile, ...]]]]:
    """For each choice of files the defaults, then each value of each option; all that people may order."""
    least = {
        option.field: example_value(option)
        for option in model.options
        if option.required and option.default is None
    }
    choices = [files for files in _choices_of_files(model) if _allowed(model, least, files)]
    assert choices, f"{model.id} cannot be ordered"
    for files in choices:
        yield least, files
    for option in model.options:
        for value in _values(option):
            fitting = next(
                (
                    ({**least, **options}, files)
                    for files in choices
                    for options in _beside(model, option, value)
                    if _allowed(model, {**least, **options}, files)
                ),
                None,
            )
            assert fitting is not None, f"{model.id}: {option.field}={value!r} can never be chosen"
            yield fitting


def _beside(model: Model, option: Option, value: Any) -> Iterator[dict[str, Any]]:
    """The value beside the defaults, then beside each other value of one other option."""
    yield {option.field: value}
    for other in model.options:
        if other is not option:
            for another in _values(other):
                yield {option.field: value, other.field: another}


def test_all_of_them_are_offered() -> None:
    assert len(MODELS) > 100
    assert {problem_of(model) for model in READ.models} == {""}


def test_what_is_said_of_the_api_is_what_is_done() -> None:
    assert READ.api is not None
    for model in READ.models:
        said, done = READ.api.endpoint_of(model), family_of(model)
        assert said is not None
        assert (said.path, bool(said.input_field), bool(said.model_field)) == (
            done.create,
            done.wraps_input,
            done.names_model,
        )


def test_the_examples_that_operators_are_shown_would_be_taken() -> None:
    assert READ.api is not None
    for model in READ.models:
        endpoint = READ.api.endpoint_of(model)
        assert endpoint is not None
        api = model.endpoint or "jobs"
        assert (model.id, problems(api, model.upstream_id, example_body(model, endpoint))) == (model.id, [])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"endpoint": "luma"}, "endpoint luma is not one of"),
        ({"details": {"form": {}}}, "details: form is not known"),
        ({"details": {"shape": ["{prompt}"]}}, "details: shape is no table"),
        ({"details": {"shape": {"a": [{"b": "{colour}"}]}}}, "details: shape names colour"),
    ],
)
async def test_a_model_that_cannot_be_ordered_is_locked(
    start: Start, monkeypatch: pytest.MonkeyPatch, changed: dict[str, Any], reason: str
) -> None:
    broken = MODELS["z-image"].model_copy(update=changed)
    told = replace(READ, models=(broken, MODELS["runway"]))
    monkeypatch.setattr("providers.kie.provider._described", lambda: told)
    offered = (await start()).models()
    assert [model.id for model in offered.models] == ["runway"]
    (locked,) = offered.locked
    assert (locked.id, reason in locked.reason) == ("z-image", True)


@pytest.mark.parametrize("model_id", MODELS)
async def test_a_model_can_be_ordered_in_every_way(
    server: KieServer, provider: KieProvider, model_id: str
) -> None:
    model = MODELS[model_id]
    sent: dict[str, set[str]] = {option.field: set() for option in model.options}
    source = _source(server, model)
    for number, (options, files) in enumerate(_orders(model)):
        task = ProviderTask(
            f"job-{number}",
            model.id,
            model.category,
            _prompt(model),
            options,
            files,
            "https://bot.example/c",
            source,
        )
        task_id = await provider.submit(task)
        ordered = list(server.tasks.values())[-1]
        assert task_id.endswith(ordered.id)
        assert ordered.callback_url == "https://bot.example/c"
        for field, value in model.check_options(options).items():
            placed = ordered.input.get(field, value if repr(value) in repr(ordered.input) else None)
            assert (type(placed), placed) == (type(value), value)
            sent[field].add(repr(value))
        for field in files:
            assert ordered.input[field]
        for field, value in source.items():
            assert ordered.input[field] == (value.removeprefix("veo:") if isinstance(value, str) else value)
    for option in model.options:
        assert {repr(value) for value in _values(option)} <= sent[option.field]


@pytest.mark.parametrize(
    "model_id",
    ["z-image", "veo-3.1-fast", "flux-kontext-max", "suno", "veo/extend", "suno/music-video", "suno/vocals"],
)
async def test_an_order_is_followed_to_its_end(
    server: KieServer, provider: KieProvider, model_id: str
) -> None:
    model = MODELS[model_id]
    source = _source(server, model)
    task_id = await provider.submit(
        ProviderTask("job-1", model.id, model.category, _prompt(model), {}, source=source)
    )
    statuses = []
    while not isinstance(status := await provider.poll(task_id), Succeeded):
        assert isinstance(status, Waiting | Running)
        statuses.append(status)
    assert statuses
    content = b"".join([chunk async for chunk in provider.open(status.results[0])])
    assert content == server.content
