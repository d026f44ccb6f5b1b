"""A2E (also MakeFun AI): https://a2e.ai."""

from providers.a2e.provider import A2eConfig as Config
from providers.a2e.provider import A2eProvider as create

__all__ = ["Config", "create"]
