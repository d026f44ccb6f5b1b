## Commands

buy-command = Top up your balance
help-of-buy = 💰 Balance and payments
balance-command = Your balance and what came and went
terms-command = Terms of sale
support-command = Write to the people behind this bot
paysupport-command = Help with a payment
refund-command = Ask for Stars back
promo-command = Use a promo code
invite-command = Invite friends

## The shop

buy = ⭐ <b>Top up your balance</b>

    You have <b>{ $balance }</b>.

    Choose how many Stars to add. They stay on your balance until you use them, and every price is shown before anything is charged.

    <i>“≈” is what the Stars are worth here; what you pay for Stars themselves, Telegram shows you at checkout.</i>
buy-rehearsal = 🧪 <b>This bot is on a test run</b>

    You have <b>{ $balance }</b>.

    Nothing real is made here just now, so I take no Stars. What is on your balance stays there.
buy-package = { $stars } ⭐ · { $value }
buy-another-amount = ✏️ Another amount
buy-by-transfer = 💳 Card transfer
buy-by-code = 🎟 I have a promo code
buy-back = ‹ Back
buy-something-else = ‹ Something else
buy-never-mind = ✖️ Never mind
buy-ask-amount = How many Stars would you like? Send me a number from 1 to { $most }.
buy-amount-no-number = I need the number of Stars in digits, for example <code>150</code> — from 1 to { $most }. Or leave with /cancel.
buy-amount-fraction = Stars come whole, so I can’t take a fraction. Send me a whole number from 1 to { $most }.
buy-amount-too-little = That’s too little: the smallest top-up is 1 Star. Send me a number from 1 to { $most }.
buy-amount-too-much = That’s too much at once: Telegram takes { $most } Stars at most in one payment. Send me a number from 1 to { $most }.
buy-invoice-below = 🧾 Your invoice for <b>{ $stars }</b> is below. Tap “Pay”, and the Stars are on your balance as soon as Telegram confirms — usually within seconds.
buy-dropped = All right, never mind. Nothing was charged.
buy-old-button = This button is out of date. Nothing was charged. To start over: /buy

## The terms

terms = 📄 <b>Terms of sale</b>

    { $terms }
terms-question = 📄 <b>Before your first purchase</b>, please read the terms of sale — it takes a minute, and I ask only once.

    { $terms }
terms-accepted = 📄 <b>Terms of sale</b>

    { $terms }

    ✅ You accepted them on { $day }.
terms-text = <b>1. What you buy.</b> Stars on your balance in this bot. You spend them on generations: videos, pictures and sound made by AI models from your words.

    <b>2. Prices.</b> Every price is shown before you confirm. It is set aside when a generation begins and charged only when the result reaches you.

    <b>3. If something goes wrong.</b> A generation that fails, is refused or is stopped costs nothing: what was set aside goes back to your balance by itself.

    <b>4. Refunds.</b> Ask with /refund for any payment or generation. A person looks at each request. A payment is refunded whole, to your Telegram Stars balance, and the Stars you got for it leave your balance here.

    <b>5. Results.</b> AI makes each result anew, so it can differ from what you imagined. That alone is not a fault, but tell us: we’re glad to help.

    <b>6. What is not allowed.</b> Nothing unlawful, nothing that hurts others, and no material you have no right to use.

    <b>7. Your data.</b> Your words and files go to the AI model that you choose and to nobody else. Once the result is delivered, we erase them; only your last orders are remembered for 24 hours, so that you can have the same again, and your words for longer if you let us. We do keep records of payments.

    <b>8. Questions.</b> About payments: /paysupport. About everything else: /support. Telegram itself cannot help with purchases made here.
terms-accept = ✅ I accept
terms-accept-and-go-on = ✅ I accept, go on
terms-thanks = Thank you!
terms-declined = All right. Nothing was charged. When you change your mind: /buy

## Balance and statement

balance = 💰 <b>Your balance</b>

    Available: { $available }
balance-held = Set aside for what is being made: { $held }
balance-owed = Owed: { $owed } — they are taken from the next Stars that come in.
balance-empty = Nothing has come or gone yet.
balance-day = <b>{ $day }</b>
    { $lines }
balance-line = { $change } · { $what }
balance-line-still = ○ { $what }
balance-more = +{ $stars } ⭐
balance-less = −{ $stars } ⭐
balance-newer = ‹ Newer
balance-older = Older ›
balance-some-generation = a generation

