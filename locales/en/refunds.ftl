# Refunds and the comparison with Telegram's own list. HTML: <b>, <i>, <code>.

## Letters to people

refund-letter = ↩️ Your payment of { $stars } ⭐ is refunded: Telegram has put { $stars ->
        [one] the Star
       *[other] the { $stars } Stars
    } back on your Telegram Stars balance.

    { $taken ->
        [0] Nothing could be taken from your balance here.
       *[other] Taken from your balance here: { $taken } ⭐.
    } It is now { $balance } ⭐{ $held ->
        [0] .
       *[other] , and { $held } ⭐ are set aside for what is being made.
    }{ $forgiven ->
        [0] {""}
       *[other] {" "}The { $forgiven } ⭐ you had already spent are on us.
    }{ $owed ->
        [0] {""}
       *[other] {" "}You owe { $owed } ⭐ that were spent already; they are taken from the next Stars that come to your balance here.
    }
refund-letter-telegram = ↩️ Telegram or the app store took your payment of { $stars } ⭐ back from us, so it no longer counts here.

    { $taken ->
        [0] Nothing could be taken from your balance here.
       *[other] Taken from your balance here: { $taken } ⭐.
    } It is now { $balance } ⭐{ $held ->
        [0] .
       *[other] , and { $held } ⭐ are set aside for what is being made.
    }{ $forgiven ->
        [0] {""}
       *[other] {" "}The { $forgiven } ⭐ you had already spent are on us.
    }{ $owed ->
        [0] {""}
       *[other] {" "}You owe { $owed } ⭐ that were spent already; they are taken from the next Stars that come to your balance here.
    }

    If that is a surprise to you, write to us: /paysupport
refund-letter-declined = We looked into your request and could not agree to give { $stars ->
        [one] { $stars } Star
       *[other] { $stars } Stars
    } back. Nothing about your balance has changed. If you see it differently, write to us: /paysupport
refund-letter-generation = ↩️ { $stars ->
        [one] { $stars } Star for your generation is
       *[other] { $stars } Stars for your generation are
    } given back{ $repaid ->
        [0] {" "}to your balance here.
       *[other] ; { $repaid } ⭐ of that went to what you owed.
    } Your balance is now { $balance } ⭐.{ $owed ->
        [0] {""}
       *[other] {" "}You still owe { $owed } ⭐.
    }
refund-letter-forgiven = 🤝 We have written off { $stars } ⭐ that you owed. { $owed ->
        [0] You owe nothing now.
       *[other] You still owe { $owed } ⭐.
    } Your balance is { $balance } ⭐.

## What people are answered

refund-charge-unknown = I don’t know a payment <code>{ $charge }</code>. Nothing was changed.
refund-made-before = This payment of { $stars } ⭐ was refunded before. Nothing was changed.
refund-generation-free = Nothing was paid for this one in the end, so there is nothing to give back.

## For operators

refund-decision-impossible = That can’t be decided here. Nothing was changed.
refund-case-short = Not refunded: of the payment of { $stars } ⭐ { $missing } ⭐ are spent already (on the balance: { $available } ⭐, set aside: { $held } ⭐). Decide whether that becomes a debt or is forgiven.
refund-case-refused = Not refunded: Telegram refused the refund of { $stars } ⭐ (<code>{ $error }</code>). The person’s balance is as it was before.
refund-case-nothing-earned = Not given back: this generation has not cost { $stars } ⭐ in the end, so there is nothing to give back.

alert-reconcile-unlisted = ⚠️ I have credited the payment <code>{ $charge }</code> of { $stars } ⭐, and Telegram does not list it. Check it before you withdraw Stars.
alert-reconcile-refund-unlisted = ⚠️ The payment <code>{ $charge }</code> of { $stars } ⭐ counts as refunded here, and Telegram’s list does not show the refund. Check it.
alert-reconcile-history = ℹ️ Telegram lists { $count ->
        [one] { $count } payment
       *[other] { $count } payments
    } ({ $stars } ⭐ in all) from before this database began, of which it knows no order. None of that was credited.
alert-reconcile-failed = ⚠️ The payment <code>{ $charge }</code> from Telegram’s list could not be booked: { $reason }. I try again every few minutes.
