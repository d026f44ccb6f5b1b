"""Kie.ai: video, image and audio models of many makers, behind one account."""

from providers.kie.provider import KieConfig as Config
from providers.kie.provider import KieProvider as create

__all__ = ["Config", "create"]