entry-purchase = bought with Telegram Stars
entry-plan = monthly plan
entry-bonus = bonus for your purchase
entry-card = card transfer
entry-welcome = welcome gift
entry-code = promo code
entry-referral = bonus for inviting a friend
entry-referral-taken-back = friend’s purchase was refunded, bonus taken back
entry-refund = payment refunded
entry-refund-undone = refund did not go through, put back
entry-given-back = given back for a generation
entry-forgiven = { $stars } ⭐ of what you owed, forgiven
entry-grant = gift from the operators
entry-written-off = written off by the operators
entry-gift = gift
entry-spent = spent
entry-correction = correction by the operators
entry-owed = { $stars } ⭐ owed: spent already when the payment was taken back
entry-repaid = towards what you owed
entry-generation = { $model }
entry-done = { $model }: delivered
entry-returned = { $model }: it did not work out, put back
entry-free = { $model }: free
entry-free-returned = { $model }: it did not work out, your free try is kept
entry-feature = an extra feature
entry-feature-done = an extra feature: done
entry-feature-returned = an extra feature: it did not work out, put back

## Help

support = 💬 <b>How to reach us</b>
support-text = { $text }
support-telegram = In Telegram: { $telegram }
support-email = By e-mail: <code>{ $email }</code>
support-nobody = If a generation failed, its Stars are back on your balance already: see /balance. If you want a payment or a generation back, ask with /refund — that reaches the people who run this bot, and they answer here in the chat.
support-number = When you write, please give your number: <code>{ $number }</code>
support-write = 💬 Write to us
paysupport = 🧾 <b>Help with a payment</b>

    • Paid, but the Stars aren’t there? It can take a minute or two: see /balance. A payment that Telegram confirmed is never lost.
    • Want a payment or a generation back? Ask with /refund: a person looks at it, and the answer comes here.
    • Monthly plan: see /plan.

    Telegram’s own support cannot help with purchases made in bots — we can.
refund-open = ↩️ Ask for Stars back

## Asking for Stars back

refund-choose = ↩️ <b>What is it about?</b>

    Choose a payment or a generation of the last 30 days. ⏳ is being looked at, ✅ was given back, ✖️ was declined.
refund-nothing = There’s nothing to give back: you have neither payments nor paid generations of the last 30 days. For anything else: /support
refund-item-payment = { $mark } ⭐ { $stars } · { $day }
refund-item-generation = { $mark } { $model } · { $stars } ⭐ · { $day }
refund-mark-free = ↩️
refund-mark-open = ⏳
refund-mark-decided = ⏳
refund-mark-refunded = ✅
refund-mark-declined = ✖️
refund-what-payment = your payment of <b>{ $stars }</b>, { $day }
refund-what-generation = <b>{ $model }</b> for { $stars }, { $day }
refund-why = Asking for { $what }.

    What went wrong? Tell me in a few words, up to { $limit } characters — it helps us to decide. You can also skip this.
refund-skip = Skip
refund-back = ‹ Back
refund-words-only = Words, please: tell me in a text message what went wrong, or press “Skip”.
refund-too-long = That’s { $length } characters, and there’s room for { $limit }. Please say it in fewer words.
refund-confirm-payment = Ask for { $what } to be refunded?

    { $reason }

    A person decides. If they agree, Telegram puts the whole payment back on your Telegram Stars balance, and the Stars that you got for it leave your balance here. Those you have spent by then may have to be made good first.
refund-confirm-generation = Ask for { $what } to be given back?

    { $reason }

    A person decides. If they agree, the Stars come back to your balance here.
refund-reason = You say: <blockquote>{ $reason }</blockquote>
refund-no-reason = You give no reason — you can still send me one now.
refund-send = 📨 Send the request
refund-asked = 📨 Sent: the operators have your request for { $what }.

    They look at it and decide; the answer comes here. Until then nothing changes on your balance. How it stands you see with /refund.
refund-state-open = ⏳ Your request for { $what } is with the operators. The answer comes here; until then nothing changes on your balance.
refund-state-decided = ⏳ Your request for { $what } is being carried out. You’ll have word here in a moment.
refund-state-refunded = ✅ Given back: { $what }. See /balance.
refund-state-declined = ✖️ Your request for { $what } was declined, and nothing changed on your balance. If you see it differently: /paysupport

