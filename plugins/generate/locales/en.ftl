generate-command = Make a video, a picture or music

generate-choose = ✨ What shall we make? Choose a model — or write your idea first.
generate-choose-for = ✨ Which model shall make this?

    <blockquote>{ $prompt }</blockquote>
generate-no-models = 😕 There’s nothing to make it with just now. Please come back a little later.
generate-model-video = 🎬 { $model } · { $price }
generate-model-image = 🖼 { $model } · { $price }
generate-model-audio = 🎵 { $model } · { $price }
generate-stars = { $stars } ⭐
generate-free = free
generate-free-daily = free today, { $left } left
generate-free-newcomer = free, a gift for newcomers, { $left } left
generate-make-free = ✨ Make it for free
generate-previous = ‹ Back
generate-next = More ›
generate-other-model = ↩️ Another model
generate-drop = ✖️ Cancel

generate-ask-prompt = <b>{ $model }</b> · { $price }

    Describe in your own words what you’d like — up to { $limit ->
        [one] { $limit } character
       *[other] { $limit } characters
    }.
generate-words-only = I need words here: describe in a text message what you’d like to see or hear. Nothing was charged.
generate-option = { $option }: { $value }
generate-confirm = <b>{ $model }</b>
    { $options }

    <blockquote>{ $prompt }</blockquote>

    Price: <b>{ $price }</b> { $money }
    Your balance: { $balance }

    Shall I start? You can also send other words instead.
generate-confirm-free = <b>{ $model }</b>
    { $options }

    <blockquote>{ $prompt }</blockquote>

    Price: <b>{ $price }</b>

    Shall I start? You can also send other words instead. If it fails, it doesn’t count.
generate-make = ✨ Make it for { $price } ⭐
generate-again = 🔄 Try again for { $price } ⭐
generate-price-changed = The price has changed while you were choosing: it was { $was } ⭐, now it’s <b>{ $now } ⭐</b>. Nothing was charged.

    Shall I start at the new price?
generate-balance-short = 😕 Not enough Stars: this costs { $needed } ⭐, and you have { $available } ⭐ — <b>{ $missing } ⭐</b> short. Nothing was charged.

    You can choose a cheaper model, or come back when your balance covers it.
generate-balance-owed = { $text }

    { $owed } ⭐ of that pay back what you owe.
generate-can-be-paid = { $text }

    Or pay right here: it starts by itself as soon as it’s paid.
generate-pay-exact = ⭐ Pay { $stars } ⭐ and start
generate-pay-package = 🛍 Take { $stars } ⭐ and start
generate-invoice-below = 🧾 The invoice for { $stars } is below. As soon as it’s paid, I start by myself.
generate-terms = The terms of purchase are here: /terms
generate-terms-question = 📄 One question before your first purchase. These are the terms:

    { $terms }

    Do you accept them?
generate-terms-accept = ✅ I accept, go on
generate-free-over = The free ones were used up while you were choosing. Now this costs <b>{ $now } ⭐</b>. Nothing was charged.

    Shall I start at this price?
generate-free-now = Good news: now it’s <b>{ $price }</b>. Nothing was charged.

    Shall I start?
generate-begun = It’s begun!
generate-dropped = All right, never mind. Nothing was charged. To start over: /generate
generate-model-gone = This model isn’t available any more. Please choose another one.

generate-busy = ⏳ <b>{ $model }</b> is still working for you. When that’s done, send me your next idea.
generate-waiting = ⏳ <b>{ $model }</b> · { $price }

    It’s your turn any moment…
generate-running = ⏳ <b>{ $model }</b> · { $price }

    { $bar } { $percent }%
generate-sending = 📤 <b>{ $model }</b> is done! Sending it to you…
generate-stop = 🛑 Stop
generate-stopping = Stopping it…
generate-too-late = It can’t be stopped any more: it’s finished, or about to be.
generate-is-running = It’s already being made.
generate-is-over = That one is over already. To make another: /generate
generate-old-button = This button is out of date. Nothing was charged. To start over: /generate
