settings-command = Your settings
setmodel-command = Choose your model
reset-command = Reset all settings
help-of-settings = ⚙️ Settings

unknown-command-setduration = The length is an option of each model now. Send /settings and choose “My options”, or change it in an order, before you confirm.
unknown-command-setresolution = The resolution is an option of each model now. Send /settings and choose “My options”, or change it in an order, before you confirm.

settings = ⚙️ <b>Settings</b>

    🎨 Model: <b>{ $model }</b>{ $off ->
        [yes] {" "}(not available just now)
       *[no] {""}
    }
    🎛 Your own options: { $options ->
        [0] none
       *[other] { $options }
    }
    🌐 Language: { $language }
    ⭐ Amounts: { $units }
    🕒 Your clock: { CLOCK($now) } (UTC{ $offset })
    📝 Prompts: { $keeps ->
        [yes] kept in the history
       *[no] not kept
    }
settings-none = I ask each time
settings-saved = Saved ✓
settings-back = ‹ Back
settings-to-model = 🎨 { $model }
settings-to-any-model = 🎨 Choose a model
settings-to-options = 🎛 My options of this model
settings-to-language = 🌐 Language
settings-to-units = ⭐ Amounts
settings-to-notify = 🔔 Notifications
settings-to-clock = 🕒 Clock
settings-to-keep = 📝 My prompts
settings-to-reset = ↺ Reset everything

## The model

settings-model = 🎨 <b>Your model</b>: { $model }

    It makes whatever you simply write to me. Choose another one below, or write its name or a part of it.
settings-kind-video = 🎬 Video ({ $count })
settings-kind-image = 🖼 Pictures ({ $count })
settings-kind-audio = 🎵 Sound ({ $count })
settings-no-model = 🙋 Ask me each time
settings-all-models = 🎨 All models
settings-model-list = 🎨 Which one shall it be?{ $pages ->
    [1] {""}
   *[other] {" "}Page { $page } of { $pages }.
}
settings-model-chosen = ✅ Your model is <b>{ $model }</b> from now on. { $words ->
    [true] Simply write what you’d like to have.
   *[other] Simply send me the file that it works on.
}
settings-model-unknown = { $found ->
    [0] I know no model called “{ $name }”. Write it another way, or look at all of them.
   *[other] I know no model called “{ $name }”. Did you mean one of these?
}
settings-model-off = { $found ->
    [0] The model “{ $name }” isn’t available just now. Look at all of them.
   *[other] The model “{ $name }” isn’t available just now. Perhaps one of these?
}
settings-model-retired = The model “{ $name }” isn’t offered any more; <b>{ $instead }</b> takes its place. Press it to make it yours.
settings-model-no-more = { $found ->
    [0] The model “{ $name }” isn’t offered any more. Look at all that are.
   *[other] The model “{ $name }” isn’t offered any more. Perhaps one of these?
}
settings-model-below = <b>{ $model }</b> goes on from a finished result: its button stands below one. It can’t be the model that your words go to; that stays as it was.
settings-model-gone = This model isn’t available any more. Please choose another one.
settings-model-words-only = Please write the model’s name in words, or choose with the buttons.

## Its options

settings-options = 🎛 <b>{ $model }</b>: what your orders begin with.

    Each order can still be changed before you confirm it.
settings-usual-options = ↺ Back to the usual ones

## Amounts

settings-units = ⭐ <b>Amounts</b>

    Everything is paid in Stars. What else would you like to see beside them?

    For example: { $example }
settings-units-all = Stars, credits and money
settings-units-stars = Stars only
settings-units-credits = Stars and credits
settings-units-money = Stars and money

## Notifications

settings-notify = 🔔 <b>What I send you unasked</b>

    Messages about your money always come.
settings-reminders = { $on ->
    [yes] ✅
   *[no] ☐
} When something takes long
settings-sound = { $on ->
    [yes] ✅
   *[no] ☐
} A sound when it’s done
settings-news = { $on ->
    [yes] ✅
   *[no] ☐
} News of this bot

## The clock

settings-clock = 🕒 <b>What time is it where you are?</b>

    Telegram doesn’t tell me, so I go by UTC. Press your time, or write it, for example <code>{ CLOCK($now) }</code>.
settings-clock-refused = I couldn’t read that as a time.

## Prompts

settings-keep = 📝 <b>Your prompts</b>

    { $kept ->
        [yes] They’re kept: your history shows them, and in other chats you find your results by them. If you stop this, all of them are erased at once, those of your last orders too.
       *[no] They aren’t kept in your history. I remember your last orders for 24 hours, for “Again” and the other buttons below a result; then your words are erased. If you let me keep them, your history shows them, and in other chats you find your results by them.
    }
settings-keep-yes = 📝 Keep my prompts
settings-keep-no = 🗑 Stop keeping them

## Putting it back

settings-reset = ↺ <b>Reset all settings?</b>

    Your model, your own options, amounts, clock, notifications, and the permission to keep prompts go back to how they were at first. Prompts that I remember are erased. Your language, your Stars and your history stay.
settings-reset-yes = ↺ Yes, reset everything
settings-reset-done = ↺ Done, everything is as it was at first.
