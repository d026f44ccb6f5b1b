# What admins hear of the providers’ own lists of models and prices. HTML: <b>, <i>, <code>.

sync-head = 🔄 <b>{ $provider }: models and prices</b>
sync-gone = ⛔ <b>{ $model }</b> (<code>{ $id }</code>) isn’t listed any more: switched off
sync-back = ✅ <b>{ $model }</b> (<code>{ $id }</code>) is listed as before again
sync-risen = ⬆️ <b>{ $model }</b> (<code>{ $id }</code>): { $old } → { $new }, from now on
sync-fallen = ⬇️ <b>{ $model }</b> (<code>{ $id }</code>): { $old } → { $new }, waits for your word
sync-mixed = ↕️ <b>{ $model }</b> (<code>{ $id }</code>): { $old } → { $new }; switched off until you decide
sync-unreadable = ❔ <b>{ $model }</b> (<code>{ $id }</code>): the price can’t be read exactly; switched off until you decide. <i>{ $text }</i>
sync-approved = 👍 <b>{ $model }</b> (<code>{ $id }</code>): { $old } → { $new }, by operator <code>{ $operator }</code>
sync-kept = ✋ <b>{ $model }</b> (<code>{ $id }</code>): the price stays as it is, by operator <code>{ $operator }</code>
sync-more = … and { $count } more: <code>python run.py models changes</code>
sync-fresh = 🆕 New there and not offered here: { $count }. <code>{ $models }</code>
    { $page }
sync-decide = Decide: /models_changes
sync-alarm-unread = ⚠️ The list can’t be read (<i>{ $detail }</i>). Nothing was changed; it is tried again every hour.
sync-alarm-vanished = ⚠️ Too many models are missing from the list at once ({ $detail }). That is hardly true: nothing was changed. Please look at it.
sync-alarm-garbled = ⚠️ Too many prices can’t be read at once ({ $detail }). Nothing was changed. Please look at it.
