"""Google's two ways to a video, each made of what the operator has set; or the reason why it is not there."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from pydantic import Field

from providers.veo.availability import Availability
from providers.veo.credentials import AccessTokens, CredentialsProblem, ServiceAccount
from providers.veo.omni import Omni
from providers.veo.sdk import MISSING, Libraries
from providers.veo.spool import Spool
from providers.veo.vertex import Place, Vertex
from starloom.api import Model, PluginConfig, ProviderContext, ProviderTask, Status

VERTEX = "vertex"
INTERACTIONS = "interactions"
_CREDENTIALS = "GOOGLE_APPLICATION_CREDENTIALS"
_PROJECT = "GOOGLE_CLOUD_PROJECT_ID"
_KEY = "GEMINI_API_KEY"


class VeoConfig(PluginConfig):
    """The settings of Google's models, beside the keys in the environment."""

    location: str = Field(default="us-central1", pattern=r"^[a-z0-9-]+$")
    """The region of Vertex AI that makes the videos."""
    vertex_url: str = Field(default="", pattern=r"^(https?://\S+[^/\s])?$")
    """Another server than Vertex AI's own."""
    gemini_url: str = Field(
        default="https://generativelanguage.googleapis.com", pattern=r"^https?://\S+[^/\s]$"
    )
    """The server of the Gemini API."""
    storage_url: str = Field(default="https://storage.googleapis.com", pattern=r"^https?://\S+[^/\s]$")
    """The server of Cloud Storage."""
    orders_per_minute: int = Field(default=50, ge=1)
    """How many generations may be asked for in a minute, by Google's own limit of a project."""
    polls_per_second: float = Field(default=5.0, gt=0)
    """How often Google may be asked about generations in one second."""
    token_models: tuple[str, ...] = ("gemini-3.5-flash-lite", "gemini-3.8-flash")
    """Text models that count the tokens of prompts: the first that is alive does."""
    token_seconds: float = Field(default=10.0, gt=0)
    """How long the tokens of a prompt may be counted, in seconds; then they are estimated."""
    probe_seconds: float = Field(default=4.0, gt=0)
    """How long the start waits to learn which models there are, in seconds."""
    probe_again_minutes: float = Field(default=10.0, gt=0)
    """How long after a probe that failed the next one follows."""
    keep_minutes: float = Field(default=120.0, gt=0)
    """How long a video is kept on disk that came inside a reply and was not delivered."""


class Route(Protocol):
    """One of Google's APIs."""

    async def probe(self, model: Model) -> Availability:
        """Whether a model can be ordered; raises ProviderError where nobody knows just now."""
        ...

    async def submit(self, task: ProviderTask, model: Model, options: Mapping[str, Any]) -> str:
        """Order a video once; the task id. Raises ProviderError, read as `submitting` reads it."""
        ...

    async def poll(self, task_id: str) -> Status:
        """What became of a task."""
        ...

    async def cancel(self, task_id: str) -> bool:
        """Stop a task; True if it makes nothing."""
        ...

    async def count_tokens(self, model: str, prompt: str, request_id: str) -> int:
        """How many tokens a text model sees in a prompt."""
        ...

    def open(self, address: str) -> AsyncIterator[bytes]:
        """The bytes of a video at one of this API's own addresses."""
        ...

    async def close(self) -> None:
        """Give up what it holds."""
        ...


class RouteMissing(Exception):
    """A route cannot be made. The message is a sentence for the operator that says what to do."""


async def vertex_route(context: ProviderContext[VeoConfig], spool: Spool) -> Vertex:
    """The route to Vertex AI.

    Raises:
        RouteMissing: the library or the service account is missing.

    """
    path = context.secret(_CREDENTIALS)
    if not path:
        raise RouteMissing(f"{_CREDENTIALS} is not set: give it the key file of a service account")
    try:
        account = ServiceAccount.read(Path(path))
    except CredentialsProblem as problem:
        raise RouteMissing(f"{_CREDENTIALS}: the file {problem}") from None
    project = context.secret(_PROJECT) or account.project
    if not project:
        raise RouteMissing(f"{_PROJECT} is not set")
    libraries = await Libraries.load()
    if libraries is None:
        raise RouteMissing(MISSING)
    try:
        signer = libraries.signer(account)
    except CredentialsProblem as problem:
        raise RouteMissing(f"{_CREDENTIALS}: the file {problem}") from None
    config = context.config
    place = Place(
        project=project,
        location=config.location,
        base_url=config.vertex_url,
        storage_url=config.storage_url,
        output=context.secret("VEO_OUTPUT_GCS_URI") or "",
    )
    tokens = AccessTokens(account, signer, http=context.http, clock=context.clock)
    return Vertex(place, tokens, libraries, http=context.http, spool=spool)


async def interactions_route(context: ProviderContext[VeoConfig], spool: Spool) -> Omni:
    """The route to the Gemini API.

    Raises:
        RouteMissing: there is no key.

    """
    key = context.secret(_KEY)
    if not key:
        raise RouteMissing(f"{_KEY} is not set")
    return Omni(key, base_url=context.config.gemini_url, http=context.http, spool=spool)
