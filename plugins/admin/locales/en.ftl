## Commands

admin-command = The panel: how it goes, and all there is to run
admin-inbox-command = What waits for a decision
admin-payment-command = A payment, and its refund
admin-payments-command = A person’s payments
admin-promos-command = Promo codes
admin-grant-command = Give or take Stars
admin-debts-command = Who owes Stars
admin-ledger-command = Statement, and check of the ledger
admin-reconcile-command = Compare with Telegram now

## Everywhere

admin-old-button = This button means nothing any more. Nothing was changed.
admin-front = 🎛 <b>Panel</b>
admin-no = ✖️ No, leave it
admin-nothing-done = All right, nothing was changed.
admin-done = ✅ Done.
admin-decided = ⏳ Decided. It is being carried out; that may take some minutes.
admin-not-done = It could not be done as things are. Nothing was changed; see the card.
admin-newer = ‹ Newer
admin-older = Older ›
admin-by-you = you
admin-by-other = operator <code>{ $operator }</code>
admin-by-itself = { $actor }
admin-code = <code>{ $value }</code>
admin-more-lines = … and { $count } more.
admin-balance = Balance: <b>{ $available } ⭐</b>{ $held ->
    [0] {""}
   *[other] , set aside { $held } ⭐
}{ $owed ->
    [0] {""}
   *[other] , owed { $owed } ⭐
}
admin-entry = { $amount } ⭐ · { $source } → { $target } · { $at }
admin-account-telegram = Telegram
admin-account-user = balance
admin-account-held = set aside
admin-account-debt = debt
admin-account-manual = card transfer
admin-account-revenue = revenue
admin-account-promo = gifts
admin-account-refund = refunds
admin-account-adjustment = corrections

## The inbox

admin-inbox-empty = 📭 Nothing waits for a decision.
admin-inbox = { $count ->
    [one] 📬 { $count } request waits for a decision.
   *[other] 📬 { $count } requests wait for a decision.
} Here: { $shown }, the oldest first.
admin-case-topup = 💳 <b>Top-up by card transfer</b>
    From <code>{ $person }</code>
    Asked for: <b>{ $rub } ₽ = { $stars } ⭐</b>
    USD/RUB { $rate } of { $day }{ $source ->
        [own] , set by the operator
       *[other] {""}
    }. The receipt is above.
admin-case-refund = ↩️ <b>Refund asked for</b>
    From <code>{ $person }</code>
    { $about }
    { $said }
admin-case-payment = Payment <code>{ $charge }</code>: <b>{ $stars } ⭐</b>{ $bonus ->
    [0] {""}
   *[other] {" "}and { $bonus } ⭐ bonus
}
admin-case-generation = Generation <code>{ $job }</code>: <b>{ $stars } ⭐</b>
admin-case-words = Why: <i>{ $words }</i>
admin-case-no-words = No reason was given.
admin-case-debt = ⚠️ <b>Telegram took a payment back</b>
    From <code>{ $person }</code>
    Payment <code>{ $charge }</code>: <b>{ $stars } ⭐</b>
    Taken from the balance: { $taken } ⭐. Spent already and owed now: <b>{ $owed } ⭐</b>.
admin-case-other = A request of the kind { $kind } from <code>{ $person }</code>.
admin-case-again = 🔁 { $why }
admin-case-missing = Spent already: <b>{ $missing } ⭐</b> of what a refund would take.
admin-case-history = Last entries:
    { $entries }
admin-case-done = ✅ Decided by { $who }, { $at } UTC: { $what }.
admin-case-decided = ⏳ Decided by { $who }, { $at } UTC: { $what }. It is being carried out.
admin-case-anew = This has opened anew since: the card shows how it stands now. Nothing was changed.
admin-case-yours = You have decided this: { $what }.
admin-case-second = { $who } was first: { $what }. Nothing more was changed.
admin-amount-ask = The person asked for { $stars } ⭐ ({ $rub } ₽). How much has really come? Write whole Stars, as <code>94</code>, or roubles, as <code>500 ₽</code>. To leave it: /cancel

admin-do-approve = ✅ Approve { $stars } ⭐
admin-do-roubles = { $rub } ₽ = { $stars } ⭐
admin-do-amount = ✏️ Another amount
admin-do-decline = ❌ Decline
admin-do-decline-unreadable = ❌ Unreadable
admin-do-decline-used = ❌ Used before
admin-do-refund = ↩️ Refund { $stars } ⭐
admin-do-give-back = ↩️ Give { $stars } ⭐ back
admin-do-debt = ↩️ Refund, { $missing } ⭐ become a debt
admin-do-forgive = ↩️ Refund, forgive { $missing } ⭐
admin-do-keep = Let the debt stand
admin-do-forgive-debt = 🤝 Forgive { $stars } ⭐

