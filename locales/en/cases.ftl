# What operators decide: top-ups by card transfer, refunds, debts. HTML: <b>, <i>, <code>.

case-unknown = I don’t know this request any more. Nothing was changed.
alert-case-stuck = ⚠️ The decision <b>{ $decision }</b> on the request <code>{ $case }</code> still could not be carried out. I keep trying; the log says why it fails.

## Top-ups by card transfer: what people ask for

topup-off = Card transfers aren’t offered here. You can buy Stars with /buy.
topup-amount-out = Please choose an amount from { $least } ₽ to { $most } ₽. Nothing was started.
topup-waiting = You already have a top-up of { $rub } ₽ ({ $stars } ⭐) waiting for its receipt. Send the receipt as a photo or a file, or withdraw that top-up first.
topup-submitted = The receipt for your top-up of { $rub } ₽ is with the operators. I’ll write to you as soon as they have checked it; nothing more is needed from you.
topup-nothing-waiting = I’m not waiting for a receipt. Start a top-up with /buy, then send the receipt here.
topup-receipt-kind = Please send the receipt as a photo or a file, so that the operators can see it.

## Top-ups by card transfer: what came of it

topup-credited = ✅ Your transfer of { $asked } ₽ has been checked: { $stars } ⭐ came to your account. { $repaid ->
    [0] You can spend them right away: /generate
   *[other] { $repaid } ⭐ of them paid off what you owed. Your balance: /balance
}
topup-credited-other-roubles = ✅ Your transfer has been checked. You had announced { $asked } ₽, and { $came } ₽ arrived, so { $stars } ⭐ came to your account. { $repaid ->
    [0] You can spend them right away: /generate
   *[other] { $repaid } ⭐ of them paid off what you owed. Your balance: /balance
}

    If that looks wrong, tell us: /paysupport
topup-credited-other-stars = ✅ Your transfer of { $asked } ₽ has been checked. The operators credited { $stars } ⭐ instead of the { $asked_stars } ⭐ you had asked for. { $repaid ->
    [0] You can spend them right away: /generate
   *[other] { $repaid } ⭐ of them paid off what you owed. Your balance: /balance
}

    If that looks wrong, tell us: /paysupport
topup-declined = ❌ Your top-up of { $asked } ₽ was not credited: the operators could not find this transfer. Your balance has not changed.

    If the money has left your account, keep the receipt and write to us: /paysupport
topup-declined-unreadable = ❌ Your top-up of { $asked } ₽ was not credited: the receipt could not be read. Your balance has not changed.

    Please start again with /buy and send a clearer photo or the file from your bank.
topup-declined-used = ❌ Your top-up of { $asked } ₽ was not credited: this receipt belongs to an earlier transfer. Your balance has not changed.

    If that is a mistake, write to us: /paysupport

## For operators

topup-correction-unclear = That is no amount I can credit. Write whole Stars, as <code>94</code>, or roubles, as <code>500 ₽</code>. Nothing was credited.
