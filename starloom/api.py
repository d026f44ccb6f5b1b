"""Everything that a plugin or a provider may use, and nothing else: import from here only.

What stands here keeps its meaning within one major version of `API_VERSION`.
"""

from __future__ import annotations

from core.billing.amounts import Amounts
from core.billing.assembly import Billing
from core.billing.cases import Case, CaseState, case_token
from core.billing.desk import PaidBack
from core.billing.ledger import Balance, Entry
from core.billing.orders import OrderKind
from core.billing.promo import PromoCode, PromoState
from core.billing.refund_outcome import RefundPreview
from core.billing.settings import MAX_PAYMENT, Plan
from core.billing.subscriptions import Subscription, SubscriptionState
from core.billing.topups import TopUp
from core.clock import Clock
from core.errors import (
    ConfigurationError,
    InsufficientStars,
    LedgerError,
    MessageGone,
    PersonUnreachable,
    PluginError,
    ProviderError,
    StarloomError,
    TelegramError,
    UserFacingError,
)
from core.events import CallbackEvent, Event, MessageEvent, PreCheckoutEvent
from core.generation.job import ACTIVE_STATES, STOPPABLE_STATES, Job, JobState
from core.generation.model import (
    ByOptionPrice,
    Category,
    FlatPrice,
    Model,
    ModelList,
    Option,
    PerSecondPrice,
    Price,
    Quote,
)
from core.generation.models_file import read_models
from core.generation.provider import (
    Failed,
    FailureReason,
    Provider,
    ProviderTask,
    Result,
    Running,
    Status,
    SubmissionRefused,
    SubmissionUnknown,
    Succeeded,
    Waiting,
)
from core.generation.service import DryRun, Generations, PriceChanged, TooManyActive
from core.hooks import Refusal
from core.i18n import Html, Translator
from core.plugin import (
    API_VERSION,
    Admins,
    Catalogue,
    EnabledCommand,
    People,
    Plugin,
    PluginConfig,
    PluginContext,
    PluginLedger,
    PluginOutbox,
    PluginStore,
    ProviderContext,
    callback,
    command,
    hookimpl,
    on_payment,
    on_pre_checkout,
    on_start,
    on_text,
    step,
)
from core.storage.payments import Paid
from core.storage.refunds import RefundState, Shortage
from core.telegram.types import (
    Button,
    Chat,
    ChatKind,
    IncomingMedia,
    Invoice,
    Keyboard,
    MediaKind,
    Message,
    MessageRef,
    Payment,
    Profile,
)
from core.users import Dialogue, User

__all__ = [
    "ACTIVE_STATES",
    "API_VERSION",
    "MAX_PAYMENT",
    "STOPPABLE_STATES",
    "Admins",
    "Amounts",
    "Balance",
    "Billing",
    "Button",
    "ByOptionPrice",
    "CallbackEvent",
    "Case",
    "CaseState",
    "Catalogue",
    "Category",
    "Chat",
    "ChatKind",
    "Clock",
    "ConfigurationError",
    "Dialogue",
    "DryRun",
    "EnabledCommand",
    "Entry",
    "Event",
    "Failed",
    "FailureReason",
    "FlatPrice",
    "Generations",
    "Html",
    "IncomingMedia",
    "InsufficientStars",
    "Invoice",
    "Job",
    "JobState",
    "Keyboard",
    "LedgerError",
    "MediaKind",
    "Message",
    "MessageEvent",
    "MessageGone",
    "MessageRef",
    "Model",
    "ModelList",
    "Option",
    "OrderKind",
    "Paid",
    "PaidBack",
    "Payment",
    "People",
    "PerSecondPrice",
    "PersonUnreachable",
    "Plan",
    "Plugin",
    "PluginConfig",
    "PluginContext",
    "PluginError",
    "PluginLedger",
    "PluginOutbox",
    "PluginStore",
    "PreCheckoutEvent",
    "Price",
    "PriceChanged",
    "Profile",
    "PromoCode",
    "PromoState",
    "Provider",
    "ProviderContext",
    "ProviderError",
    "ProviderTask",
    "Quote",
    "RefundPreview",
    "RefundState",
    "Refusal",
    "Result",
    "Running",
    "Shortage",
    "StarloomError",
    "Status",
    "SubmissionRefused",
    "SubmissionUnknown",
    "Subscription",
    "SubscriptionState",
    "Succeeded",
    "TelegramError",
    "TooManyActive",
    "TopUp",
    "Translator",
    "User",
    "UserFacingError",
    "Waiting",
    "callback",
    "case_token",
    "command",
    "hookimpl",
    "on_payment",
    "on_pre_checkout",
    "on_start",
    "on_text",
    "read_models",
    "step",
]
