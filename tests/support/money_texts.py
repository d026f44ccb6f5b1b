"""Every text about money beside what the ledger has done when it is said."""

from __future__ import annotations

from enum import Enum


class Outcome(Enum):
    """What has happened to somebody's Stars, by the ledger's accounts."""

    NOTHING = "no entry"
    PURCHASED = "telegram:stars -> user"
    TOPPED_UP = "manual -> user"
    GIVEN = "promo -> user"
    CORRECTED_UP = "adjustment -> user"
    CORRECTED_DOWN = "user -> adjustment"
    RELEASED = "held -> user"
    REFUNDED = "user -> refund"
    BONUS_LOST = "user -> promo"
    FORGIVEN = "adjustment -> debt"


SAID: dict[Outcome, str] = {
    Outcome.NOTHING: """
        history-money-free history-money-nothing
        admin-reconcile-history admin-refund-before admin-refund-short admin-refund-state-none
        admin-refund-under-way alert-payment-currency alert-reconcile-failed alert-reconcile-history
        balance-short balance-short-in-group budget-reached-day budget-reached-month buy-dropped
        buy-old-button cancel-left
        dialogue-expired dry-run
        feature-busy free-now generate-balance-short generate-dropped generate-file-wanted
        generate-free-now generate-free-over generate-old-button
        generate-price-changed generate-short-in-group generate-words-only grant-bad-amount media-not-kept
        model-bad-price money-free-daily
        money-free-newcomer money-untouched not-free-any-more order-amount order-banned order-changed
        order-currency order-expired order-foreign order-link-expired order-link-unknown order-off
        order-paid order-rehearsal order-terms order-unknown original-gone payment-late
        payment-unavailable plan-failed queue-full result-gone source-gone source-missing source-too-old
        source-unfit
        plan-gone plan-over plan-resume-there plugin-gate-failed price-changed promo-bad-stars
        refund-case-nothing-earned refund-case-refused refund-case-short refund-charge-unknown
        refund-generation-free refund-letter-declined refund-made-before refund-state-declined
        terms-declined too-many-active topup-correction-unclear topup-declined topup-declined-unreadable
        topup-declined-used
    """,
    Outcome.PURCHASED: """
        alert-payment-sale alert-payment-stuck alert-payment-unknown alert-reconcile-unlisted
        payment-but-busy payment-but-dry payment-but-late payment-but-made payment-but-price
        payment-but-refused payment-but-short payment-generation-begins payment-money payment-received
        payment-sale-failed payment-sale-off payment-sale-refused payment-sale-short payment-unknown
        payment-with-rest
        plan-renewed plan-started
    """,
    Outcome.TOPPED_UP: """
        admin-decision-amount admin-decision-rub admin-decision-topup-approve topup-credited
        topup-credited-other-roubles topup-credited-other-stars
    """,
    Outcome.GIVEN: "promo-late promo-redeemed promo-yours referral-bonus",
    Outcome.CORRECTED_UP: "admin-grant-given grant-letter refund-letter-generation",
    Outcome.CORRECTED_DOWN: "admin-grant-taken grant-taken-letter",
    Outcome.RELEASED: """
        history-money-returned
        money-returned money-returned-to-debt notice-balance-short notice-cancelled notice-expired
        notice-input-rejected notice-key-limit notice-not-collected notice-out-of-credit notice-provider-fault
        notice-rate-limited notice-safety notice-source-gone notice-submission-lost notice-took-too-long
        notice-unauthorized notice-unavailable notice-undeliverable notice-withheld
    """,
    Outcome.REFUNDED: "admin-case-debt refund-letter refund-letter-telegram",
    Outcome.BONUS_LOST: "referral-taken-back",
    Outcome.FORGIVEN: "admin-debt-forgiven entry-forgiven refund-letter-forgiven",
}
"""The keys of the texts that tell of an outcome."""

