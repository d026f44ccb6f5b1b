"""What a plugin that is granted the panel may do: look at all that runs, and change it for everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.admin.jobs import JobDesk
from core.admin.models import ModelDesk
from core.admin.money import Turnover
from core.admin.overview import Overview
from core.admin.pages import AdminPages
from core.admin.people import PeopleDesk
from core.admin.support import SupportDesk
from core.admin.switchboard import Switchboard
from core.admin.team import Team
from core.admin.upkeep import Upkeep
from core.broadcast.broadcasts import Broadcasts
from core.storage.audit import AuditLog
from core.storage.broadcasts import Broadcast
from core.storage.people_search import PeopleSearch


@dataclass(frozen=True, slots=True)
class Panel:
    """The services behind the admin panel. Each change tells the audit log who made it, before and after."""

    team: Team
    audit: AuditLog
    pages: AdminPages
    overview: Overview
    people: PeopleSearch
    desk: PeopleDesk
    jobs: JobDesk
    models: ModelDesk
    money: Turnover
    support: SupportDesk
    upkeep: Upkeep
    plugins: Switchboard
    broadcasts: Broadcasts
    broadcast_ended: list[Callable[[Broadcast], Awaitable[None]]]
    """Who is told of each broadcast that is over; it may be told again after a crash."""
