good-hello = mine
