# What admins are told of the ledger.
alert-ledger = 🚨 <b>The ledger does not add up.</b> { $count ->
        [one] { $count } difference was found:
       *[other] { $count } differences were found:
    }
    <pre>{ $problems }</pre>
    Accounts: { $accounts }, entries: { $entries }, sum of all: { $total } (must be 0).
    Nothing was changed. See a person’s entries with <code>python run.py ledger statement ID</code> and check again with <code>python run.py ledger check</code>.
