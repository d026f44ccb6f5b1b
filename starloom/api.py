"""Everything that a plugin or a provider may use, and nothing else: import from here only.

What stands here keeps its meaning within one major version of `API_VERSION`: names may be added, which raises
the minor version; what is to go warns for one minor version at least (`starloom.deprecations`). `docs/api.md`
lists all of it; `python -m starloom.reference` writes that page, and a test compares it with the code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from core.admin.jobs import Stage, can_be_roused, seen_of, timeline
from core.admin.models import ModelCard
from core.admin.money import Totals
from core.admin.overview import Glance
from core.admin.pages import AdminPage, OwnedPage, Screen, panel_button
from core.admin.panel import Panel
from core.admin.people import PersonCard, PersonFigures, people_csv
from core.admin.plugin_settings import SettingKind, SettingLine, SettingRefused
from core.admin.roles import AdminRole, may
from core.admin.support import SupportLine
from core.admin.upkeep import LEVELS, Instance
from core.alerts import alert_words
from core.billing.amounts import Amounts
from core.billing.assembly import Billing
from core.billing.cases import Case, CaseState, case_token
from core.billing.desk import PaidBack
from core.billing.ledger import Balance, Entry
from core.billing.offers import Offer
from core.billing.orders import OrderKind
from core.billing.promo import PromoCode, PromoState
from core.billing.refund_outcome import RefundPreview
from core.billing.settings import MAX_PAYMENT
from core.billing.subscriptions import Subscription, SubscriptionState
from core.billing.topups import TopUp
from core.broadcast.broadcasts import Steered, is_over
from core.budgets.budgets import Budget
from core.budgets.levels import Level, level_of, percent_of
from core.charts.chart import Bars, Chart, Rank, Ranking, Series, Tone, spaced, ticks_to
from core.charts.easel import ChartNotDrawn, Easel
from core.clock import Clock
from core.errors import (
    DatabaseAway,
    FileReferenceExpired,
    FloodWaited,
    InsufficientStars,
    PersonUnreachable,
    PluginError,
    ProviderError,
    StarloomError,
    TelegramError,
    UserFacingError,
)
from core.events import CallbackEvent, Event, InlineEvent, MessageEvent, PreCheckoutEvent
from core.generation.accounts import AccountReading
from core.generation.filling import fill, names_in
from core.generation.history import HistoryPage, JobMoney, files_of
from core.generation.job import MADE_STATES, Job, JobState
from core.generation.labels import value_label
from core.generation.model import Category, Model, ModelList, Quote
from core.generation.models_file import read_models
from core.generation.option_menu import (
    OptionMenu,
    allowed_in_words,
    choice_in_words,
    option_page,
    option_title,
    options_in_words,
    read_option,
)
from core.generation.options import MediaInput, Option, OptionValue
from core.generation.ordering import bringing_inputs, checked_options, submitting
from core.generation.prices import (
    Facts,
    Price,
)
from core.generation.progress import DeliveryProgress, DeliveryStage
from core.generation.provider import (
    Account,
    CallbackNews,
    CallbackRefused,
    CallbackRequest,
    CountsTokens,
    Failed,
    FailureReason,
    FindsTasks,
    InputFile,
    PolledWithin,
    Provider,
    ProviderTask,
    Result,
    Running,
    SafetyFilter,
    Status,
    SubmissionRefused,
    SubmissionUnknown,
    Succeeded,
    TakesCallbacks,
    TokenCount,
    Waiting,
)
from core.generation.refused import PriceChanged, TooManyActive
from core.generation.service import Generations
from core.generation.sources import GivenSource, Source
from core.generation.sync_changes import ModelChanges
from core.generation.sync_news import price_words
from core.generation.sync_upstream import (
    ListsModels,
    SaysWhyUnlisted,
    UpstreamList,
    UpstreamOffer,
    UpstreamReading,
)
from core.generation.time_words import about_time
from core.hooks import Refusal
from core.http.provider_http import ProviderHttp
from core.http.reply import BadReply, NotSent, Reply, ReplyLost
from core.i18n import Html, Translator, with_places
from core.media.desk import Taken
from core.media.given import GivenFile
from core.notifications.notification import (
    ALERTS,
    AnyType,
    Bulletin,
    Notification,
    NotificationType,
    OwnType,
    Severity,
)
from core.operations import Operations
from core.plugin import API_VERSION, Plugin, PluginConfig, PluginContext, ProviderContext, hookimpl
from core.plugin_handlers import (
    callback,
    command,
    on_edit,
    on_inline,
    on_payment,
    on_pre_checkout,
    on_start,
    on_text,
    step,
    web_route,
)
from core.plugin_powers import (
    PluginCollection,
    PluginCounter,
    PluginGauge,
    PluginHistogram,
    PluginMetrics,
    PluginSchedule,
    WebReply,
    WebRequest,
)
from core.plugin_views import (
    Admins,
    Catalogue,
    EnabledCommand,
    MenuPlace,
    People,
    PluginLedger,
    PluginMedia,
    PluginNotes,
    PluginNotifications,
    PluginOutbox,
    PluginStore,
    ProviderAccounts,
)
from core.plugins.status import PluginState, PluginStatus, Unhealthy
from core.preferences import Preference, Preferences, Units
from core.privacy import Privacy, Standing
from core.production.account import is_production
from core.production.figures import RunFigures, figures_of
from core.production.production import Production
from core.production.run import Run, RunState
from core.production.series import Character, Missed, Platform, Rotation, VideoSeries
from core.proxies import ProxyState
from core.statistics.periods import Period, Span
from core.statistics.record import Outcome
from core.statistics.sections import Section
from core.statistics.statistics import Statistics
from core.statistics.summary import Summary
from core.storage.broadcasts import Broadcast, BroadcastState
from core.storage.catalogue import ModelState
from core.storage.claims import Claim
from core.storage.history import HistoryRow
from core.storage.payments import Paid
from core.storage.people_search import Activity, Audience, PersonRow
from core.storage.refunds import RefundState, Shortage
from core.storage.support import SupportThread
from core.telegram.types import (
    Button,
    Chat,
    ChatKind,
    IncomingMedia,
    InlineButton,
    InlineFile,
    InlineResult,
    InlineText,
    Keyboard,
    MediaKind,
    Message,
    MessageRef,
)
from core.timetable.cron import Cron
from core.timetable.moments import moment_of
from core.users import Dialogue, User
from starloom.deprecations import deprecated as _deprecated

if not _TYPE_CHECKING:

    def __getattr__(name: str) -> _Any:
        """Names that are going; type checkers do not know them any more."""
        return _deprecated(name)


__all__ = [
    "ALERTS",
    "API_VERSION",
    "LEVELS",
    "MADE_STATES",
    "MAX_PAYMENT",
    "Account",
    "AccountReading",
    "Activity",
    "AdminPage",
    "AdminRole",
    "Admins",
    "Amounts",
    "AnyType",
    "Audience",
    "BadReply",
    "Balance",
    "Bars",
    "Billing",
    "Broadcast",
    "BroadcastState",
    "Budget",
    "Bulletin",
    "Button",
    "CallbackEvent",
    "CallbackNews",
    "CallbackRefused",
    "CallbackRequest",
    "Case",
    "CaseState",
    "Catalogue",
    "Category",
    "Character",
    "Chart",
    "ChartNotDrawn",
    "Chat",
    "ChatKind",
    "Claim",
    "Clock",
    "CountsTokens",
    "Cron",
    "DatabaseAway",
    "DeliveryProgress",
    "DeliveryStage",
    "Dialogue",
    "Easel",
    "EnabledCommand",
    "Entry",
    "Event",
    "Facts",
    "Failed",
    "FailureReason",
    "FileReferenceExpired",
    "FindsTasks",
    "FloodWaited",
    "Generations",
    "GivenFile",
    "GivenSource",
    "Glance",
    "HistoryPage",
    "HistoryRow",
    "Html",
    "IncomingMedia",
    "InlineButton",
    "InlineEvent",
    "InlineFile",
    "InlineResult",
    "InlineText",
    "InputFile",
    "Instance",
    "InsufficientStars",
    "Job",
    "JobMoney",
    "JobState",
    "Keyboard",
    "Level",
    "ListsModels",
    "MediaInput",
    "MediaKind",
    "MenuPlace",
    "Message",
    "MessageEvent",
    "MessageRef",
    "Missed",
    "Model",
    "ModelCard",
    "ModelChanges",
    "ModelList",
    "ModelState",
    "NotSent",
    "Notification",
    "NotificationType",
    "Offer",
    "Operations",
    "Option",
    "OptionMenu",
    "OptionValue",
    "OrderKind",
    "Outcome",
    "OwnType",
    "OwnedPage",
    "Paid",
    "PaidBack",
    "Panel",
    "People",
    "Period",
    "PersonCard",
    "PersonFigures",
    "PersonRow",
    "PersonUnreachable",
    "Platform",
    "Plugin",
    "PluginCollection",
    "PluginConfig",
    "PluginContext",
    "PluginCounter",
    "PluginError",
    "PluginGauge",
    "PluginHistogram",
    "PluginLedger",
    "PluginMedia",
    "PluginMetrics",
    "PluginNotes",
    "PluginNotifications",
    "PluginOutbox",
    "PluginSchedule",
    "PluginState",
    "PluginStatus",
    "PluginStore",
    "PolledWithin",
    "PreCheckoutEvent",
    "Preference",
    "Preferences",
    "Price",
    "PriceChanged",
    "Privacy",
    "Production",
    "PromoCode",
    "PromoState",
    "Provider",
    "ProviderAccounts",
    "ProviderContext",
    "ProviderError",
    "ProviderHttp",
    "ProviderTask",
    "ProxyState",
    "Quote",
    "Rank",
    "Ranking",
    "RefundPreview",
    "RefundState",
    "Refusal",
    "Reply",
    "ReplyLost",
    "Result",
    "Rotation",
    "Run",
    "RunFigures",
    "RunState",
    "Running",
    "SafetyFilter",
    "SaysWhyUnlisted",
    "Screen",
    "Section",
    "Series",
    "SettingKind",
    "SettingLine",
    "SettingRefused",
    "Severity",
    "Shortage",
    "Source",
    "Span",
    "Stage",
    "Standing",
    "StarloomError",
    "Statistics",
    "Status",
    "Steered",
    "SubmissionRefused",
    "SubmissionUnknown",
    "Subscription",
    "SubscriptionState",
    "Succeeded",
    "Summary",
    "SupportLine",
    "SupportThread",
    "Taken",
    "TakesCallbacks",
    "TelegramError",
    "TokenCount",
    "Tone",
    "TooManyActive",
    "TopUp",
    "Totals",
    "Translator",
    "Unhealthy",
    "Units",
    "UpstreamList",
    "UpstreamOffer",
    "UpstreamReading",
    "User",
    "UserFacingError",
    "VideoSeries",
    "Waiting",
    "WebReply",
    "WebRequest",
    "about_time",
    "alert_words",
    "allowed_in_words",
    "bringing_inputs",
    "callback",
    "can_be_roused",
    "case_token",
    "checked_options",
    "choice_in_words",
    "command",
    "figures_of",
    "files_of",
    "fill",
    "hookimpl",
    "is_over",
    "is_production",
    "level_of",
    "may",
    "moment_of",
    "names_in",
    "on_edit",
    "on_inline",
    "on_payment",
    "on_pre_checkout",
    "on_start",
    "on_text",
    "option_page",
    "option_title",
    "options_in_words",
    "panel_button",
    "people_csv",
    "percent_of",
    "price_words",
    "read_models",
    "read_option",
    "seen_of",
    "spaced",
    "step",
    "submitting",
    "ticks_to",
    "timeline",
    "value_label",
    "web_route",
    "with_places",
]
