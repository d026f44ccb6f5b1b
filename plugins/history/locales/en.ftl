# HTML: <b>, <i>, <code>, <blockquote>. Buttons are at most 40 characters long.

help-of-history = 📚 Your works and your data
history-command = What you have made

## The list

history = 📚 <b>What you’ve made</b>
history-favourites = ⭐ <b>Your favourites</b>
history-empty = 📚 Nothing here yet. Write what you’d like to see or hear, and it will be kept here: /generate
history-no-favourites = ⭐ No favourites yet. Open one of your works and press “To favourites”.
history-gap = You’ve deleted what stood here.
history-row = <b>#{ $number }</b> { $model }{ $mark }
    { $state } · { $price } · { $time }
history-price = { $stars } ⭐
history-price-free = free
history-price-none = not charged
history-number = #{ $number }
history-newer = ‹ Newer
history-older = Older ›
history-all = 📚 Everything
history-to-favourites = ⭐ Favourites

history-state-waiting = 🕓 waiting
history-state-running = ⚙️ being made
history-state-coming = 📤 on its way
history-state-done = ✅ sent
history-state-failed = ⚠️ didn’t work out
history-state-stopped = 🛑 stopped
history-state-expired = ⌛ ran out of time

history-time = { $day }, { $clock }

## One generation

history-details = <b>#{ $number } · { $model }</b>{ $mark }
    { $state }
    { $time }
history-made-in = Made in { $time }
history-option = { $option }: { $value }
history-words = <blockquote>{ $words }</blockquote>
history-money = 💰 { $what }
history-money-nothing = Nothing was charged.
history-money-held = { $stars ->
    [one] { $stars } Star is set aside. It’s charged only when the result reaches you.
   *[other] { $stars } Stars are set aside. They’re charged only when the result reaches you.
}
history-money-charged = { $stars ->
    [one] { $stars } Star was charged.
   *[other] { $stars } Stars were charged.
}
history-money-returned = { $stars ->
    [one] { $stars } Star is back on your balance.
   *[other] { $stars } Stars are back on your balance.
}
history-money-free = It was free, nothing was charged.
history-money-free-held = It’s free, nothing will be charged.
history-money-free-returned = It was to be free; that free generation is yours again.
history-request = <code>{ $request }</code>

history-send-again = 🔁 Send again, free
history-sent-again = Sent once more, at no cost
history-favour = ☆ To favourites
history-unfavour = ⭐ Not a favourite any more
history-favour-result = ⭐ To favourites
history-favoured = ⭐ Among your favourites now
history-not-favoured = Not among your favourites any more
history-forget-words = 🧽 Forget my words
history-words-forgotten = The words are erased
history-delete-ask = 🗑 Delete
history-back = ↩️ Back to the list

history-delete = 🗑 Delete <b>#{ $number } · { $model }</b>?

    It leaves your history for good, with the words and the file that were kept with it. I can’t send it again then. What’s in our chat stays there until you delete it yourself.

    For statistics I keep a line without your words and without the result: the model, the time, the price and how it ended.
history-delete-yes = 🗑 Delete for good
history-delete-no = ↩️ Keep it
history-deleted = Deleted
history-not-over = It isn’t finished yet. Wait for it, or stop it with /cancel; then you can delete it.
history-gone = This is no longer in your history.

## Sharing in other chats

history-share-nothing = Nothing to share yet: make something
history-share-no-match = Nothing found: open the bot

## What is known about a person

privacy-command = Your data: see it, get it, erase it