admin-decision-amount = { $amount } ⭐ credited
admin-decision-rub = credited for { $amount } ₽
admin-decision-topup-approve = credited as asked for
admin-decision-topup-decline = declined
admin-decision-topup-decline-unreadable = declined, the receipt is unreadable
admin-decision-topup-decline-used = declined, the receipt was used before
admin-decision-refund-refund = given back
admin-decision-refund-debt = refunded, what was spent is owed
admin-decision-refund-forgive = refunded, what was spent is forgiven
admin-decision-refund-decline = declined
admin-decision-debt-keep = the debt stands
admin-decision-debt-forgive = the debt is forgiven

## Payments

admin-payment-usage = Send the charge id with the command, as it stands in Telegram’s list:
    <code>/payment CHARGE_ID</code>
    A person’s payments: <code>/payments USER_ID</code>
admin-payments-usage = Send the person’s id with the command:
    <code>/payments USER_ID</code>
admin-payments-none = There are no payments of <code>{ $person }</code>.
admin-payments = 💳 <b>Payments of</b> <code>{ $person }</code>: { $count }, here { $shown }, the newest first

    { $lines }

    { $lines }
admin-payments-line = { $at } · { $stars } ⭐ · { $kind }{ $refunded ->
    [yes] {" "}· refunded
   *[no] {""}
}
    <code>{ $charge }</code>
admin-payments-open = { $stars } ⭐ · { $charge }
admin-payment = 💳 <b>Payment of { $stars } ⭐</b>{ $bonus ->
    [0] {""}
   *[other] {" "}+ { $bonus } ⭐ bonus
}
    <code>{ $charge }</code>
    From <code>{ $person }</code>, { $at } UTC
    For: { $kind }{ $order ->
        [none] {""}
       *[other] , order <code>{ $order }</code>
    }
    { $served ->
        [yes] Everything that follows from it is done.
       *[no] ⏳ Credited; what follows from it is still to be done.
    }
admin-kind-stars = Stars
admin-kind-generation = a generation
admin-kind-plan = a monthly plan
admin-kind-sale = a feature’s own sale
admin-kind-unknown = an order that is not known
admin-refund-state-none = Not refunded.
admin-refund-state = Refund: <b>{ $state }</b>, by { $who }, { $at } UTC. Taken from the balance: { $taken } ⭐{ $owed ->
    [0] {""}
   *[other] , owed: { $owed } ⭐
}.{ $error ->
    [none] {""}
   *[other] {" "}Telegram said: <code>{ $error }</code>.
}
admin-refund-state-begun = begun
admin-refund-state-taking = Stars are being taken back
admin-refund-state-asking = Telegram is being asked
admin-refund-state-refunded = given back
admin-refund-state-done = given back
admin-refund-state-undoing = refused, being undone
admin-refund-state-refused = not made, nothing was changed
admin-refund-preview = A refund takes { $wanted } ⭐ from the balance.{ $missing ->
    [0] {""}
   *[other] {" "}<b>{ $missing } ⭐ of them are spent already:</b> they can become a debt, or be forgiven.
}
admin-refund-no = ✖️ No
admin-refund-done = ✅ Refunded.
admin-refund-before = It was refunded before, by { $who }. Nothing was changed.
admin-refund-under-way = A refund is under way, by { $who }. Nothing was changed.
admin-refund-waiting = ⏳ Telegram has not answered yet. The refund goes on by itself.
admin-refund-short = Not refunded: some of the Stars are spent. Decide what becomes of them.
admin-refund-refused = Telegram refused. Nothing was changed; see the card.

## By hand

admin-grant-usage = Say to whom, how many, and why (the person reads it; up to { $limit } characters):
    <code>/grant USER_ID AMOUNT REASON</code>
    To take Stars, put a minus before the amount: <code>/grant 123456789 -50 paid twice</code>
admin-grant-give-ask = Give <b>{ $stars } ⭐</b> to <code>{ $person }</code>?
    The person reads: <i>{ $reason }</i>
    { $balance }
admin-grant-take-ask = Take <b>{ $stars } ⭐</b> from <code>{ $person }</code>?
    The person reads: <i>{ $reason }</i>
    { $balance }
admin-grant-give = ✅ Give { $stars } ⭐
admin-grant-take = ✅ Take { $stars } ⭐
admin-grant-press = Please answer with one of the buttons, or leave with /cancel.
admin-grant-given = ✅ { $stars } ⭐ given to <code>{ $person }</code>, who has been told.
    { $balance }
admin-grant-taken = ✅ { $stars } ⭐ taken from <code>{ $person }</code>, who has been told.
    { $balance }
admin-debts-none = Nobody owes anything.
admin-debts = <b>Who owes: { $count }, { $stars } ⭐ together.</b> Here are { $shown }, the largest debts first. A debt is repaid from the next Stars that come to the person. To forgive one, press it:
admin-debt = { $person }: { $owed } ⭐
admin-debt-ask = Forgive <code>{ $person }</code> a debt of <b>{ $owed } ⭐</b>? The person is told.
admin-debt-gone = There is nothing to forgive here any more. Nothing was changed.
admin-debt-forgiven = ✅ { $stars } ⭐ forgiven to { $person }.

