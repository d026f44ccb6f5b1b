# What operators do to people’s Stars by hand. HTML: <b>, <i>, <code>.

## Letters to people

grant-letter = 🎁 The people behind this bot have given you { $stars ->
    [one] { $stars } Star
   *[other] { $stars } Stars
}: { $reason }

    { $repaid ->
        [0] {""}
       *[other] { $repaid } ⭐ of that paid off what you owed.{" "}
    }Your balance is now { $balance } ⭐: /balance
grant-taken-letter = The people behind this bot have taken { $stars ->
    [one] { $stars } Star
   *[other] { $stars } Stars
} from your balance: { $reason }

    Your balance is now { $balance } ⭐. If that is a mistake, write to us: /paysupport

## What operators are answered

grant-bad-amount = One can give or take 1 to { $most } ⭐ at a time, in whole Stars. Nothing was changed.
grant-nobody = Nobody with the id <code>{ $user }</code> has ever written to this bot. Nothing was changed.
