"""What plugins stand on: the line to Telegram, who operates the bot, what people give, what is counted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from core.admin.presence import Presence
from core.admin.support import Listener
from core.admin.team import Team
from core.admin.upkeep import LogLevel
from core.alerts import AdminAlerts
from core.charts.easel import Easel
from core.derived_keys import callback_secrets
from core.duties import Duties, Shared
from core.generation.accounts import Accounts
from core.generation.model_policy import ModelPolicies
from core.generation.provider import Provider
from core.generation.registry import Registry
from core.maintenance import Maintenance
from core.media.desk import MediaDesk
from core.media.files import InputFiles
from core.media.workshop import Workshop
from core.menu import CommandMenu
from core.observability.logging import set_level
from core.plugins.status import Alert
from core.routes import Routes
from core.statistics.counter import Counter
from core.statistics.statistics import Collect, StatisticsBook
from core.storage.stores import Stores
from core.telegram.assembly import build_client, build_proxies
from core.telegram.client import ClientTiming
from core.telegram.files import FileOutbox
from core.telegram.keyboards import CallbackSigner
from core.telegram.message_files import MessageFiles
from core.telegram.outbox import Outbox
from core.telegram.people import People
from core.telegram.uploader import Uploader


class Foundation:
    """The parts of a spell of duty that need none of those that are built on them.

    `collect_sections` asks plugins for their sections of statistics, `note_alert` is told of what admins are.

    Raises:
        ConfigurationError: there is no token.

    """

    def __init__(
        self,
        shared: Shared,
        duties: Duties,
        timing: ClientTiming,
        stores: Stores,
        *,
        collect_sections: Collect,
        note_alert: Callable[[Alert], Awaitable[None]],
    ) -> None:
        settings, clock, metrics, limits = shared.settings, shared.clock, shared.metrics, shared.file.limits
        follow_seconds = limits.plugins.follow_seconds
        self._users = stores.users
        self.secrets = callback_secrets(settings)
        self.signer = CallbackSigner(*self.secrets)
        self.proxies = build_proxies(settings, clock, metrics)
        self.client = build_client(
            settings,
            stores.session,
            clock,
            metrics,
            reads_updates=duties.reads_updates,
            directory=shared.directory,
            timing=timing,
            proxies=self.proxies,
        )
        self.outbox = Outbox(
            self.client,
            clock,
            limits.sending,
            sent=stores.sent,
            signer=self.signer,
            unreachable=self._unreachable,
        )
        self.uploader = Uploader(self.client, observe=metrics.uploaded_bytes.inc)
        self.files = FileOutbox(self.outbox, self.uploader, stores.sent)
        self.message_files = MessageFiles(self.client)
        self.routes = Routes()
        self.team = Team(
            stores.team,
            stores.audit,
            clock,
            owners=settings.admin_ids,
            follow_seconds=follow_seconds,
            changed=self._role_changed,
        )
        self.menu = CommandMenu(self.routes.commands, shared.i18n, self.outbox.set_commands, self.team.roles)
        self.people = People(stores.users, shared.i18n, self.team.role_of)
        self.presence = Presence(clock)
        self.alerts = AdminAlerts(
            self.outbox,
            stores.users,
            shared.i18n,
            self.team.who_run_it,
            clock,
            also=note_alert,
            note=stores.errors.write,
        )
        self.accounts = Accounts(lambda: _asked(shared.registry), clock=clock, metrics=metrics)
        self.inputs = InputFiles(shared.inputs, clock)
        self.media = MediaDesk(
            store=shared.inputs,
            files=self.inputs,
            fetch=self.uploader.download,
            look=self.message_files.media_in,
            workshop=Workshop(),
            directory=shared.directory / "incoming" / duties.instance,
        )
        self.charts = Easel(shared.directory / "charts")
        zone = shared.file.statistics.zone
        self.statistics = StatisticsBook(stores.rollups, clock, zone, collect_sections)
        self.support_listeners: list[Listener] = []
        self.counter = Counter(stores.jobs, stores.rollups, clock, zone)
        self.policies = shared.policies or ModelPolicies(
            shared.registry, shared.free, stores.settings, clock, follow_seconds=follow_seconds
        )
        self.maintenance = Maintenance(stores.settings, clock, follow_seconds=follow_seconds)
        self.level = LogLevel(stores.settings, clock, set_level, follow_seconds=follow_seconds)

    async def _unreachable(self, user_id: int) -> None:
        await self._users.set_blocked(user_id, True)

    def _role_changed(self, user_id: int) -> None:
        self.menu.role_changed(user_id)


def _asked(registry: Registry) -> list[Provider]:
    """The providers whose accounts are asked for: where another one stands in, nothing is asked of them."""
    return [provider for provider in registry.providers() if not registry.stood_in(provider.name)]
