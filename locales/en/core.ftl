# Texts of the core. HTML: <b>, <i>, <code>. The names of variables are the same in every language.

language-name = English

## Amounts

stars = { $stars ->
    [one] { $stars } Star
   *[other] { $stars } Stars
}
time = { $seconds } s
time-minutes = { $minutes } min { $seconds } s
day = { DAY($at) }
day-short = { DAY($at, form: "short") }
day-of-year = { DAY($at, form: "year") }
clock = { CLOCK($at) }
about-seconds = about { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}
about-minutes = about { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}

## Options of models

option-duration = Length
option-aspect = Shape
option-resolution = Resolution
option-format = Format
value-of-duration = { $value } s

option-unknown = This model has no option <code>{ $option }</code>. Start again with /generate.
option-missing = This model needs the option <code>{ $option }</code>. Start again with /generate.
option-not-allowed = <code>{ $value }</code> is not possible for <code>{ $option }</code>. Start again with /generate.

## Before a generation

model-gone = This model isn’t available any more. Choose another one: /generate
prompt-empty = That’s empty. Describe in words what you’d like to see or hear — up to { $limit ->
    [one] { $limit } character.
   *[other] { $limit } characters.
}
prompt-too-long = That’s { $length ->
    [one] { $length } character
   *[other] { $length } characters
}, and this model takes { $limit } at most. Please shorten it and send it again.
balance-short = Not enough Stars: this costs { $needed } ⭐, and you have { $available } ⭐ — { $missing } ⭐ short. Nothing was charged.
balance-short-in-group = Not enough Stars: this costs { $needed } ⭐. Nothing was charged.
price-changed = The price has just changed from { $was } ⭐ to { $now } ⭐. Nothing was charged.
too-many-active = { $limit ->
    [one] You already have a generation running. Wait for it, or stop it with /cancel. Nothing was charged.
   *[other] You already have { $limit } generations running. Wait for one of them, or stop one with /cancel. Nothing was charged.
}
queue-full = Your queue is full: { $queued ->
    [one] { $queued } order waits
   *[other] { $queued } orders wait
} for a turn already. Wait until one of them has begun, or take one back with /cancel. Nothing was charged.
dry-run = 🧪 Test run: nothing was sent and nothing was charged.

    <b>{ $model }</b> would go to <code>{ $provider }</code> with { $length ->
        [one] a prompt of { $length } character
       *[other] a prompt of { $length } characters
    }{ $files ->
        [0] {""}
        [one] {" "}and { $files } file ({ $inputs })
       *[other] {" "}and { $files } files ({ $inputs })
    } (settings: { $options }) for { $price } ⭐; the provider takes ${ $usd }.

## What is delivered

delivery-caption = <b>{ $model }</b>
    { $price } · made in { $time }

delivery-link = { $about }

    📦 At { $megabytes } MB this file is too large for Telegram, so it waits for you here: <a href="{ $address }">download it</a>

    The link works for { $hours ->
        [one] { $hours } hour
       *[other] { $hours } hours
    } and is yours alone: please save the file in time.
delivery-buttons = What shall we do next?
delivery-audio-title = Your audio

result-gone = This result can’t be sent again: it was deleted from the chat, or its time here is over. Nothing was charged. Make a new one: /generate
original-gone = The original file isn’t there any more; the picture in the chat is. Nothing was charged.

## When nothing can be delivered

money-returned = { $stars ->
    [one] { $stars } Star is back on your balance.
   *[other] { $stars } Stars are back on your balance.
}
money-untouched = Nothing was charged.

notice-input-rejected = 😕 <b>{ $model }</b> did not accept this description. { $money }

    Try other words: /generate
    <code>{ $request }</code>
notice-safety = 🚫 <b>{ $model }</b> refused this for safety reasons{ $filter ->
        [child] : children
        [celebrity] : a well-known person
        [dangerous] : something dangerous
        [hate] : hatred
        [prohibited] : prohibited content
        [third_party] : somebody else’s work
        [sexual] : sexual content
        [toxic] : insults
        [violence] : violence
        [vulgar] : coarse language
       *[unknown] {""}
    }. { $money }

    Try describing something else: /generate
    <code>{ $request }</code>
notice-too-large = 📦 <b>{ $model }</b> made a file that is too large for Telegram, and I have no other way to hand it to you. { $money }

    A shorter or smaller one will arrive: /generate
    <code>{ $request }</code>
