"""The plugin itself: all its parts together."""

from __future__ import annotations

from plugins.admin.books import Books
from plugins.admin.broadcast import Announcements
from plugins.admin.codes import Codes
from plugins.admin.front import Front
from plugins.admin.inbox import Inbox
from plugins.admin.jobs import Generated
from plugins.admin.model_pages import ModelSwitches
from plugins.admin.models import Models
from plugins.admin.money import Till
from plugins.admin.payments import Payments
from plugins.admin.people import Users
from plugins.admin.plugin_settings import PluginSettings
from plugins.admin.plugins_page import Plugins
from plugins.admin.roles import Roles
from plugins.admin.support import Support
from plugins.admin.upkeep import Maintenance
from starloom.api import AdminPage, AdminRole, hookimpl


class AdminPlugin(
    Front,
    Users,
    Generated,
    Roles,
    Plugins,
    PluginSettings,
    Announcements,
    Support,
    Maintenance,
    ModelSwitches,
    Till,
    Inbox,
    Payments,
    Codes,
    Books,
    Models,
):
    """Everything that operators do, from the chat."""

    name = "admin"
    version = "2.0"

    async def start(self) -> None:
        """Hear of what ends by itself, and of people's words, from now on."""
        await super().start()
        self.context.panel.broadcast_ended.append(self.tell_end)
        self.context.panel.support.listeners.append(self.tell_of_thread)

    async def stop(self) -> None:
        """Hear of no more."""
        self.context.panel.support.listeners.remove(self.tell_of_thread)
        self.context.panel.broadcast_ended.remove(self.tell_end)
        await super().stop()

    @hookimpl
    async def admin_pages(self) -> list[AdminPage]:
        """The pages of this plugin, in the order in which they stand."""
        admin, support = AdminRole.ADMIN, AdminRole.SUPPORT
        return [
            AdminPage("users", "admin-page-users", support, self.users_page),
            AdminPage("support", "admin-page-support", support, self.support_page),
            AdminPage("jobs", "admin-page-jobs", support, self.jobs_page),
            AdminPage("models", "admin-page-models", admin, self.models_page),
            AdminPage("money", "admin-page-money", admin, self.money_page),
            AdminPage("broadcasts", "admin-page-broadcasts", admin, self.broadcasts_page),
            AdminPage("plugins", "admin-page-plugins", admin, self.plugins_page),
            AdminPage("upkeep", "admin-page-upkeep", admin, self.upkeep_page),
            AdminPage("journal", "admin-page-journal", AdminRole.OWNER, self.journal_page),
            AdminPage("team", "admin-page-team", AdminRole.OWNER, self.team_page),
        ]
