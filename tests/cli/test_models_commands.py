"""`models` shows, prices, checks and exports what the files say; nothing is started and no key is needed."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import json_schema
from support.command_line import CommandLine
from support.model_files import ROOT
from typer.testing import CliRunner, Result

from starloom.cli import _cli

Run = Callable[..., Result]

MODELS = """
[api]
base_url = "https://api.example.com"
[api.endpoints.default]
path = "/v1/{model}/run"
input_field = "input"

[[retired]]
id = "old-film"
instead = "film"
[[retired]]
id = "older-film"

[[models]]
id = "maker/film-2.0"
upstream = "film-two"
aliases = ["film"]
category = "video"
title = { en = "Film", ru = "Фильм" }
price_source = "https://example.com/prices"
price_date = 2026-11-01
prompt_min = 3
prompt_max = 500
exclusive = [["first_frame", "clip"]]
forbidden = [{ resolution = ["1080p"], duration = [10] }]
options = [
  { field = "resolution", type = "string", choices = ["720p", "1080p"], default = "720p" },
  { field = "duration", type = "integer", choices = [5, 10], default = 5 },
  { field = "generate_audio", type = "boolean", default = false, advanced = true },
]
media = [
  { field = "first_frame", kind = "image", role = "first_frame", formats = ["png", "jpeg"] },
  { field = "clip", kind = "video", role = "video", formats = ["mp4"], seconds_max = 30, max_megabytes = 50 },
]
[models.price]
rule = "table"
by = ["resolution", "media:clip"]
usd = { "720p/false" = "0.026", "720p/true" = "0.0195", "1080p/false" = "0.052", "1080p/true" = "0.039" }
seconds_field = "duration"
input_seconds = ["clip"]

[[models]]
id = "picture"
category = "image"
title = { en = "Picture", ru = "Картинка" }
price = { rule = "flat", usd = "0.0195" }
price_source = "https://example.com/prices"
price_date = 2026-11-01

[[models]]
id = "unsure"
category = "image"
title = { en = "Unsure", ru = "Неясно" }
price = { rule = "flat", usd = "0.02" }
price_source = "a guess"
price_date = 2026-11-01
confirmed = false
"""
SPEECH = """
[[models]]
id = "speech"
category = "audio"
title = { en = "Speech", ru = "Речь" }
price = { rule = "per_1000_characters", usd = "0.065" }
price_source = "https://example.com/prices"
price_date = 2026-11-01
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A `plugins.toml` with a provider that is on and one that is off; importing either ends the process."""
    for name, text in (("maker", MODELS), ("speaker", SPEECH)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('imported')\n", encoding="utf-8")
        (tmp_path / name / "models.toml").write_text(text, encoding="utf-8")
    (tmp_path / "plugins.toml").write_text(
        "[providers.maker]\nmodule = './maker'\n[providers.speaker]\nmodule = './speaker'\nenabled = false\n",
        encoding="utf-8",
    )
    return tmp_path


@pytest.fixture
def run(house: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `models` in this house, with these settings and no others."""
    monkeypatch.setattr(os, "environ", {"PATH": os.environ["PATH"], "COLUMNS": "200"})

    def models(*arguments: str, **settings: str) -> Result:
        files = ["--env-file", str(house / ".env"), "--plugins-file", str(house / "plugins.toml")]
        return CliRunner().invoke(_cli, [*files, "models", *arguments], env=settings)

    return models


def test_the_list_has_prices_in_both_units_and_says_how_many_are_locked(run: Run) -> None:
    result = run("list")
    assert result.exit_code == 0
    lines = [line.split(maxsplit=5) for line in result.stdout.splitlines()]
    assert lines[0] == ["id", "category", "provider", "USD", "Stars", "title"]
    assert lines[2] == ["picture", "image", "maker", "$0.0195", "3", "Picture"]
    # The clip of one second beside five of output costs less than five without it.
    assert lines[1] == ["maker/film-2.0", "video", "maker", "from", "$0.117", "from 18  Film"]
    assert lines[3] == ["2", "models;", "2", "more", "are", "locked: --locked tells why"]


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (("--category", "image"), ["picture"]),
        (("--provider", "maker"), ["maker/film-2.0", "picture"]),
        (("--category", "audio"), []),
    ],
)
def test_the_list_is_filtered(run: Run, arguments: tuple[str, ...], ids: list[str]) -> None:
    rows = itertools.takewhile(
        lambda line: " models;" not in line, run("list", *arguments).stdout.splitlines()[1:]
    )
    assert [row.split()[0] for row in rows] == ids


def test_an_unknown_provider_is_told_with_those_that_are_there(run: Run) -> None:
    result = run("list", "--provider", "makers")
    assert result.exit_code == 1
    assert "There is no provider makers; there are: maker, speaker." in result.stderr


def test_locked_and_retired_models_are_told_with_reasons(run: Run) -> None:
    locked = run("list", "--locked").stdout.splitlines()
    assert [line.split(maxsplit=1) for line in locked[1:]] == [
        ["unsure", "its price of 2026-11-01 is not confirmed"],
        ["speech", "its provider speaker is off in plugins.toml"],
    ]
    retired = run("list", "--retired").stdout.splitlines()
    assert [line.split() for line in retired[1:]] == [["old-film", "film"], ["older-film"]]