privacy = 🔒 <b>What I know about you</b>

    <b>You.</b> Your name, @name and number in Telegram, your language and your settings. Until you erase them.

    <b>Your words and files.</b> Only while something is being made; with the result, or when it fails, they’re erased. Your last orders are remembered for 24 hours, so that you can ask for “the same again”. { $words }

    <b>What you’ve made.</b> A line each in /history: the model, its options, the time, the price and how it ended. The file lies with Telegram; I only keep its number there, to send it to you again. Until you delete it.

    <b>Money.</b> Payments and every movement of Stars. They stay for good: the books have to add up.

    <b>What you asked people here,</b> such as refunds and transfers, with the answer. Your words in it are erased once it’s decided.

    <b>Technical records</b> without any of your words: that a message was handled (7 days), what happened to a generation and that a message was sent to you (30 days).

    Whoever makes a result gets your words and files for it, but never learns who you are.
privacy-words-kept = <b>You let me keep your prompts:</b> they stand in /history until you delete them or switch this off.
privacy-words-not-kept = Your prompts are not kept in the history; you can switch that on below.
privacy-start-keeping = 💬 Keep my prompts in the history
privacy-stop-keeping = 🧽 Stop keeping my prompts, erase all
privacy-words-on = From now on your prompts stay in your history, for you alone. What was made before has none.
privacy-words-off = Done: all your prompts are erased, those of your last orders too. New ones don’t stay in your history.
privacy-get = 📦 Get my data
privacy-erase-ask = 🗑 Erase everything about me
privacy-back = ↩️ Back

privacy-export-begun = Gathering everything…
privacy-export = 📦 Everything that is kept about you, as a JSON file: made for programs, readable for people.

privacy-not-yet = 🗑 I can’t erase your data yet. First this has to be settled:
privacy-first-admin = • You operate this bot. What operators decide stays on record under their number. Take yourself out of ADMIN_IDS first.
privacy-first-running = • Something is still being made for you. Wait for it, or stop it with /cancel.
privacy-first-held = • Some of your Stars are set aside for something that isn’t finished. They’ll be free in a while.
privacy-first-owed = • { $stars ->
    [one] You owe { $stars } Star after a refund. Top up (/buy), or write to /support.
   *[other] You owe { $stars } Stars after a refund. Top up (/buy), or write to /support.
}
privacy-first-payments = • One of your payments or refunds is still under way. Give it a few minutes.
privacy-first-requests = • You’ve asked for something that is still being decided: a refund, a transfer or an answer. If it were erased, you’d never hear of it.

privacy-erase = 🗑 <b>Erase everything about me</b>

    <b>This goes:</b> your name and settings, your history with its favourites, words and file numbers, your requests, your invitation link, and the records of what I’ve sent you.

    <b>This stays, without you:</b> the entries of the books, payments, what was bought, and a line without words for each generation. Instead of your number they carry a random one, which leads nobody back to you. Telegram’s own numbers of payments stay with them; whose they were, only Telegram knows then. So a payment can’t be given back any more.

    <b>And one mark:</b> a fingerprint of your number that can’t be read, so that the welcome gift and promo codes are given once. If you come back, you’re new here, but without a second gift.

    The messages in our chat are yours: delete the chat to be rid of them.
privacy-loses-stars = ⚠️ { $stars ->
    [one] <b>You still have { $stars } Star, and it would be lost.</b> You can spend it first, or ask for paid Stars back: /refund
   *[other] <b>You still have { $stars } Stars, and they would be lost.</b> You can spend them first, or ask for paid Stars back: /refund
}
privacy-loses-plan = ⚠️ Your plan “{ $plan }” is cancelled with it: no further month is charged, and the Stars of this month are gone.
privacy-erase-sure = Nothing is erased yet: I’ll ask once more.
privacy-erase-go-on = Go on
privacy-erase-keep = ↩️ Keep everything
privacy-erase-last = 🗑 <b>Last question.</b> Everything about you is erased at once, and nobody can bring it back.
privacy-erase-yes = 🗑 Erase everything now
privacy-erase-yes-stars = 🗑 Erase all, and lose { $stars } ⭐
privacy-erased = ✅ Everything about you is being erased right now. Thank you for having been here.

    If you ever write again, we’ll meet anew: /start
privacy-telegram-away = Telegram didn’t let me cancel your plan just now. Nothing was erased; please try again in a minute.
