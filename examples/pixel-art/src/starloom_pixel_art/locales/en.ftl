option-mood = Mood
value-mood-calm = calm
value-mood-wild = wild
