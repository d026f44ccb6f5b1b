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
admin-no = ✖️ No, leave it
admin-nothing-done = All right, nothing was changed.
admin-done = ✅ Done.
admin-decided = ⏳ Decided. It is being carried out; that may take some minutes.
admin-not-done = It could not be done as things are. Nothing was changed; see the card.
admin-newer = ‹ Newer
admin-older = Older ›
admin-by-you = you
admin-by-other = operator <code>{ $operator }</code>
admin-by-somebody = Somebody else
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

## The panel

admin-front = 🎛 <b>Panel</b>
admin-front-people = 👥 People: <b>{ $people }</b>, here today { $today }, now { $here }
admin-front-jobs = ⚙️ Being made: <b>{ $running }</b>, waiting in queues { $waiting }
    ✅ Ended today: { $ended }{ $rate ->
        [none] {""}
       *[other] , of them successful <b>{ $rate } %</b>
    }
admin-front-money = ⭐ Today: <b>{ $stars } ⭐</b> = ${ $usd } when withdrawn, providers took ${ $cost }, margin <b>${ $margin }</b>
    📅 7 days: { $week } ⭐ = ${ $week_usd }, margin ${ $week_margin }
admin-front-credit = 🏦 { $provider }: { $remaining } { $unit }{ $usd ->
    [none] {""}
   *[other] {" "}(${ $usd })
}
admin-front-health = { $errors ->
    [0] 🟢 No errors in 24 hours
    [one] 🟠 { $errors } error in 24 hours
   *[other] 🟠 { $errors } errors in 24 hours
}, on duty for { $time }
admin-span-days = { $days } d { $hours } h
admin-span-hours = { $hours } h { $minutes } min
admin-chart = 📈 Chart
admin-again = 🔄 Refresh
admin-no-chart = The picture could not be drawn just now. The figures stand in /stats.
admin-chart-title = How it goes
admin-chart-span = The last 30 days
admin-chart-stars = Stars earned
admin-chart-ends = Generations
admin-chart-good = delivered
admin-chart-bad = failed
admin-chart-empty = Nothing yet
admin-chart-day = { DAY($day, form: "short") }
admin-number = { $value }
admin-person = { $name ->
    [none] {""}
   *[other] { $name }{" "}
}{ $username ->
    [none] {""}
   *[other] @{ $username }{" "}
}<code>{ $id }</code>
admin-nobody-found = I find nobody like that. Write an id, a @username or a part of a name of somebody who has written to this bot. To leave: /cancel
admin-several-found = Several people are like that. Who is it?

## The team

admin-page-team = 👑 Team
admin-team = 👑 <b>Team: { $count }</b>
    { $lines }

    Viewers look, support helps people, admins run the bot, owners appoint. Those in ADMIN_IDS stay owners.
admin-team-line = • { $person } — { $role }
admin-team-open = ✏️ { $name }
admin-team-add = ➕ Appoint somebody
admin-team-ask = Whom do you appoint? Write an id, a @username or a part of the name. The person must have written to this bot. To leave: /cancel
admin-team-card = { $person }
    Role: <b>{ $role }</b>
admin-team-all = ‹ Team
admin-team-done = Done: { $role }.
admin-team-second = { $who } was first: { $role }. Nothing else has changed.
admin-team-to-viewer = 👁 Make a viewer
admin-team-to-support = 💬 Make support
admin-team-to-admin = 🛠 Make an admin
admin-team-to-owner = 👑 Make an owner
admin-team-to-none = ✖️ Dismiss
admin-role-viewer = viewer
admin-role-support = support
admin-role-admin = admin
admin-role-owner = owner
admin-role-none = no role

## Plugins

admin-plugins-command = Plugins: state, settings, switches
admin-page-plugins = 🧩 Plugins
admin-plugins = 🧩 <b>Plugins: { $count }, on: { $on }</b>
    { $lines }
