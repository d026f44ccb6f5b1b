"""The demo provider: real media made on this machine from the prompt, with no account anywhere."""

from providers.demo.provider import DemoConfig as Config
from providers.demo.provider import DemoProvider as create

__all__ = ["Config", "create"]
