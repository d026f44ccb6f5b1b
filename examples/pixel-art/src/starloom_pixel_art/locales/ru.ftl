option-mood = Настроение
value-mood-calm = спокойное
value-mood-wild = буйное
