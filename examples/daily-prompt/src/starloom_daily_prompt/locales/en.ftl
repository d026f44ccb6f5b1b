help-of-daily_prompt = The daily club
daily-prompt-command = An idea for a picture every day
daily-prompt-about = 🗓 <b>The daily club</b>
    Every day an idea for a picture. { $days ->
        [0] Write what you make of it, and I’ll draw it.
        [one] You have drawn on one day so far.
       *[other] You have drawn on { $days } days so far.
    }
daily-prompt-join = Join the club
daily-prompt-leave = Leave the club
daily-prompt-joined = Welcome to the club! The next idea comes by itself; /club is the way out.
daily-prompt-left = You are out of the club. /club brings you back.
daily-prompt-sent = { $members ->
    [one] Today’s idea is with one member.
   *[other] Today’s idea is with { $members } members.
}
daily-prompt-today = 💡 Today’s idea: <b>{ $idea }</b>
    Write in your own words what you see, and I’ll draw it.
daily-prompt-praise = { $days ->
    [one] 🌱 Your first day in the club. Well done!
   *[other] 🌱 Day { $days } in the club. Well done!
}
daily-prompt-idea-1 = a door where none should be
daily-prompt-idea-2 = the quietest place you know
daily-prompt-idea-3 = a machine that is afraid of rain
daily-prompt-idea-4 = breakfast on another planet
daily-prompt-idea-5 = a map of your week
daily-prompt-idea-6 = an animal that does not exist yet
daily-prompt-idea-7 = the last light in the street
