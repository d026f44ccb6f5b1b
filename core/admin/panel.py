"""What a plugin that is granted the panel may do: look at all that runs, and change it for everybody."""

from __future__ import annotations

from dataclasses import dataclass

from core.admin.pages import AdminPages
from core.admin.team import Team


@dataclass(frozen=True, slots=True)
class Panel:
    """The services behind the admin panel. Each change tells the audit log who made it, before and after."""

    team: Team
    pages: AdminPages