PLAIN = """
    admin-broadcast-ask-gift admin-broadcast-gift admin-broadcast-of-stars admin-broadcast-sure
    admin-chart-stars admin-front-money admin-person-give-ask admin-user admin-user-give
    admin-users-column-paid admin-users-column-payments
    admin-model admin-model-open admin-model-price-ask admin-money admin-money-debts admin-money-export
    admin-money-inbox admin-money-totals admin-money-ways
    admin-job-did-cancel admin-job-refunded
    admin-job admin-job-cancel admin-job-over admin-job-refund admin-state-held admin-state-released
    admin-account-debt admin-account-refund admin-account-user admin-amount-ask admin-ask-code-stars
    admin-balance admin-case-generation admin-case-missing admin-case-payment admin-case-refund
    admin-case-topup admin-debt admin-debt-ask admin-debts admin-debts-command
    admin-decision-debt-forgive admin-decision-debt-keep admin-decision-refund-debt
    admin-decision-refund-forgive admin-decision-refund-refund admin-do-approve admin-do-debt
    admin-do-forgive admin-do-forgive-debt admin-do-give-back admin-do-keep admin-do-refund
    admin-do-roubles admin-entry admin-grant-command admin-grant-give admin-grant-give-ask
    admin-grant-take admin-grant-take-ask admin-grant-usage admin-kind-stars admin-payment
    admin-payment-command admin-payment-usage admin-payments admin-payments-command admin-payments-line
    admin-payments-none admin-payments-open admin-payments-usage admin-promo admin-promo-line
    admin-promos-usage admin-reconcile admin-refund-done admin-refund-preview admin-refund-state
    admin-refund-state-taking admin-refund-state-undoing admin-refund-waiting alert-model-gone
    alert-payment-conflict
    alert-reconcile-refund-unlisted balance balance-command balance-less balance-more balance-owed buy
    buy-amount-fraction buy-amount-no-number buy-amount-too-little buy-amount-too-much buy-ask-amount
    buy-command buy-invoice-below buy-package buy-rehearsal credits entry-bonus entry-feature-returned
    entry-given-back entry-owed entry-purchase entry-referral entry-referral-taken-back entry-refund
    entry-refund-undone entry-repaid entry-returned entry-written-off generate-again
    generate-balance-owed generate-can-be-paid generate-confirm generate-from generate-invoice-below
    generate-make generate-pay-exact generate-pay-package generate-popular generate-private-top-up
    generate-slow-money
    generate-stars generate-stopping help-of-buy invite invite-came invite-off
    invoice-about-generation invoice-about-plan invoice-about-stars invoice-pay menu-balance menu-top-up
    order-link-foreign order-link-paid paysupport paysupport-command plan-canceled plan-ended plan-lapsed
    plan-restored plan-title plans-active plans-canceled-until plans-failed plans-item plans-none-on-sale
    plans-offer plans-see plans-subscribe refund-asked refund-choose refund-command
    refund-confirm-generation refund-confirm-payment refund-item-generation refund-item-payment
    refund-nothing refund-open refund-state-open refund-state-refunded refund-what-payment refund-why
    settings settings-reset settings-to-units settings-units settings-units-all settings-units-credits
    settings-units-money settings-units-stars stars start-command start-welcome start-welcome-back
    stats-line-back stats-line-cost stats-line-given stats-line-stars support-nobody terms-text
    topup-off topup-waiting
    transfer-instructions transfer-submitted value-balanced
    history-favour-result history-favoured history-favourites history-money-charged
    history-money-free-held history-money-held history-no-favourites history-price history-price-none
    history-to-favourites history-unfavour privacy privacy-erase privacy-erase-yes-stars
    privacy-first-held privacy-first-owed privacy-first-payments privacy-first-requests privacy-loses-plan
    privacy-loses-stars
    monitoring-chart-credits monitoring-credits-head monitoring-short-credits_critical
    monitoring-short-credits_low monitoring-short-scheduler_status monitoring-type-credits_critical
    monitoring-type-credits_low monitoring-type-scheduler_status monitoring-word-out-of-credit
"""
"""The keys of the texts that name amounts, ask, explain or label, and say of nothing that it has happened."""


def outcomes() -> dict[str, Outcome]:
    """The outcome of each text that tells of one."""
    return {key: outcome for outcome, keys in SAID.items() for key in keys.split()}