admin-plugin-line = { $state ->
    [on] 🟢
    [off] ⚪
    [failed] 🔴
    [unhealthy] 🟡
   *[other] 🟠
} <b>{ $name }</b>{ $version ->
    [none] {""}
   *[other] {" "}{ $version }
} — { $state ->
    [on] on
    [off] off
    [failed] failed
    [unhealthy] on, but not well
   *[other] suspended
}{ $errors ->
    [0] {""}
   *[other] , errors: { $errors }
}
admin-plugin-open = { $state ->
    [on] 🟢
    [off] ⚪
    [failed] 🔴
    [unhealthy] 🟡
   *[other] 🟠
} { $name }
admin-plugin = Module: <code>{ $module }</code>, loaded in { $time } ms
    Hooks: { $hooks ->
        [none] none
       *[other] <code>{ $hooks }</code>
    }
    Commands, buttons and steps: { $answers }
    Needs: { $requires ->
        [none] nothing
       *[other] <code>{ $requires }</code>
    }. Needed by: { $required_by ->
        [none] nobody
       *[other] <code>{ $required_by }</code>
    }.
    Granted in plugins.toml: { $grants ->
        [none] nothing beyond the ordinary
       *[other] <code>{ $grants }</code>
    }
admin-plugin-unhealthy = 🩺 Something it needs does not work: { $reason }
admin-plugin-errors = Errors of the last minutes: { $count }, the last one in <code>{ $last }</code>
admin-plugin-reason = Why: <code>{ $reason }</code>
admin-plugin-warnings = To mend: <code>{ $warnings }</code>
admin-plugin-on = ⏻ Switch on
admin-plugin-off = ⏻ Switch off
admin-plugin-ask-on = Switch on <code>{ $name }</code>?{ $count ->
    [0] {""}
   *[other] {" "}It needs these, which are switched on with it: { $others }.
}
admin-plugin-ask-off = Switch off <code>{ $name }</code>? Its buttons answer then that it is off; generations that run end as always.{ $count ->
    [0] {""}
   *[other] {" "}<b>These need it and are switched off with it:</b> { $others }.
}
admin-plugin-is-on = { $name } is on.
admin-plugin-is-off = { $name } is off.
admin-plugin-not = { $name } could not be switched; the card says why.
admin-plugin-second-on = { $who } was first and has switched it on.
admin-plugin-second-off = { $who } was first and has switched it off.
admin-plugin-to-settings = 🔧 Settings
admin-plugin-back = ‹ Back
admin-plugin-all = ‹ Plugins
admin-plugin-settings = 🔧 <b>{ $name }</b>: { $count ->
    [0] nothing can be set.
   *[other] settings. Tap one to change it: that counts at once, in all instances, and wins over plugins.toml.
}
    { $lines }
admin-plugin-setting = <code>{ $name } = { $value }</code>{ $origin ->
    [default] {" "}(default)
    [chosen] {" "}(changed here)
   *[file] {" "}(plugins.toml)
}
    <code>{ $kind }</code>{ $about ->
        [none] {""}
       *[other] {" "}— { $about }
    }
admin-set = 🔧 <b>{ $plugin }</b>: <code>{ $setting }</code>{ $about ->
    [none] {""}
   *[other] {""}
        { $about }
    }

    Now: <code>{ $value }</code>{ $origin ->
        [default] {" "}(default)
        [chosen] {" "}(changed here)
       *[file] {" "}(plugins.toml)
    }
    Default: { $default ->
        [none] none, it must be given
       *[other] <code>{ $default }</code>
    }
    It takes { $takes }.

    A change counts at once: the plugin starts anew with it.
admin-set-takes-switch = on or off
admin-set-takes-choice = one of { $choices }
admin-set-takes-whole = a whole number
admin-set-takes-number = a number
admin-set-takes-text = a text
admin-set-takes-list = several values with commas between them or each on a line of its own, or - for none
admin-set-takes-fixed = what only plugins.toml can hold
admin-set-bounds = { $takes }{ $least ->
        [none] {""}
       *[other] {" "}from { $least }
    }{ $most ->
        [none] {""}
       *[other] {" "}up to { $most }
    }
