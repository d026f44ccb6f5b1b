// Paying an invoice in Stars.

import { post } from "./api.js";
import { fill, h } from "./dom.js";
import { here, me, refreshMe } from "./store.js";
import { number, t } from "./texts.js";
import { box, inWords, toast } from "./toasts.js";

/** The sheet for an invoice: what it is, what one has, and the last tap. */
export async function pay(message) {
  const { title, description, amount } = message.invoice;
  await refreshMe();
  const done = await box(t("pay-title"), (close) => {
    const content = h("div", { class: "sheet" });
    draw(null, false);
    return content;

    function draw(error, busy) {
      const balance = me().stars;
      const short = balance < amount;
      fill(
        content,
        h("div", { class: "sheet-star", "aria-hidden": "true" }, "⭐"),
        h("p", { class: "sheet-what" }, title),
        h("p", { class: "dim" }, description),
        h("dl", {}, h("dt", {}, t("pay-price")), h("dd", {}, `${number(amount)} ⭐`), h("dt", {}, t("pay-balance")), h("dd", {}, `${number(balance)} ⭐`)),
        error ? h("p", { class: "error", role: "alert" }, error) : null,
        h(
          "div",
          { class: "box-buttons" },
          h("button", { type: "button", onclick: () => close(null) }, t("cancel")),
          short
            ? h("button", { type: "button", class: "main", autofocus: true, disabled: busy, onclick: buy }, t("pay-buy", { count: amount - balance }))
            : h("button", { type: "button", class: "main", autofocus: true, disabled: busy, onclick: confirm }, busy ? t("pay-busy") : t("pay-confirm", { count: amount })),
        ),
      );
    }

    async function buy() {
      draw(null, true);
      try {
        await post(`/api/people/${me().id}/stars`, { amount: amount - me().stars });
        await refreshMe();
        draw(null, false);
      } catch (error) {
        draw(inWords(error), false);
      }
    }

    async function confirm() {
      draw(null, true);
      try {
        close(await post(`${here()}/pay`, { message: message.id }));
      } catch (error) {
        draw(inWords(error), false);
      }
    }
  });
  if (done) {
    toast(t("pay-done", { count: done.amount }));
    await refreshMe();
  }
}