def test_prices_follow_the_settings(run: Run, house: Path) -> None:
    assert run("quote", "picture", PRICING_MARKUP="4").stdout == "picture: $0.0195, 6 Stars, 0.06 credits\n"
    with (house / "plugins.toml").open("a", encoding="utf-8") as file:
        file.write("[prices.picture]\nstars = 250\n[prices.unsure]\nconfirmed = true\n")
    assert run("quote", "picture").stdout == "picture: $0.0195, 250 Stars, 2.5 credits\n"
    assert run("quote", "unsure").exit_code == 0


@pytest.mark.parametrize("name", ["maker/film-2.0", "film"])
def test_a_model_is_shown_whole(run: Run, name: str) -> None:
    result = run("show", name)
    assert result.exit_code == 0
    assert [line.strip() for line in result.stdout.splitlines()] == [
        "maker/film-2.0: Film (en), Фильм (ru)",
        "state: on offer",
        "provider: maker; category: video",
        "aliases: film",
        "called there: film-two",
        "asked at: POST https://api.example.com/v1/film-two/run",
        "prompt: prompt: required; 3 to 500 characters",
        "files: first_frame: image, first_frame; files: 0 to 1; at most 10 MB each; png/jpeg",
        "files: clip: video, video; files: 0 to 1; at most 50 MB each; mp4; to 30 seconds",
        "option: resolution: string; 720p | 1080p; default 720p",
        "option: duration: integer; 5 | 10; default 5",
        "option: generate_audio: boolean; true | false; default false; advanced",
        "only one of first_frame, clip",
        "not together: resolution = 1080p, duration = 10",
        "price: by resolution, clip given:",
        "720p/false: $0.026 for each second of duration and clip",
        "720p/true: $0.0195 for each second of duration and clip",
        "1080p/false: $0.052 for each second of duration and clip",
        "1080p/true: $0.039 for each second of duration and clip",
        "with default options: from $0.117, from 18 Stars",
        "price read: 2026-11-01 at https://example.com/prices",
    ]


def test_a_locked_model_is_shown_with_its_reason(run: Run) -> None:
    assert "state: locked: its price of 2026-11-01 is not confirmed" in run("show", "unsure").stdout
    assert "state: locked: its provider speaker is off" in run("show", "speech").stdout


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("pictures", "There is no model pictures. Did you mean picture?"),
        ("nonsense-xyz", "There is no model nonsense-xyz. `python run.py models list` tells all."),
        ("old-film", "old-film is retired; maker/film-2.0 takes its place."),
        ("older-film", "older-film is retired, and nothing takes its place."),
    ],
)
@pytest.mark.parametrize("command", ["show", "quote"])
def test_a_name_that_nobody_has_is_told_what_is_meant(run: Run, command: str, name: str, told: str) -> None:
    result = run(command, name)
    assert result.exit_code == 1
    assert told in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("film",), "maker/film-2.0: from $0.117, from 18 Stars, 0.18 credits"),
        (("film", "--prompt-length", "9"), "maker/film-2.0: $0.13, 20 Stars, 0.2 credits"),
        (("film", "duration=10", "--prompt-length", "9"), "maker/film-2.0: $0.26, 40 Stars, 0.4 credits"),
        (("film", "resolution=1080p", "clip=8s"), "maker/film-2.0: $0.507, 78 Stars, 0.78 credits"),
        (("film", "generate_audio=yes", "first_frame=1"), "maker/film-2.0: $0.13, 20 Stars, 0.2 credits"),
    ],
)
def test_an_order_is_priced(run: Run, arguments: tuple[str, ...], told: str) -> None:
    result = run("quote", *arguments)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == told
    assert ("The least it can be" in result.stdout) == ("from" in told)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("size=1",), "size: the model has no such option; it has resolution, duration, generate_audio"),
        (("duration=7",), "duration: 7 is not possible; possible: 5 | 10"),
        (("duration=long",), "duration: long is not possible"),
        (("generate_audio=maybe",), "generate_audio: maybe is not possible; possible: true | false"),
        (("resolution=1080p", "duration=10"), "do not go together: resolution = 1080p, duration = 10"),
        (("first_frame=1", "clip=3s"), "these exclude each other: first_frame, clip"),
        (("clip=2",), "video: files possible: 1, given: 2"),
        (("clip=1",), "there is no price for that: what it depends on is missing"),
        (("clip=some",), "clip=some: the model takes no such files"),
    ],
)
def test_an_order_that_is_not_possible_is_refused_in_words(
    run: Run, arguments: tuple[str, ...], told: str
) -> None:
    result = run("quote", "film", *arguments)
    assert result.exit_code == 1
    assert told in result.stderr


def test_a_locked_model_has_no_price(run: Run) -> None:
    result = run("quote", "unsure")
    assert result.exit_code == 1
    assert "unsure is locked: its price of 2026-11-01 is not confirmed" in result.stderr


