"""Every `models.toml` of the tree, as it stands and as it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from core.generation.model import Model, ModelList
from core.generation.models_file import read_models

ROOT = Path(__file__).parents[2]


@cache
def model_lists() -> Mapping[str, ModelList]:
    """What each provider's file tells, by the provider's name."""
    paths = sorted((ROOT / "providers").glob("*/models.toml"))
    return {path.parent.name: read_models(path, provider=path.parent.name) for path in paths}


@cache
def all_models() -> Mapping[str, Model]:
    """Every model of the tree by its id."""
    return {model.id: model for offered in model_lists().values() for model in offered.models}


@cache
def model_tables() -> Mapping[str, dict[str, Any]]:
    """The same as their files have it."""
    return {
        table["id"]: table
        for provider in model_lists()
        for table in tomllib.loads(
            (ROOT / "providers" / provider / "models.toml").read_text(encoding="utf-8")
        )["models"]
    }
