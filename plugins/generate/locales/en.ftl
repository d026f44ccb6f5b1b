generate-command = Make a video, a picture or music
help-of-generate = ✨ Creating
generate-link-gone = { $found ->
    [0] The model of this link isn’t here any more. Choose another one:
   *[other] The model of this link isn’t here any more. Perhaps one of these?
}

generate-choose = ✨ What shall we make? Choose a model — or write your idea first.
generate-choose-for = ✨ Which model shall make this?

    <blockquote>{ $prompt }</blockquote>
generate-choose-for-files = ✨ Got it. What shall we make of it? These models take it:
generate-no-models = 😕 There’s nothing to make it with just now. Please come back a little later.
generate-model-video = 🎬 { $model } · { $price }
generate-model-image = 🖼 { $model } · { $price }
generate-model-audio = 🎵 { $model } · { $price }
generate-model-video-given = 🎞 { $model } · { $price }
generate-model-image-given = 🪄 { $model } · { $price }
generate-model-audio-given = 🎙 { $model } · { $price }
generate-popular = ⭐{ $model }
generate-search = 🔎 Find a model
generate-to-models = ↩️ All models
generate-to-ideas = 💡 Ideas
generate-own-words = ✍️ My own idea
generate-it-is-my-idea = ✍️ That’s my idea
generate-ask-name = 🔎 What’s the model called? A part of its name will do.
generate-found = 🔎 Models called “{ $query }”. If that was your idea rather than a name, press the button below.
generate-none-found = 🔎 I know no model called “{ $query }”. Try another spelling, or look through the list.
generate-ideas = 💡 Something to begin with? Press what you like — you can change everything afterwards.
generate-ask-idea = ✍️ Describe in your own words what you’d like to get. You choose the model next.
generate-category-video = 🎬 Video · { $count }
generate-category-image = 🖼 Pictures · { $count }
generate-category-audio = 🎵 Sound · { $count }
generate-family = { $name } · { $count }
generate-up = ⬆️ Up
generate-stars = { $stars } ⭐
generate-from = from { $stars } ⭐
generate-from-stars = from { $stars }
generate-price-later = price after the choice
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
generate-or-an-idea = { $text }

    No idea yet? Take one of these:
generate-words-only = I need words here: describe in a text message what you’d like to see or hear. Nothing was charged.
generate-files = { $role }: { $count ->
    [one] { $count } file
   *[other] { $count } files
}
generate-quoted = <blockquote>{ $prompt }</blockquote>
generate-price = <b>{ $price }</b>
generate-confirm = <b>{ $model }</b>
    { $about }

    Price: { $price }
    Your balance: { $balance }

    { $words ->
        [true] Shall I start? You can also send other words instead.
       *[other] Shall I start?
    }
generate-confirm-group = <b>{ $model }</b>
    { $about }

    Price: { $price }

    { $words ->
        [true] Shall I start? You can also send other words instead.
       *[other] Shall I start?
    }
generate-confirm-free = <b>{ $model }</b>
    { $about }

    Price: <b>{ $price }</b>

    { $words ->
        [true] Shall I start? You can also send other words instead. If it fails, it doesn’t count.
       *[other] Shall I start? If it fails, it doesn’t count.
    }

generate-looking = Looking at your file…
generate-ask-image = <b>{ $model }</b>

    <b>{ $role }</b>: send a picture.
    { $limits }
generate-ask-images = <b>{ $model }</b>

    <b>{ $role }</b>: { $most ->
        [one] send one more picture
       *[other] send up to { $most } pictures, one by one or as an album
    }.
    { $limits }
generate-ask-video = <b>{ $model }</b>

    <b>{ $role }</b>: send a video.
    { $limits }
generate-ask-videos = <b>{ $model }</b>

    <b>{ $role }</b>: { $most ->
        [one] send one more video
       *[other] send up to { $most } videos, one by one or as an album
    }.
    { $limits }
generate-ask-audio = <b>{ $model }</b>

    <b>{ $role }</b>: send a voice message or a sound file.
    { $limits }
generate-ask-audios = <b>{ $model }</b>

    <b>{ $role }</b>: { $most ->
        [one] send one more voice message or sound file
       *[other] send up to { $most } voice messages or sound files, one by one
    }.
    { $limits }
generate-limit-size = { $formats }, up to { $megabytes } MB
generate-limit-between = { $least } to { $most } s
generate-limit-most = up to { $most } s
generate-limit-least = at least { $least } s
generate-choose-needed = <b>{ $model }</b>

    What do you want to begin with? One of these is needed.
generate-choose-optional = <b>{ $model }</b>

    You can add files, or go on without. Choose what to add, or simply send it.
generate-have-files = { $role }: { $count } of { $most }. Send more, or press the button.
generate-done = ✅ That’s all
generate-skip = ⏭ Go on without
generate-add-files = 📎 Add a file
generate-other-files = 🗑 Other files
generate-file-wanted = I need a file here, not words. Send it, or leave with /cancel. Nothing was charged.
generate-words-kept = ✍️ Your words are noted. Now the file:
generate-no-words = This model needs no words: press a button below the last message.
generate-no-files = This model works from words alone and takes no files. Write what you’d like, or choose a model that takes your file.
generate-models-for-file = 📎 Models for this file
generate-no-room = There’s no room for more files of this kind: I took those that came first.