## Promo codes

code-ask = 🎟 Send me your promo code.
code-words-only = I need the code as text. Send it, or leave with /cancel.

## Inviting friends

invite = 💌 <b>Invite friends</b>

    Your link:
    <code>{ $link }</code>

    When somebody new comes by it and buys Stars for the first time, you’re given <b>{ $bonus }</b>. If that purchase is refunded, so is the bonus.
invite-came = Came by your link so far: { $people ->
        [one] { $people } person
       *[other] { $people } people
    }. Bought: { $buyers }. Your bonus: { $stars } ⭐.
invite-share = 💌 Share the link
invite-off = There’s no bonus for inviting friends at the moment — but they’re welcome all the same.

## Card transfers

transfer-ask = 💳 How many roubles would you like to transfer? From { $least } to { $most } ₽.
transfer-amount-no-number = I need the amount in roubles, in digits, for example <code>500</code> — from { $least } to { $most } ₽. Or leave with /cancel.
transfer-amount-kopecks = There’s nothing smaller than a kopeck: two digits behind the point at most. From { $least } to { $most } ₽.
transfer-instructions = 💳 <b>{ $roubles } ₽ → { $stars }</b>

    Please transfer exactly <code>{ $exact }</code> ₽:
    { $where }

    Then send me the receipt here, as a photo or a file. A person checks it and credits the Stars.

    <i>{ $rate }</i>
transfer-bank = Bank: { $value }
transfer-card = Card: <code>{ $value }</code>
transfer-holder = Name: { $value }
transfer-phone = Phone: <code>{ $value }</code>
transfer-rate-official = By the Bank of Russia’s rate of { $day }: { $rate } ₽ for $1. It holds for this transfer.
transfer-rate-own = By our own rate of { $day }: { $rate } ₽ for $1. It holds for this transfer.
transfer-paid = 📎 Send the receipt
transfer-withdraw = ✖️ Don’t transfer
transfer-receipt-ask = 📎 Send the receipt now, as a photo or a file.
transfer-submitted = 🕓 Your receipt for { $roubles } ₽ is with the operators. Once they have seen the money, <b>{ $stars }</b> come to your balance, and I write to you. There’s nothing more to do.
transfer-withdrawn = All right, the transfer is called off. If you have sent the money already, write to us: /paysupport
transfer-none = There’s no transfer waiting. To begin one: /buy

## Monthly plans

plans-command = Your monthly plan
plans-item = 🔁 { $plan } · { $price } ⭐/month
plans-offer = 🔁 <b>{ $plan }</b>

    You pay <b>{ $price }</b> every 30 days, and <b>{ $grant }</b> come to your balance each time. What you don’t use stays.

    Telegram charges by itself until you cancel, which you can do at any time: /plan
plans-subscribe = 🔁 Subscribe for { $price } ⭐ a month
plans-active = 🔁 <b>{ $plan }</b> is on.

    Next charge: { $price } on { $day }, and { $grant } come to your balance.
plans-canceled = Cancelled
plans-canceled-until = 🔁 <b>{ $plan }</b> is cancelled: it is paid until { $day } and won’t be charged again. The Stars on your balance stay yours.

    If you resume it before that day, the next charge is { $price } for { $grant }.
plans-failed = ⚠️ <b>{ $plan }</b>: Telegram could not charge { $price } for the month from { $day }, so its { $grant } have not come yet. Have the Stars ready in Telegram and it will be tried again — or cancel.
plans-none = You have no monthly plan at the moment. See what there is:
plans-none-on-sale = You have no monthly plan, and none is on sale at the moment. To top up: /buy
plans-see = ⭐ See the plans
plans-cancel = ✖️ Cancel the plan
plans-cancel-one = ✖️ Cancel { $plan }
plans-resume = 🔁 Resume the plan
plans-resume-one = 🔁 Resume { $plan }
plans-resumed = It goes on!
plans-telegram-away = Telegram hasn’t answered, so nothing has changed yet. Please try again in a minute.
support-write-here = ✍️ Write to us here
support-ask = Write in one message what it is about, please. A person reads it and answers here. To leave: /cancel
support-sent = ✅ Sent. The answer comes here.
