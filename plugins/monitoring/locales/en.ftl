# What operators are told. HTML: <b>, <i>, <code>.

help-of-monitoring = Watching

## Commands

monitoring-id-command = The id of this chat
monitoring-notifications-command = What is told to whom
monitoring-test-command = Send a test notification

## Notifications

monitoring-head = { $icon } <b>{ $title }</b>
monitoring-severity-error = Error · { $type }
monitoring-severity-critical = Critical · { $type }
monitoring-message = { $text }
monitoring-detail = { $label }: { $value }
monitoring-number = { $number }
monitoring-moment = { DAY($at, form: "short") }, { CLOCK($at) }
monitoring-yes = yes
monitoring-no = no
monitoring-count = { $count ->
    [one] { $count } time
   *[other] { $count } times
}, { CLOCK($first) } – { CLOCK($last) }
monitoring-more = { $count ->
    [one] This is the only one so far.
   *[other] There are { $count } different ones of this type; this is the newest.
} { CLOCK($at) }
monitoring-taken = 👤 { $name } looks after it.
monitoring-take = 👤 I look after it
monitoring-mute = { $hours ->
    [one] 🔕 Mute for { $hours } hour
   *[other] 🔕 Mute for { $hours } hours
}
monitoring-you-took = You look after it.
monitoring-was-taken = { $name } looks after it already.
monitoring-old = This is too old; nothing has changed.
monitoring-muted = Nothing more of this until { DAY($day, form: "short") }, { CLOCK($at) }.
monitoring-was-muted = { $name } has muted this already, until { DAY($day, form: "short") }, { CLOCK($at) }.

## What is told to whom

monitoring-id = This chat: <code>{ $chat }</code>
    You: <code>{ $person }</code>
monitoring-id-unsigned = This chat: <code>{ $chat }</code>
monitoring-notifications = 🔔 <b>What is told to whom</b>

    Press a line to send it elsewhere.
    { $admins ->
        [one] { $admins } chat of admins
       *[other] { $admins } chats of admins
    }, { $monitoring ->
        [one] { $monitoring } monitoring chat.
       *[other] { $monitoring } monitoring chats.
    }
monitoring-switch = { $icon } { $type }: { $audience }
monitoring-audience-all = all
monitoring-audience-admins = admins
monitoring-audience-monitoring = monitoring
monitoring-audience-nobody = off
monitoring-test-button = 📨 Send a test
monitoring-changed-by = { $name } was first and has changed this. Here is how it stands.
monitoring-changed-meanwhile = Somebody has just changed this. Here is how it stands.
monitoring-test-sent = { $count ->
    [0] There is no chat to send a test to: none is set.
    [one] 📨 The test goes to { $count } chat.
   *[other] 📨 The test goes to { $count } chats.
}

monitoring-type-video_started = Video started
monitoring-short-video_started = Video starts
monitoring-type-video_completed = Video ready
monitoring-short-video_completed = Videos ready
monitoring-type-video_failed = Video failed
monitoring-short-video_failed = Failed videos
monitoring-type-upload_started = Upload started
monitoring-short-upload_started = Upload starts
monitoring-type-upload_completed = Published
monitoring-short-upload_completed = Publications
monitoring-type-upload_failed = Upload failed
monitoring-short-upload_failed = Failed uploads
monitoring-type-credits_low = Credits are running low
monitoring-short-credits_low = Credits low
monitoring-type-credits_critical = Credits are almost gone
monitoring-short-credits_critical = Credits critical
monitoring-type-budget_warning = Budget
monitoring-short-budget_warning = Budget
monitoring-type-system_error = Something needs you
monitoring-short-system_error = Errors
monitoring-type-daily_summary = The day in figures
monitoring-short-daily_summary = Daily summary
monitoring-type-weekly_report = The week in figures
monitoring-short-weekly_report = Weekly report
monitoring-type-scheduler_status = Schedule
monitoring-short-scheduler_status = Schedule
monitoring-type-proxy_status = Proxy
monitoring-short-proxy_status = Proxies

## Details

monitoring-detail-model = Model
monitoring-detail-provider = Provider
monitoring-detail-request = Request
monitoring-detail-reason = Reason
monitoring-detail-seconds = Time, seconds
monitoring-detail-usd = Cost, $
monitoring-detail-chat = Chat
monitoring-detail-state = State
monitoring-detail-at = Sent
monitoring-detail-character = Character
monitoring-detail-platform = Platform
monitoring-detail-remaining = Left
monitoring-detail-usage-percent = Used, %
monitoring-detail-limit = Limit
monitoring-detail-scope = For
monitoring-detail-proxy = Proxy
monitoring-detail-purpose = Leads to
monitoring-detail-run = Run
monitoring-detail-address = Address
monitoring-detail-error = Error
monitoring-detail-plan = Plan
monitoring-word-input-rejected = the order was refused
monitoring-word-safety = refused by the safety filter
monitoring-word-out-of-credit = the provider is out of credit
monitoring-word-rate-limited = too many requests
monitoring-word-provider-fault = a fault of the provider
monitoring-word-expired = there was no result in time
monitoring-word-unavailable = the provider is down
monitoring-word-unauthorized = the provider does not accept the key
monitoring-word-key-limit = the key may spend no more
monitoring-word-source-gone = the earlier result is not there any more
monitoring-word-chat-gone = this chat was deleted, or I was removed from it; I leave it alone for a day
monitoring-word-test = a test: everything that is to reach this chat does
monitoring-detail-period = Period
monitoring-detail-by = By
monitoring-word-budget-warning = most of it is used
monitoring-word-budget-critical = almost all of it is used
monitoring-word-budget-stopped = it is used up: no new order is taken, what runs is finished
monitoring-word-missed = a run was missed and is skipped
monitoring-word-paused = the series is paused
monitoring-word-resumed = the series goes on
monitoring-word-budget = the budget of the series is used up
monitoring-word-budget-reached = the bot’s own budget is used up
monitoring-word-order-refused = the order does not fit the model, or the model is off
monitoring-word-gone = the generation is not there any more
monitoring-word-result-gone = the result is not there any more
monitoring-word-platform-gone = this platform is not declared any more
monitoring-word-not-reached = the platform could not be reached
monitoring-word-proxy-up = it answers again
monitoring-word-proxy-down = it does not answer; the next one is used
monitoring-word-proxy-all-down = it does not answer, and no other does; I go on trying
monitoring-word-all-providers = all providers
monitoring-word-production = the series
monitoring-word-day = today
monitoring-word-month = this month
monitoring-word-telegram = Telegram
monitoring-word-providers = the providers
monitoring-word-webhook-silent = the platform took the video and never said what became of it

