# Orders, invoices and payments. HTML: <b>, <i>, <code>. Reasons before a payment are shown without HTML.

## Invoices

invoice-pay = Pay ⭐ { $stars }
invoice-about-stars = { $stars ->
    [one] { $stars } Star
   *[other] { $stars } Stars
} for your balance here, to spend on anything the bot makes. What you don’t use stays on it.
invoice-about-generation = { $stars ->
    [one] { $stars } Star
   *[other] { $stars } Stars
} for your balance here. As soon as it is paid, your order starts by itself. What is left stays on the balance.
invoice-about-plan = { $stars ->
    [one] { $stars } Star
   *[other] { $stars } Stars
} for your balance here every 30 days. You can cancel at any time: /plan

order-amount = An invoice can be for 1 to { $most } Stars, whole ones only. Nothing was charged.

## Before a payment: why not

order-unknown = I don’t know this invoice, so nothing was charged. Please ask for a new one.
order-foreign = This invoice is somebody else’s, so nothing was charged. Ask the bot for one of your own.
order-currency = This can be paid in Telegram Stars only. Nothing was charged.
order-changed = The amount of this invoice is not the one we agreed on, so nothing was charged. Please ask for a new one.
order-expired = This invoice has expired, so nothing was charged. Please ask for a new one.
order-paid = This invoice is paid already, so nothing was charged again.
order-off = What this invoice is for is switched off at the moment, so nothing was charged.
order-rehearsal = This bot is on a test run: nothing real is made here, so it takes no Stars. Nothing was charged.
order-banned = You cannot use this bot at the moment, so nothing was charged.
order-terms = Please read and accept the terms first: /terms. Nothing was charged.

## The link of a forwarded invoice

order-link-unknown = I don’t know this invoice any more. Nothing was charged. For a new one: /buy
order-link-foreign = This invoice is somebody else’s; only they can pay it. If you’d like Stars of your own: /buy
order-link-paid = This invoice is paid already. For another one: /buy
order-link-expired = This invoice has expired. Nothing was charged. For a new one: /buy

## Letters after a payment

payment-money = You paid { $stars } ⭐{ $bonus ->
    [0] {""}
   *[other] {" "}and got { $bonus } ⭐ on top
}{ $repaid ->
    [0] {""}
   *[other] ; { $repaid } ⭐ of that went to what you owed
}. Your balance is { $balance } ⭐ now.
payment-received = ✅ Thank you! { $money }

    Make something: /generate
payment-unknown = ✅ { $money }

    The order behind this payment is not known here, so all of it is on your balance. If you paid for something else, write to us: /paysupport
payment-generation-begins = ✅ Paid: { $stars } ⭐. <b>{ $model }</b> is starting…
payment-with-rest = ✅ { $money }

    What you ordered is being made, and its price is taken already. Use the rest whenever you like: /generate
payment-but-late = ✅ { $money }

    The order it was for had expired, so it did not start. Begin again, your Stars are there: /generate
payment-but-made = ✅ { $money }

    What you paid for had been started already, so it was not started twice. Use the Stars for something else: /generate
payment-but-busy = ✅ { $money }

    Your order did not start, because you have as much running and waiting as there is room for. When one of those is done, begin again: /generate
payment-but-price = ✅ { $money }

    Your order did not start: its price has changed from { $was } ⭐ to { $now } ⭐ meanwhile. If that is fine with you, begin again: /generate
payment-but-short = ✅ { $money }

    Your order did not start: it costs { $needed } ⭐, and { $missing } ⭐ are missing now. Top up (/buy) or choose something else: /generate
payment-but-dry = 🧪 { $money }

    This is a test run, so your order did not start, and nothing was taken for it.
payment-but-refused = ✅ { $money }

    Your order did not start, and your Stars stay on the balance. The reason:
    { $reason }

## Letters after a payment to a feature

payment-sale-off = ✅ { $money }

    What you paid for is switched off at the moment, so nothing was taken for it: the Stars are yours to spend on anything else, or write to us: /paysupport
payment-sale-short = ✅ { $money }

    That does not cover what you paid for, so you did not get it. Top up (/buy) and order it again, or write to us: /paysupport
payment-sale-refused = ✅ { $money }

    You did not get what you paid for, so nothing was taken for it. The reason:
    { $reason }
payment-sale-failed = 😕 { $money }

    What you paid for did not work, however often we tried, so nothing was taken for it. The Stars are yours to spend on anything else, or write to us: /paysupport

## For admins

alert-payment-unknown = ⚠️ A payment of { $stars } ⭐ by <code>{ $user }</code> names no order of theirs. It is on their balance. Charge: <code>{ $charge }</code>
alert-payment-sale = ⚠️ A payment of { $stars } ⭐ was not taken by the plugin it was meant for ({ $plugin }). It is on the person’s balance. Charge: <code>{ $charge }</code>
alert-payment-currency = ⚠️ A payment in <b>{ $currency }</b> over { $stars } was reported. Only Stars are credited, so this was not. Charge: <code>{ $charge }</code>
alert-payment-conflict = ⚠️ A payment of { $stars } ⭐ was reported again with another person or another amount. The first report counts. Charge: <code>{ $charge }</code>
alert-payment-stuck = ⚠️ A payment of { $stars } ⭐ is credited, and what follows from it fails again and again. I keep trying; the log says why. Charge: <code>{ $charge }</code>