def test_all_is_well(run: Run) -> None:
    result = run("check")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("2 models ready, 2 locked:\n")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            ('usd = "0.0195" }', 'usd = "0" }'),
            "maker: picture: price.flat.usd: Input should be greater than 0",
        ),
        (('id = "unsure"', 'id = "picture"'), "maker: picture: another model has this id"),
        (
            ('aliases = ["film"]', 'aliases = ["film", "picture"]'),
            "alias picture of maker/film-2.0 is left out",
        ),
        (
            ('field = "generate_audio"', 'field = "new_field"'),
            "maker/film-2.0: no text option-new-field in ru",
        ),
        (
            ("[api.endpoints.default]", "[api.endpoints.other]"),
            "picture: the [api] table has no endpoint default",
        ),
        (('instead = "film"', 'instead = "gone"'), "old-film: gone, which takes its place, is no model"),
        (("[[retired]]", "[[retirde]]"), "maker: models of provider maker: retirde"),
        (('path = "/v1', 'path = "v1'), "maker: models of provider maker: api.endpoints.default.path"),
        (("[api]", "[api"), "maker: models of provider maker cannot be read"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence_and_by_the_status(
    run: Run, house: Path, change: tuple[str, str], told: str
) -> None:
    assert change[0] in MODELS
    (house / "maker" / "models.toml").write_text(MODELS.replace(*change), encoding="utf-8")
    result = run("check")
    assert result.exit_code == 1
    assert told in result.stderr


def test_a_wrong_choice_of_free_models_is_told(run: Run) -> None:
    result = run("check", FREE_TIER_MODEL_IDS="picture,film")
    assert result.exit_code == 1
    assert "FREE_TIER_MODEL_IDS must name exactly 5 models" in result.stderr


def test_a_provider_that_is_not_there_is_told(run: Run, house: Path) -> None:
    shutil.rmtree(house / "maker")
    (house / "plugins.toml").write_text(
        "[providers.maker]\nmodule = './maker'\n[providers.other]\nmodule = 'no_such_module.at_all'\n",
        encoding="utf-8",
    )
    result = run("check")
    assert "maker: it has no models.toml; its models are known only while the bot runs" in result.stdout
    assert (result.exit_code, result.stderr) == (
        1,
        "other: no_such_module.at_all is not there: correct `module` in its table of plugins.toml, "
        "or install it\n",
    )


def test_settings_that_are_wrong_are_told(run: Run) -> None:
    result = run("list", PRICING_MARKUP="much")
    assert result.exit_code == 1
    assert "PRICING_MARKUP" in result.stderr


def _exported(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_the_export_has_a_file_for_each_category(run: Run, tmp_path: Path) -> None:
    result = run("export", "--by-category", str(tmp_path / "out"))
    assert result.exit_code == 0
    found = {path.name: [each["id"] for each in _exported(path)] for path in (tmp_path / "out").iterdir()}
    assert found == {"video.json": ["maker/film-2.0"], "image.json": ["picture"], "audio.json": []}


def test_the_setting_makes_the_same_of_a_plain_export(run: Run, tmp_path: Path) -> None:
    assert run("export", str(tmp_path / "one.json")).exit_code == 0
    assert [each["id"] for each in _exported(tmp_path / "one.json")] == ["maker/film-2.0", "picture"]
    assert run("export", str(tmp_path / "folder"), EXPORT_BY_CATEGORY="1").exit_code == 0
    assert [each["id"] for each in _exported(tmp_path / "folder" / "image.json")] == ["picture"]
    assert json.loads(run("export").stdout) == _exported(tmp_path / "one.json")


def test_each_model_is_exported_with_all_that_a_request_needs(run: Run) -> None:
    film = json.loads(run("export").stdout)[0]
    assert (film["name"], film["category"], film["provider"]) == ("Film", "video", "maker")
    assert (film["method"], film["base_url"], film["endpoint"]) == (
        "POST",
        "https://api.example.com",
        "/v1/film-two/run",
    )
    assert film["price"]["usd"] == "0.117"
    assert (film["price"]["stars"], film["price"]["is_least"]) == (18, True)
    assert film["price"]["rule"]["by"] == ["resolution", "media:clip"]
    assert film["params"]["duration"] == {
        "required": False,
        "type": "integer",
        "enum": [5, 10],
        "default": 5,
    }
    assert json_schema.fits(film["input_schema"], film["example"])
    assert film["example_request"]["url"] == "https://api.example.com/v1/film-two/run"
    assert film["example_request"]["body"] == {"input": film["example"]}


def test_a_place_that_cannot_be_written_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    result = run("export", "--by-category", str(tmp_path / "file"))
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_nothing_of_a_provider_is_run(run: Run) -> None:
    before = set(sys.modules)
    assert run("list").exit_code == 0
    assert not [name for name in set(sys.modules) - before if "maker" in name]


async def test_the_built_in_models_are_listed_in_a_process_of_its_own(cli: CommandLine) -> None:
    said = await cli("--plugins-file", str(ROOT / "plugins.toml"), "models", "check")
    assert (said.status, said.err) == (0, "")
    assert "models ready" in said.out