admin-set-switch-on = ⏻ Turn on
admin-set-switch-off = ⏻ Turn off
admin-set-write = ✏️ Write another value
admin-set-undo = ↩️ As plugins.toml has it
admin-set-ask = ✏️ Write the new value of <code>{ $setting }</code>: { $takes }.
admin-set-refused = This does not fit, and nothing was changed. It takes { $takes }.{ $reason ->
    [none] {""}
   *[other] {""}
        The plugin says: <code>{ $reason }</code>
    }
admin-set-done = { $plugin }: { $setting } is { $value } now.
admin-set-second = { $who } was first and has changed this plugin; nothing was changed now. This is how it is.
admin-set-stale = Somebody else changed this plugin meanwhile; nothing was changed now. This is how it is.
admin-set-broken = { $setting } is { $value } now, but { $plugin } does not start with it: its card says why.
admin-set-gone = This setting is not there any more. Nothing was changed.

## Broadcasts

admin-broadcast-command = Write to everybody, or give to many
admin-page-broadcasts = 📣 Broadcasts
admin-broadcasts = 📣 <b>Broadcasts</b>{ $count ->
    [0] : none yet.
   *[other] , the newest first:
}
admin-broadcast-open = { $state ->
    [draft] ✏️
    [running] ▶️
    [paused] ⏸
    [stopped] ⏹
   *[other] ✅
} { $at } · { $reached }
admin-broadcast-new = ➕ A message
admin-broadcast-gift = 🎁 Stars for many
admin-broadcast-ask-text = What shall I write to people? Send a text, formatted as you like, or one photo, video or file with a caption; it goes out exactly as you send it. Nothing is sent before you say so. To leave: /cancel
admin-broadcast-ask-gift = How many Stars does each get, and why? For example <code>50 sorry for yesterday’s outage</code>. People read the reason. Nothing is given before you say so. To leave: /cancel
admin-broadcast = 📣 <b>{ $what ->
    [none] Message
   *[other] { $what }
}</b> by { $author }{ $file ->
        [none] {""}
        [photo] , with a photo
        [video] , with a video
       *[other] , with a file
    }
    <blockquote>{ $text }</blockquote>
    For: { $activity ->
        [any] everybody
        [week] those here in the last 7 days
        [month] those here in the last 30 days
       *[away] those away for 30 days
    }, { $language ->
        [any] in any language
       *[other] { $language }
    } — <b>{ $count }</b>
admin-broadcast-of-stars = { $stars } ⭐ for each
admin-broadcast-figures = { $state ->
    [draft] Draft
    [running] ▶️ Under way
    [paused] ⏸ Paused
    [stopped] ⏹ Stopped
   *[other] ✅ Done
}: { $reached } of { $total }. Arrived: { $sent }, have blocked the bot: { $blocked }, failed: { $failed }.
admin-broadcast-over = 📣 Your broadcast is over.
admin-broadcast-any = Any language
admin-broadcast-to-any = Everybody
admin-broadcast-to-week = Here in 7 days
admin-broadcast-to-month = Here in 30 days
admin-broadcast-to-away = Away for 30 days
admin-broadcast-chosen = ✓ { $label }
admin-broadcast-test = 🧪 Show me as they get it
admin-broadcast-begin-ask = 📣 Send …
admin-broadcast-begin = 📣 Yes, to { $count }
admin-broadcast-pause = ⏸ Pause
admin-broadcast-go-on = ▶️ Go on
admin-broadcast-stop = ⏹ Stop for good
admin-broadcast-sure = Send it to <b>{ $count }</b> { $count ->
    [one] person
   *[other] people
} now?{ $stars ->
    [0] {""}
   *[other] {" "}Each gets { $stars } ⭐, together <b>{ $all } ⭐</b>.
} It can be paused; what has arrived cannot be taken back.
admin-broadcast-second = { $who } was first: { $state ->
    [draft] it is for other people now. It has not been sent.
    [running] it is under way.
    [paused] it is paused.
    [stopped] it is stopped.
   *[other] it is over.
} Nothing else has changed.
admin-broadcast-all = ‹ Broadcasts