## The books

admin-ledger-usage = Say what you want to see:
    <code>/ledger USER_ID</code> — a person’s last entries
    <code>/ledger check</code> — prove the whole ledger
admin-ledger-now = 🧮 Check the ledger now
admin-ledger-checked = 🧮 <b>The ledger is sound.</b>
    Accounts: { $accounts }. Entries: { $entries }. Sum over all accounts: { $total }. Differences: { $count }.
admin-ledger-wrong = 🚨 <b>The ledger is not sound.</b>
    Accounts: { $accounts }. Entries: { $entries }. Sum over all accounts: { $total }. Differences: { $count }.
admin-ledger-problem = • { $problem }
admin-ledger-nothing = Nothing ever happened in the account of <code>{ $person }</code>.
admin-ledger-statement = 📒 <b>Account of</b> <code>{ $person }</code>
    { $balance }

    The last entries ({ $count }), the newest first:
    { $lines }
admin-ledger-entry = { $entry }
    <code>{ $key }</code> · { $actor }
admin-reconcile = 🔎 <b>Compared with Telegram’s list</b>
    Payments and refunds seen: { $seen } (pages: { $pages })
    Credited now: { $credited } ({ $stars } ⭐)
    Refunds booked now: { $refunds }
    Ours that Telegram does not list: { $missing }
    Not through at Telegram yet: { $waiting }
    Not booked: { $failed }
admin-reconcile-history = From before this database, not credited: { $count ->
    [one] { $count } payment
   *[other] { $count } payments
} ({ $stars } ⭐).
admin-reconcile-error = ⚠️ It was not finished: <code>{ $error }</code>. I go on in a few minutes.
admin-reconcile-goes-on = The list is long: the rest follows in a few minutes.

## Promo codes

admin-promos-usage = Promo codes: /promos lists them.
    <code>/promos new STARS PEOPLE [30d or 2030-12-31] [NAME]</code> makes one, as <code>/promos new 100 50 30d SPRING</code>
    <code>/promos end NAME</code> ends one early
admin-promos-none = 🎟 There are no promo codes yet.
admin-promos = 🎟 <b>Promo codes:</b> { $count }

    { $lines }
admin-promo-line = <code>{ $code }</code> · { $stars } ⭐ · { $left } of { $uses } left · { $state }
admin-promo-open = 🎟 { $code }
admin-promo-new = ➕ A new code
admin-promo-all = ‹ All codes
admin-promo-end = ⏹ End it
admin-promo = 🎟 <code>{ $code }</code> — { $state }
    Gives { $stars } ⭐ once to each of { $uses ->
        [one] { $uses } person
       *[other] { $uses } people
    }.
    Used: { $used }. Left: { $left }.
    { $until ->
        [none] No end is set.
       *[other] Good until { $until } UTC.
    }
    Made by { $who }.
admin-promo-active = active
admin-promo-used-up = used up
admin-promo-over = expired
admin-promo-ended = ended
admin-promo-made = ✅ The code is there; a tap copies it:
admin-promo-ended-before = { $who } ended it before. Nothing was changed.
admin-promo-number = I need a whole number from 1, in digits. Or leave with /cancel.
admin-ask-code-stars = How many Stars does the code give to each person?
admin-ask-code-uses = How many people may use it?
admin-ask-code-until = How long is it good for? Write days, as <code>30d</code>, or the last day, as <code>2030-12-31</code>.
admin-ask-code-name = Which name shall it have? 3 to 16 letters, digits, “-” and “_”. A generated one cannot be guessed.
admin-skip-code-until = ♾ Without an end
admin-skip-code-name = 🎲 Generate one

## Prices of models

admin-models-command = Prices of models that wait for a word
admin-models-none = No price of a model waits for a decision.
admin-models-changes = 🏷 <b>Prices that wait: { $count }</b> (shown: { $shown })
admin-change-fallen = { $number }. ⬇️ <b>{ $model }</b> (<code>{ $id }</code>): { $old } → { $new }. The old price is asked meanwhile.
admin-change-mixed = { $number }. ↕️ <b>{ $model }</b> (<code>{ $id }</code>): { $old } → { $new }. The model is off meanwhile.
admin-change-unreadable = { $number }. ❔ <b>{ $model }</b> (<code>{ $id }</code>): its price can’t be read exactly, and the model is off meanwhile. <i>{ $text }</i>
admin-change-approve = ✅ { $number } new price
admin-change-keep = ✋ { $number } old price
admin-change-approved = Done: the new price is asked from now on.
admin-change-kept = Done: the price stays as it is.
admin-change-too-late = That has been decided already, or it has changed since. Here is how it stands.
