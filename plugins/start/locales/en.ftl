start-command = Balance and what I can do
help-command = Everything I can do
lang-command = Choose the language
cancel-command = Leave or stop what’s going on

start-friend = friend
start-welcome = 👋 Hello, <b>{ $name }</b>!

    I make videos, pictures and music from your words. Just write what you’d like to see or hear — the price is always shown before anything is charged.

    Your balance: <b>{ $balance }</b>
start-welcome-back = 👋 Good to see you, <b>{ $name }</b>!

    Write what you’d like to see or hear, and I’ll make it.

    Your balance: <b>{ $balance }</b>
start-in-group = 👋 Hello, everybody! I make videos, pictures and music from your words.

    Send <code>/generate</code> with what you’d like to see or hear, and reply to my messages to answer me. Whoever asks also pays, and only they can press the buttons under their order.
start-held = Set aside for what is being made: { $held }

menu-create = ✨ Create
menu-top-up = ⭐ Top up
menu-balance = 💰 Balance
menu-settings = ⚙️ Settings
menu-private-chat = 💬 Open our private chat
menu-language = 🌐 Language
menu-help = ❔ Help

help = Here’s what I can do.

    { $commands }

    Or simply write what you’d like to see or hear.
help-in-group = Here’s what I can do in a group.

    { $commands }

    Reply to my messages to answer me. Whoever asks also pays.
help-heading = <b>{ $title }</b>
help-of-start = 👋 Finding your way
help-of-admins = 🛠 For administrators
help-line = /{ $command } — { $description }

lang-choose = 🌐 Which language shall we speak?
lang-current = ✓ { $language }
lang-chosen = 🌐 From now on I speak { $language }.
lang-chosen-short = { $language } ✓
lang-gone = This language isn’t available any more.

cancel-left = All right, we’ve left it. Nothing was charged.
cancel-left-running = All right, we’ve left it. Your generation is still running — send /cancel once more to stop it.
cancel-stopping = 🛑 Stopping it…
cancel-too-late = It can’t be stopped any more: it’s finished, or about to be. You’ll have it in a moment.
cancel-nothing = There’s nothing to cancel. To make something new: /generate