## Users

admin-user-command = Find somebody: id, @username or name
admin-page-users = 👥 Users
admin-users = 👥 <b>People: { $count }</b>
admin-users-find = 🔎 Find somebody
admin-users-table = 📋 Table of all
admin-users-ask = Whom are you looking for? Write an id, a @username or a part of the name. To leave: /cancel
admin-users-latest = 📋 <b>People: { $count }</b>, the { $shown } who were here last; everybody is in the file.
    <pre>{ $table }</pre>
admin-users-column-id = id
admin-users-column-name = name
admin-users-column-generations = generations
admin-users-column-seen = last on
admin-users-column-payments = payments
admin-users-column-paid = ⭐
admin-user = 👤 { $person }
    Language: { $language }. Here since { $since }, last on { $seen }.{ $blocked ->
        [yes] {" "}<b>Has blocked the bot.</b>
       *[no] {""}
    }
    { $balance }
    Generations: { $count }, delivered { $delivered }, earned from them { $spent } ⭐
    Payments: { $payments }, { $paid } ⭐
admin-user-is-banned = ⛔ Shut out { $until ->
    [none] for good
   *[other] until { $until } UTC
}: { $reason }
admin-user-to-entries = 📒 Entries
admin-user-to-jobs = 🎬 Generations
admin-user-to-word = ✉️ Write
admin-user-give = 🎁 Give or take ⭐
admin-user-ban = ⛔ Shut out
admin-user-unban = ✅ Let in again
admin-user-back = ‹ Back
admin-user-jobs = 🎬 { $person }
    { $count ->
        [0] Nothing has been made for this person yet.
       *[other] The newest generations: { $count }
    }
admin-user-entries = 📒 <b>Last entries</b>
    { $lines }
admin-user-empty = Nothing has happened on this account yet.
admin-person-word-ask = What shall I write to { $person }? It goes out as from the team. To leave: /cancel
admin-person-give-ask = How many Stars for { $person }, and why? For example <code>50 sorry for the delay</code>, or <code>-50 paid twice</code> to take. I ask once more. To leave: /cancel
admin-person-ban-ask = How long is { $person } shut out, and why? For example <code>7d spam</code>; without a time it is for good. The person reads the reason. To leave: /cancel
admin-user-written = ✅ Sent.
admin-user-unreachable = This person has blocked the bot or is gone: nothing was sent.
admin-user-banned = ⛔ Shut out { $until ->
    [none] for good
   *[other] until { $until } UTC
}.
admin-user-second-ban = { $who } was first: this person is shut out. Nothing else has changed.
admin-user-second-language = { $who } was first{ $language ->
    [none] {""}
   *[other] {" "}and has chosen { $language }
}. Nothing else has changed.
admin-user-second-unban = { $who } was first: this person is let in again. Nothing else has changed.

## Generations

admin-job-command = Find a generation by anything that names it
admin-page-jobs = 🎬 Generations
admin-jobs = 🎬 <b>Being made just now: { $count }</b>{ $count ->
    [0] {""}
   *[other] {" "}(the newest)
}
admin-jobs-find = 🔎 Find a generation
admin-jobs-ask = Which? Write a request id, a provider’s task id, a person (id, @username), a model’s id or a state, such as <code>failed</code>. To leave: /cancel
admin-jobs-none = I find no generation like that. Nothing was changed.
admin-jobs-found = The newest of them: { $count }
admin-job-open = { $state ->
    [delivered] ✅
    [released] ↩️
    [failed] ❌
    [cancelled] ⏹
    [expired] ⌛
    [queued] 🕓
   *[other] ⚙️
} { $at } { $model }
admin-job = 🎬 <code>{ $job }</code> — <b>{ $state }</b>
    { $model }, { $provider }{ $task ->
        [none] {""}
       *[other] , task <code>{ $task }</code>
    }
    For { $person }
    Price: { $price } ⭐, { $moved ->
        [held] set aside
        [charged] earned
        [returned] gone back
        [free] given for nothing
        [free-held] for nothing, not over yet
        [free-returned] for nothing, and it failed
       *[nothing] never set aside
    }{ $failure ->
        [none] {""}
       *[other] .
        Why: <code>{ $failure }</code>
    }{ $detail ->
        [none] {""}
       *[other] {" "}<code>{ $detail }</code>
    }
