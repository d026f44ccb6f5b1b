"""Replicate: https://replicate.com."""

from providers.replicate.provider import ReplicateConfig as Config
from providers.replicate.provider import ReplicateProvider as create

__all__ = ["Config", "create"]
