# Promo codes and invitations. HTML: <b>, <i>, <code>.

## What somebody is told who enters a code

promo-redeemed = 🎟 The code works: { $stars ->
    [one] { $stars } Star came to your account.
   *[other] { $stars } Stars came to your account.
} { $repaid ->
    [0] You can spend them right away: /generate
   *[other] { $repaid } ⭐ of that paid off what you owed. Your balance: /balance
}
promo-late = 🎟 Your promo code did work: { $stars ->
    [one] { $stars } Star came to your account. Sorry that it took
   *[other] { $stars } Stars came to your account. Sorry that they took
} a while. Your balance: /balance
promo-yours = You have used this code before, and its { $stars ->
    [one] { $stars } Star came
   *[other] { $stars } Stars came
} to your account then. A code works once for each person.
promo-unknown = I don’t know this code. Please check it letter by letter; small or capital letters make no difference.
promo-ended = This code is not valid any more. Nothing has changed for you.
promo-over = This code has expired. Nothing has changed for you.
promo-used-up = This code has been used as often as it could be. Nothing has changed for you.

## What an operator is told who makes one

promo-bad-stars = A code can give from 1 to { $most } ⭐, in whole Stars. Nothing was created.
promo-bad-uses = A code can be for 1 to { $most } people. Nothing was created.
promo-bad-name = A code’s own name has 3 to 16 letters (Latin or Cyrillic), digits, “-” and “_”. Nothing was created.
promo-bad-until = That moment has passed already: a code has to be valid for a while. Nothing was created.
promo-name-taken = There is a code <code>{ $code }</code> already, or there was one. Please take another name. Nothing was created.

## Letters about invitations

referral-bonus = 🎁 A friend who came by your link has made a first purchase: { $stars ->
    [one] { $stars } Star is yours.
   *[other] { $stars } Stars are yours.
} { $repaid ->
    [0] Thank you!
   *[other] { $repaid } ⭐ of that paid off what you owed. Thank you!
}
referral-taken-back = ↩️ The purchase of a friend who came by your link was refunded, so the bonus of { $stars ->
    [one] { $stars } Star goes back with it.
   *[other] { $stars } Stars goes back with it.
} { $taken ->
    [0] There was nothing on your balance to take it from.
   *[other] Taken from your balance: { $taken } ⭐.
} { $owed ->
    [0] Nothing more is to be done.
   *[other] You owe { $owed } ⭐; they are taken from the next Stars that come to your balance here.
}