admin-job-stage = { $at } · { $state }{ $seconds ->
    [none] {""}
   *[other] , { $seconds } s
}
admin-job-over = It cannot be made again: what was ordered was erased when it ended. { $moved ->
    [held] Its price goes back by itself.
    [returned] Its price is back.
   *[other] Nothing was taken for it.
} On the person’s card you can ask them to order anew, or give them Stars.
admin-job-retry = 🔁 Look at it now
admin-job-cancel = ⏹ Stop it
admin-job-refund = ↩️ Give its price back
admin-job-redeliver = 📤 Deliver again
admin-job-person = 👤 Its person
admin-job-did-retry = It is being looked at now.
admin-job-did-cancel = Stopped; its price goes back.
admin-job-refunded = The price has been given back; the person knows.
admin-job-did-redeliver = Sent once more, at no cost.
admin-job-second = { $who } was first. Nothing else has changed.
admin-state-created = ordered
admin-state-queued = waits in its person’s queue
admin-state-held = price set aside
admin-state-submitted = handed to the provider
admin-state-running = being made
admin-state-ready = made
admin-state-delivering = being sent
admin-state-delivered = delivered
admin-state-failed = failed
admin-state-cancelled = stopped
admin-state-expired = given up
admin-state-released = price back, over

## Maintenance

admin-upkeep-command = Pause for everybody, instances, log, errors
admin-page-upkeep = 🛠 Maintenance
admin-upkeep = 🛠 <b>Maintenance</b>
    { $paused ->
        [yes] ⏸ <b>Paused: only the team is served.</b> People read: { $notice ->
            [none] the usual words.
           *[other] { $notice }
        }
       *[no] ▶️ Everybody is served.
    }
    Log from: { $level }

    Instances:
    { $instances }
admin-instance = • <code>{ $name }</code> — { $duty ->
    [both] talks to people and makes generations
    [reads] talks to people
    [works] makes generations
   *[waits] stands by
}, since { $since } UTC
admin-upkeep-pause = ⏸ Pause for everybody
admin-upkeep-resume = ▶️ Serve everybody again
admin-upkeep-ask = Only the team is served then; generations that run go on. What do people read meanwhile? A short text for all, or one for each language, each on a line of its own that begins with its code (<code>{ $languages }</code>), or <code>-</code> for the usual words. To leave: /cancel
admin-upkeep-notice = { $language ->
    [any] <i>{ $words }</i>
   *[other] { $language }: <i>{ $words }</i>
}
admin-level-second = { $who } was first{ $level ->
    [none] {""}
   *[other] {" "}and has set { $level }
}. Nothing else has changed.
admin-upkeep-second = { $who } was first. Nothing else has changed.
admin-upkeep-back = ‹ Maintenance
admin-level = { $chosen ->
    [True] ✓ { $level }
   *[other] { $level }
}
admin-errors-open = ⚠️ Last errors
admin-errors = ⚠️ <b>Last errors</b>{ $count ->
    [0] : none in a week.
   *[other] , newest first:
}
    { $lines }
admin-error = • { $at } · <code>{ $source }</code>{ $reference ->
    [none] {""}
   *[other] {" "}· request <code>{ $reference }</code>
} · <code>{ $instance }</code>
    <code>{ $words }</code>

## Support

admin-page-support = 💬 Support
admin-support = 💬 <b>Support</b>: { $count ->
    [0] nobody waits for an answer.
    [one] { $count } person waits for an answer.
   *[other] { $count } people wait for an answer.
}
admin-thread-open = 💬 { $name } · { $at }
admin-thread = 💬 <b>{ $person }</b>{ $waits ->
    [yes] {" "}waits for an answer
   *[no] {" "}was answered
}

    { $lines }
admin-thread-line = <i>{ $at }, { $who }:</i>
    { $text }
