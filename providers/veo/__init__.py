"""Google: Veo on Vertex AI with a service account, Gemini Omni with an API key."""

from providers.veo.provider import VeoProvider as create
from providers.veo.routes import VeoConfig as Config

__all__ = ["Config", "create"]
