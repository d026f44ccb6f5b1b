half-one = One
half-two = Two { $n }