## Figures

monitoring-page = 🔔 Notifications
monitoring-status-command = How things stand today
monitoring-credits-command = What is left at the providers
monitoring-daily-command = The day in figures
monitoring-weekly-command = The last seven days in figures
monitoring-character-command = Videos by character
monitoring-platform-command = Videos by platform
monitoring-budget-command = How far the budgets are used
monitoring-restart-command = Restart the bot

monitoring-status-head = 📊 <b>{ DAY($day, form: "year") }</b>
monitoring-status-running = ▶️ The series runs.
monitoring-status-paused = ⏸ The series is paused by { $name }. /resume
monitoring-status-none = No series is declared.
monitoring-status-made = { $count ->
    [one] { $count } generation has ended today.
   *[other] { $count } generations have ended today.
}
monitoring-proxies-telegram = { "" }
    🛰 Proxies to Telegram:
monitoring-proxies-providers = { "" }
    🛰 Proxies to the providers:
monitoring-proxy-used = 🟢 { $proxy }: in use
monitoring-proxy-waits = ⚪ { $proxy }: answers, not needed now
monitoring-proxy-down = 🔴 { $proxy }: does not answer
monitoring-success = Success: { $percent }%
monitoring-no-success = Success: nothing has ended yet.
monitoring-progress = { $bar } { $done } of { $target } ({ $percent }%)
monitoring-report-head = <b>{ $title }</b> · { $span }
monitoring-report-nothing = Nothing happened.
monitoring-videos = 🎬 Ready: { $done }, failed: { $failed }
monitoring-skipped = ⏭ Skipped: { $count }
monitoring-times = ⏱ { $average } each, { $total } in all
monitoring-cost = 💵 Series: { $usd }
monitoring-everybody = 👥 People’s and the series’ generations: { $delivered } delivered, { $failed } failed; earned { $stars }
monitoring-everybody-cost = 💵 Taken by providers: { $usd }
monitoring-by-character = By character
monitoring-by-platform = By platform
monitoring-pair = • { $name }: ✅ { $good }{ $bad ->
    [0] {""}
   *[other] , ❌ { $bad }
}
monitoring-last-week = The last seven days:
monitoring-no-series = There is nothing to tell: no series is declared.
monitoring-unknown-name = I know no “{ $name }”. There are: { $names }
monitoring-credits-head = 🪙 <b>Credits</b>
monitoring-no-credits = No provider tells what is left yet. They are asked every few minutes.
monitoring-credit = <b>{ $name }</b>: { $remaining } { $unit } left
monitoring-credit-usd = Worth { $usd }
monitoring-credit-plan = Plan: { $plan }, { $monthly } a month{ $bonus ->
    [0] {""}
   *[other] , { $bonus } a day on top
}
monitoring-credit-used = { $mark } Used: { $used } ({ $percent }%) · { $level }
monitoring-credit-no-plan = No plan is set for it, so I cannot say how much is used.
monitoring-level-healthy = HEALTHY
monitoring-level-warning = WARNING
monitoring-level-critical = CRITICAL
monitoring-level-stopped = USED UP
monitoring-budget-head = 💸 <b>Budgets</b>
monitoring-budget = { $mark } { $name }, { $period }: { $used } of { $limit } ({ $percent }%), { $running } of it is being made · { $level }
monitoring-budget-series = 🎬 Series this month: { $usd }; held for what runs: { $held }
monitoring-no-budget = No budget is set. The operator’s guide says how to set one.
monitoring-all-providers = All providers
monitoring-per-day = today
monitoring-per-month = this month
monitoring-percent = { $percent }%
monitoring-chart-done = Ready
monitoring-chart-failed = Failed
monitoring-chart-by-day = By day
monitoring-chart-used = Used
monitoring-chart-credits = Credits
monitoring-time-seconds = { $seconds } s
monitoring-time-minutes = { $minutes } min
monitoring-time-hours = { $hours } h { $minutes } min

## A restart

monitoring-restart-ask = 🔄 Restart the bot? What people have running goes on afterwards; nothing is lost. For some seconds nobody is answered.
monitoring-restart-yes = 🔄 Restart
monitoring-restart-no = ✖️ No
monitoring-restart-not = Nothing is restarted.
monitoring-restart-old = This question is too old. Ask again: /restart
monitoring-restart-already = { $name } has just restarted it.
monitoring-restart-goes = 🔄 Restarting. I say when I am back.
monitoring-restart-done = 🔄 Restarted.
monitoring-restart-back = ✅ I am back after { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}. Asked for by { $name }.
