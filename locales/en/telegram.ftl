# What the bot itself says: where no feature answers, or may not.

feature-off = This feature is off at the moment.
feature-busy = Too many people are using this just now. Please try again in a moment; nothing was charged.
unknown-command = I don’t know this command. Send /help to see what I can do.
unknown-command-like = I don’t know this command. Did you mean /{ $nearest }? Everything I can do: /help
private-only = That’s between the two of us. Let’s go on in our private chat.
private-chat = 🔒 Open our private chat
button-of-another = Only { $name } can choose here. To make something of your own: /generate
somebody-else = somebody else
dialogue-expired = That was more than a day ago, so I’ve forgotten where we stood. Nothing was charged. To begin anew: /generate
not-understood = I’m not sure what to do with this. Send /help to see what I can do.
button-expired = This button no longer works. Please ask for a new message.
something-went-wrong = Something went wrong here, sorry. Please try again in a moment. If it happens again, tell support this number: <code>{ $reference }</code>
too-many-actions = That was a lot at once. Give me a minute, please, and then go on.
maintenance = Maintenance is under way. Please come back a little later; nothing of yours is lost.
banned = You cannot use this bot at the moment. Reason: { $reason }
payment-late = The payment could not be checked in time, so nothing was charged. Please try again.
payment-unavailable = This payment cannot be accepted right now, so nothing was charged.
