"""The roles of those who operate the bot, from the one who may only look to the one who may everything."""

from __future__ import annotations

from enum import StrEnum


class AdminRole(StrEnum):
    """What somebody may do in the panel. Each role may do all that those before it may."""

    VIEWER = "viewer"
    """Looks at figures and changes nothing."""
    SUPPORT = "support"
    """Answers people, looks their generations and payments up, and delivers again what they have paid for."""
    ADMIN = "admin"
    """Runs the bot: money, models, plugins, broadcasts, maintenance."""
    OWNER = "owner"
    """Appoints and dismisses the others. Those of `ADMIN_IDS` are owners and cannot be dismissed."""

    def covers(self, needed: AdminRole) -> bool:
        """Whether whoever has this role may do what `needed` is asked for."""
        return _RANK[self] >= _RANK[needed]


_RANK = {role: rank for rank, role in enumerate(AdminRole)}


def may(role: AdminRole | None, needed: AdminRole | None) -> bool:
    """Whether somebody with `role` may do what needs `needed`; None needs none."""
    return needed is None or (role is not None and role.covers(needed))
