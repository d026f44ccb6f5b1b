help-of-daily_prompt = Der Tagesklub
daily-prompt-command = Jeden Tag eine Bildidee
daily-prompt-about = 🗓 <b>Der Tagesklub</b>
    Jeden Tag eine Bildidee. { $days ->
        [0] Schreiben Sie, was Sie darin sehen, und ich zeichne es.
        [one] Sie haben bisher an einem Tag gezeichnet.
       *[other] Sie haben bisher an { $days } Tagen gezeichnet.
    }
daily-prompt-join = In den Klub eintreten
daily-prompt-leave = Den Klub verlassen
daily-prompt-joined = Willkommen im Klub! Die nächste Idee kommt von selbst; mit /club geht es wieder hinaus.
daily-prompt-left = Sie sind nicht mehr im Klub. Mit /club kommen Sie zurück.
daily-prompt-sent = { $members ->
    [one] Die Idee des Tages ist bei einem Mitglied.
   *[other] Die Idee des Tages ist bei { $members } Mitgliedern.
}
daily-prompt-today = 💡 Die Idee des Tages: <b>{ $idea }</b>
    Schreiben Sie mit eigenen Worten, was Sie sehen, und ich zeichne es.
daily-prompt-praise = { $days ->
    [one] 🌱 Ihr erster Tag im Klub. Sehr schön!
   *[other] 🌱 Tag { $days } im Klub. Sehr schön!
}
daily-prompt-idea-1 = eine Tür, wo keine sein sollte
daily-prompt-idea-2 = der stillste Ort, den Sie kennen
daily-prompt-idea-3 = eine Maschine, die sich vor Regen fürchtet
daily-prompt-idea-4 = Frühstück auf einem anderen Planeten
daily-prompt-idea-5 = eine Karte Ihrer Woche
daily-prompt-idea-6 = ein Tier, das es noch nicht gibt
daily-prompt-idea-7 = das letzte Licht in der Straße