generate-tune = ⚙️ Options
generate-options = <b>{ $model }</b> · { $price }

    Press what you’d like to change.
generate-options-done = ✅ Done

generate-make = ✨ Make it for { $price } ⭐
generate-again = 🔄 Try again for { $price } ⭐
generate-price-changed = The price has changed while you were choosing: it was { $was } ⭐, now it’s <b>{ $now } ⭐</b>. Nothing was charged.

    Shall I start at the new price?
generate-balance-short = 😕 Not enough Stars: this costs { $needed } ⭐, and you have { $available } ⭐ — <b>{ $missing } ⭐</b> short. Nothing was charged.

    You can choose a cheaper model, or come back when your balance covers it.
generate-short-in-group = 😕 Not enough Stars for this: it costs <b>{ $needed } ⭐</b>. Nothing was charged.

    Only you can see your balance: top it up in our private chat and press “Try again” here, or choose a cheaper model.
generate-private-top-up = ⭐ Top up in our private chat
generate-private-chat = 🔒 Open our private chat
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
generate-back = ↩️ Back
generate-free-over = The free ones were used up while you were choosing. Now this costs <b>{ $now } ⭐</b>. Nothing was charged.

    Shall I start at this price?
generate-free-now = Good news: now it’s <b>{ $price }</b>. Nothing was charged.

    Shall I start?
generate-begun = It’s begun!
generate-dropped = All right, never mind. Nothing was charged. To start over: /generate
generate-model-gone = This model isn’t available any more. Please choose another one.

generate-busy = ⏳ <b>{ $model }</b> is still working for you. When that’s done, send me your next idea.
generate-full = ⏳ Your queue is full: <b>{ $model }</b> is still at work, and { $queued ->
    [one] { $queued } order waits
   *[other] { $queued } orders wait
}. Send me your next idea when one of them has begun.
generate-joined = You’re in the queue. It starts by itself.
generate-underway = ⏳ <b>{ $model }</b> · { $price }
generate-queued = { $position ->
    [1] Next in your queue: it starts by itself as soon as the one before is done. The price is set aside and won’t change.
   *[other] Number { $position } in your queue: it starts by itself when its turn comes. The price is set aside and won’t change.
}
generate-waiting = It’s your turn any moment…
generate-usually = Usually it takes { $time }.
generate-queued-usually = Once it starts, it usually takes { $time }.
generate-working = Working on it…
generate-percent = { $bar } { $percent }%
generate-bar = { $bar }
generate-left = { $time } left
generate-longer = It’s taking a little longer than usual.
generate-sending = 📤 <b>{ $model }</b> is done! Sending it to you…
generate-sending-file = 📤 <b>{ $model }</b> is done! Sending file { $file } of { $files }…
generate-fetching = Fetching it…
generate-megabytes = { $megabytes } MB
generate-speed = { $megabytes } MB/s
generate-last-step = One moment…
generate-slow = ⏳ <b>{ $model }</b> is taking longer today{ $usual }. I’m still waiting for it; there’s nothing you need to do.

    { $money } If you don’t want to wait, you can stop it.
generate-slow-usual = ; usually it’s { $time }
generate-slow-money = { $stars ->
    [one] { $stars } ⭐ stays set aside. If nothing comes of it, it goes back to your balance.
   *[other] { $stars } ⭐ stay set aside. If nothing comes of it, all of them go back to your balance.
}
generate-slow-free = It stays free. If nothing comes of it, it doesn’t count.
generate-stop = 🛑 Stop
generate-stopping = Stopping it. Nothing will be charged.
generate-too-late = It can’t be stopped any more: it’s finished, or about to be.
generate-is-running = It’s already being made.
generate-is-over = That one is over already. To make another: /generate
generate-old-button = This button is out of date. Nothing was charged. To start over: /generate

generate-once-more = 🔁 Again
generate-vary = 🎲 Vary
generate-with-other-model = 🧩 Other model
generate-upscale = 🔍 Enlarge
generate-original = 📄 Original file
generate-image-to-video = 🎬 Animate
generate-image-to-image = 🖌 Change
generate-video-to-video = 🎞 Work on it
generate-audio-to-video = 🎬 Make a video of it
generate-audio-to-audio = 🎙 Work on it
generate-view-1 = { $prompt }, seen from another angle
generate-view-2 = { $prompt }, in different light
generate-view-3 = { $prompt }, closer
generate-view-4 = { $prompt }, from farther away
generate-words-forgotten = I don’t have your words any more: I remember them for a day only, or until you have them erased. Tell me once more, please.
generate-which-file = This result has { $count ->
    [one] { $count } file
   *[other] { $count } files
}. Which one shall we take? They’re numbered in the order they came.
generate-file-number = { $number }
generate-all-files = ✅ All of them
generate-goes-on-from = ⏩ From your result: { $model }
generate-goes-on-from-file = ⏩ From your result: { $model }, file { $number }
generate-ask-more = <b>{ $model }</b> · { $price }
    { $source }

    { $question }: up to { $limit ->
        [one] { $limit } character
       *[other] { $limit } characters
    }.
generate-begins-below = <b>{ $model }</b> goes on from a finished result of { $makers }: make one, and its button stands below. Or choose a model to begin with:
generate-result-gone = I can’t find this result in the chat any more. Send it to me as a file, and I’ll go on from it.
generate-not-yours = This belongs to somebody else. To make your own: /generate
