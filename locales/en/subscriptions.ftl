# Monthly plans: what people are told of them. HTML: <b>, <i>, <code>.

plan-title = Monthly plan · { $stars } ⭐

plan-started = 🌟 Your plan <b>{ $title }</b> has begun: you paid { $stars } ⭐, and { $grant } ⭐ came to your account. { $repaid ->
    [0] You can spend them right away: /generate
   *[other] { $repaid } ⭐ of them paid off what you owed. Your balance: /balance
}

    The month runs until { $until }; then Telegram charges the next one. See it or cancel it: /plan
plan-renewed = 🌟 Your plan <b>{ $title }</b> was renewed: you paid { $stars } ⭐, and { $grant } ⭐ came to your account. { $repaid ->
    [0] You can spend them right away: /generate
   *[other] { $repaid } ⭐ of them paid off what you owed. Your balance: /balance
}

    The month runs until { $until }. See it or cancel it: /plan
plan-canceled = You cancelled your plan <b>{ $title }</b>. It stays yours until { $until }, and Telegram will not charge it again. The Stars on your balance stay yours.

    If you change your mind before that day, resume it in Telegram: Settings → My Stars.
plan-restored = 🌟 Your plan <b>{ $title }</b> goes on: Telegram will charge { $stars } ⭐ on { $until }. See it or cancel it: /plan
plan-failed = ⚠️ Telegram could not charge { $stars } ⭐ for the next month of your plan <b>{ $title }</b>, so nothing was charged and nothing was credited. The Stars on your balance stay yours.

    To go on with the plan, have { $stars } ⭐ in Telegram: Settings → My Stars. If you don’t want it any more, cancel it: /plan
plan-ended = Your plan <b>{ $title }</b> has ended: it was cancelled, and its last month is over. Nothing more will be charged for it. The Stars on your balance stay yours.

    To begin again: /buy
plan-lapsed = Your plan <b>{ $title }</b> has ended: its month was over on { $until }, and the next one has not been paid. The Stars on your balance stay yours.

    Should Telegram charge it after all, its Stars come to your account as before. To begin again: /buy

## When something about a plan cannot be done

plan-gone = This plan isn’t sold any more. Nothing was charged. See what there is: /buy
plan-unknown = I don’t know this plan of yours. See your plans: /plan
plan-over = This plan has ended already, and nothing more is charged for it. To begin again: /buy
plan-resume-there = You cancelled <b>{ $title }</b> in Telegram itself, so only there can it be resumed: Settings → My Stars. Nothing was charged.
