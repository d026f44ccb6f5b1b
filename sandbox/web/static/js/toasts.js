// Short messages above everything, and boxes that have to be closed.

import { Refusal } from "./api.js";
import { fill, h } from "./dom.js";
import { t } from "./texts.js";

const SHOWN_SECONDS = 4;

export function toast(text) {
  const element = h("div", { class: "toast" }, text);
  document.getElementById("toasts").append(element);
  setTimeout(() => element.remove(), SHOWN_SECONDS * 1000);
}

/** What went wrong, in words. */
export function inWords(error) {
  if (!(error instanceof Refusal)) return t("error-page", { message: String(error) });
  const known = { offline: "error-offline", no_answer: "error-no-answer", payment_timed_out: "error-payment-timed-out" };
  if (known[error.code]) return t(known[error.code]);
  if (error.code === "payment_refused") return t("error-payment-refused", { message: error.message });
  if (error.code === "not_enough_stars") return t("error-not-enough");
  return t("error-refused", { message: error.message });
}

/** Do something; a refusal is told, and `undefined` is the outcome. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(inWords(error));
    return undefined;
  }
}

/** A modal box. `build(close)` gives what is in it; resolves with what `close` is given, or null. */
export function box(title, build, { wide = false } = {}) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { class: wide ? "box wide" : "box", "aria-label": title });
    const close = (value) => {
      dialog.returnValue = "";
      dialog.close();
      resolve(value ?? null);
    };
    fill(dialog, h("h2", {}, title), build(close));
    dialog.addEventListener("cancel", () => resolve(null));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(null);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) close(null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** An alert of the bot's. */
export const alertBox = (text) =>
  box(t("alert-title"), (close) => [
    h("p", { class: "box-text" }, text),
    h("div", { class: "box-buttons" }, h("button", { type: "button", class: "main", onclick: () => close(true) }, t("ok"))),
  ]);
