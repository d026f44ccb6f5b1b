half-one = Один
