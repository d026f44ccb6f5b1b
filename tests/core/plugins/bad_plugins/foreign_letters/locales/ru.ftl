foreign_letters-hello = Привет
