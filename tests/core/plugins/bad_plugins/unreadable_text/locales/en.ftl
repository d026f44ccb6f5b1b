unreadable-hello = { $name
