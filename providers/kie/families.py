"""The APIs that Kie.ai takes tasks by: where each is asked, and how its bodies are made up.

Kie.ai gives a task's id no mark of its API, so ours carries one: `veo:<their id>`. Ids of the Jobs API, which
takes nearly every model, are bare.

Source: https://docs.kie.ai/market/common/get-task-detail, https://docs.kie.ai/old-model/veo3-api/quickstart,
https://docs.kie.ai/old-model/veo3-api/extend-video, https://docs.kie.ai/old-model/flux-kontext-api/quickstart
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from starloom.api import Model

_SEPARATOR = ":"
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Family:
    """One address for tasks. `name` is that of the API whose `record` tells of them, `create` another path.

    `wraps_input` tells whether inputs stand in `input`.
    """

    name: str
    create: str
    record: str
    wraps_input: bool
    names_model: bool = True

    def task_id(self, theirs: str) -> str:
        """Our id of a task that this API calls `theirs`."""
        return theirs if self is JOBS else f"{self.name}{_SEPARATOR}{theirs}"


JOBS = Family("jobs", "/api/v1/jobs/createTask", "/api/v1/jobs/recordInfo", wraps_input=True)
"""Nearly every model."""
VEO = Family("veo", "/api/v1/veo/generate", "/api/v1/veo/record-info", wraps_input=False)
"""The only documented way to choose Veo's tier."""
FLUX_KONTEXT = Family(
    "flux-kontext", "/api/v1/flux/kontext/generate", "/api/v1/flux/kontext/record-info", wraps_input=False
)
"""The only documented way to choose between Flux Kontext Pro and Max."""
VEO_EXTEND = Family(
    "veo", "/api/v1/veo/extend", "/api/v1/veo/record-info", wraps_input=False, names_model=False
)
"""Goes on from tasks of Veo's API, and makes such; the only documented way to choose the tier of that."""

_APIS: Mapping[str, Family] = {family.name: family for family in (JOBS, VEO, FLUX_KONTEXT)}
"""Where records are, by what ids of tasks begin with."""
FAMILIES: Mapping[str, Family] = {**_APIS, "veo-extend": VEO_EXTEND}
"""All of them by the `endpoint` of their models."""


def family_of(model: Model) -> Family:
    """The API that takes a model."""
    return FAMILIES[model.endpoint] if model.endpoint else JOBS


def read_task_id(task_id: str) -> tuple[Family, str]:
    """The API of one of our task ids, and what the task is called there."""
    name, separator, theirs = task_id.partition(_SEPARATOR)
    if separator and name in _APIS:
        return _APIS[name], theirs
    return JOBS, task_id


def is_task_id(theirs: object) -> TypeGuard[str]:
    """Whether this can be the id of a task at Kie.ai."""
    return isinstance(theirs, str) and 0 < len(theirs) <= _LONGEST_ID and theirs.isprintable()


def family_of_callback(data: Mapping[str, Any]) -> Family:
    """The API that a callback with this `data` comes from."""
    if "state" in data or "resultJson" in data:
        return JOBS
    info = data.get("info")
    if isinstance(info, Mapping) and "resultImageUrl" in info:
        return FLUX_KONTEXT
    return VEO if {"info", "fallbackFlag", "promptJson"} & data.keys() else JOBS