admin-thread-answer = ↩️ Answer
admin-thread-ask = What do you answer? It goes out as from the team. To leave: /cancel
admin-thread-answered = ✅ Answered.
admin-thread-second = { $who } has answered already; yours was not sent.

## Models

admin-page-models = 🧠 Models
admin-models = 🧠 <b>Models: { $count }</b>, page { $page } of { $pages }. What is decided here counts for all instances within seconds, and stands above plugins.toml.
admin-model-open = { $off ->
    [yes] ⚪{" "}
   *[no] {""}
}{ $pinned ->
    [yes] 📌{" "}
   *[no] {""}
}{ $stars ->
    [none] {""}
   *[other] { $stars } ⭐{" "}
}{ $title }
admin-models-sync = 🔄 Look at providers’ lists now
admin-models-waiting = 🏷 Prices that wait: { $count }
admin-models-syncing = I am reading the providers’ lists. It takes seconds to minutes; I write when it is done.
admin-models-synced = 🔄 { $provider }: { $failed ->
    [yes] the list could not be used; nothing was changed.
   *[no] compared { $looked }, changed { $changed }, new at the provider { $fresh }.
}
admin-models-no-lists = No provider that is on has a list of its models to read.
admin-model = 🧠 <b>{ $title }</b> <code>{ $id }</code>, { $provider }
    { $off ->
        [yes] ⚪ <b>Switched off by an operator.</b>
       *[no] { $reason ->
            [none] 🟢 On offer.
           *[other] 🔴 Not on offer: <code>{ $reason }</code>
        }
    }
    Price with defaults: { $stars ->
        [none] depends on the order
       *[other] { $stars } ⭐
    }{ $own ->
        [stars] , set here
        [markup] , with the markup { $markup } set here
       *[none] {""}
    }
    { $pinned ->
        [yes] 📌 Stands among the popular ones.
       *[no] Popular only by use.
    } { $free ->
        [yes] 🎁 Free within the daily limit.
       *[no] Never free.
    }
admin-model-off-do = ⚪ Switch off
admin-model-off-undo = 🟢 Switch on
admin-model-pinned-do = 📌 Pin
admin-model-pinned-undo = 📌 Unpin
admin-model-free-do = 🎁 Make free
admin-model-free-undo = 🎁 No more free
admin-model-price = 💲 Price or markup
admin-model-price-ask = What does it cost? Whole Stars, such as <code>12</code>; a markup on the provider’s price, such as <code>x2.5</code>; or <code>-</code> for the price as it would be. What is ordered already keeps its price. To leave: /cancel
admin-model-second = { $who } was first; here is how it stands now.
admin-model-all = ‹ Models

## Money

admin-page-money = 💰 Money
admin-money = 💰 <b>Money</b>
    Waits for a decision: { $waiting }, of these top-ups by transfer: { $topups }
admin-money-totals = <b>{ $what ->
    [today] Today
   *[month] This month
}</b>: payments { $payments }, { $paid } ⭐; given back { $returned } ⭐
    Earned { $earned } ⭐ = ${ $usd } when withdrawn, providers took ${ $cost }, margin <b>${ $margin }</b>
admin-money-ways = A payment: <code>/payment CHARGE_ID</code>, a person’s: <code>/payments USER_ID</code>, Stars by hand: <code>/grant USER_ID AMOUNT REASON</code>
admin-money-inbox = 📬 Waits for a decision: { $count }
admin-money-reconcile = 🔎 Reconcile now
admin-money-codes = 🎟 Promo codes
admin-money-debts = ⚖️ Debts
admin-money-export = 📤 Payments of this month

## The log of actions

admin-page-journal = 📜 Log of actions
admin-journal = 📜 <b>What operators did last: { $count }</b>, newest first
    { $lines }
admin-journal-line = • { $at } · { $who } · <code>{ $what }</code>{ $before ->
    [none] {""}
   *[other] {" "}<code>{ $before }</code>
}{ $after ->
    [none] {""}
   *[other] {" "}→ <code>{ $after }</code>
}