notice-out-of-credit = 😕 <b>{ $model }</b> is out of service just now. { $money }

    We’re on it. Meanwhile, try another model: /generate
    <code>{ $request }</code>
notice-rate-limited = 😕 <b>{ $model }</b> is too busy just now. { $money }

    Try again in a few minutes: /generate
    <code>{ $request }</code>
notice-provider-fault = 😕 <b>{ $model }</b> failed to make it. { $money }

    Try again, or choose another model: /generate
    <code>{ $request }</code>
notice-expired = 😕 <b>{ $model }</b> lost the result before we could fetch it. { $money }

    Please try again: /generate
    <code>{ $request }</code>
notice-unavailable = 🔧 <b>{ $model }</b> is closed for maintenance just now. { $money }

    Try again later, or choose another model: /generate
    <code>{ $request }</code>
notice-unauthorized = 😕 <b>{ $model }</b> does not let us in just now. { $money }

    We’re on it. Meanwhile, try another model: /generate
    <code>{ $request }</code>
notice-key-limit = 😕 <b>{ $model }</b> has reached its limit for now. { $money }

    We’re on it. Meanwhile, try another model: /generate
    <code>{ $request }</code>
notice-source-gone = 😕 <b>{ $model }</b> does not keep the result any more that it was to go on from. { $money }

    Make a new one, and go on from that: /generate
    <code>{ $request }</code>
notice-submission-lost = 😕 We sent your order to <b>{ $model }</b> and never heard whether it arrived. { $money }

    Please try again: /generate
    <code>{ $request }</code>
notice-took-too-long = ⌛ <b>{ $model }</b> took too long, so we stopped waiting. { $money }

    Try again, or choose another model: /generate
    <code>{ $request }</code>
notice-withheld = 🛡 The result from <b>{ $model }</b> was held back: it does not fit the rules here. { $money }

    Say it in other words: /generate
    <code>{ $request }</code>
notice-undeliverable = 😕 <b>{ $model }</b> made it, but Telegram did not take the file. { $money }

    Please try again: /generate
    <code>{ $request }</code>
notice-not-collected = ⌛ The result of <b>{ $model }</b> waited for you for a long time, and we could not reach you. { $money }

    Make it again whenever you like: /generate
    <code>{ $request }</code>
notice-balance-short = 😕 There were not enough Stars for <b>{ $model }</b> when it was about to start. { $money }

    See your balance: /start
    <code>{ $request }</code>
notice-cancelled = 🛑 Stopped: <b>{ $model }</b>. { $money }
    <code>{ $request }</code>

## Plugins

plugin-health-failed = its health check could not be made: <code>{ $error }</code>
plugin-health-unknown = it is not known what
plugin-gate-failed = Something that has to check this does not work just now. Please try again in a few minutes. Nothing was charged.

## For admins

alert-plugin-failed = ⚠️ Plugin <b>{ $plugin }</b> could not be started: { $reason }
alert-plugin-suspended = ⚠️ Plugin <b>{ $plugin }</b> was suspended: { $reason }
alert-plugin-unhealthy = 🩺 Plugin <b>{ $plugin }</b> is on, but something it needs does not work: { $reason }

    What it does may fail meanwhile. It is checked again and again, and you will hear when all is well.
alert-plugin-healthy = 💚 Plugin <b>{ $plugin }</b>: everything it needs works again.
alert-provider-rests = ⚠️ <b>{ $provider }</b> takes no orders: { $reason ->
    [out_of_credit] the account has run out of credit
    [unauthorized] our key is not accepted
    [key_limit] our key has reached its limit
   *[other] { $reason }
}. Its models are not offered for { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}; after that I try again.
alert-model-gone = ⚠️ <b>{ $provider }</b> does not have the model <code>{ $model }</code> any more. Whoever ordered it got the Stars back, or the result from another provider. It is not offered for a day, or until a restart; then the next order tries it again.

    If it is gone for good, switch it off: /models
alert-generation = ⚠️ Generation <code>{ $request }</code> at <b>{ $provider }</b> needs a look: { $kind } ({ $detail })

## The history

favourites-full = You already have { $most } favourites, which is as many as there can be. Take some out first: /history
erasure-changed = Something has changed in the meantime, so nothing was erased. Please look again: /privacy
