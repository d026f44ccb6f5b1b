foreign_letters-hello = Hello
