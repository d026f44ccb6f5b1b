// The list above the field: what can be chosen for what is typed, by mouse or with the arrow keys.

import { fill, h } from "./dom.js";

/** A list for `field`. Items are `{title, about, image, pick}`. Returns `{element, offer, move, pick, open, count}`. */
export function choices(field, id, label) {
  const element = h("ul", { class: "choices", id, role: "listbox", "aria-label": label, hidden: true });
  let items = [];
  let chosen = -1;

  function offer(offered) {
    items = offered;
    chosen = -1;
    element.hidden = !items.length;
    field.setAttribute("aria-expanded", String(!element.hidden));
    field.removeAttribute("aria-activedescendant");
    fill(element, items.map(row));
  }

  const row = (item, place) =>
    h(
      "li",
      { role: "option", id: `${id}-${place}`, "aria-selected": "false", onclick: () => item.pick() },
      item.image ? h("img", { src: item.image, alt: "" }) : null,
      h("span", { class: "choice" }, h("b", {}, item.title), item.about ? h("span", { class: "dim" }, item.about) : null),
    );

  function move(step) {
    chosen = chosen < 0 && step < 0 ? items.length - 1 : (chosen + step + items.length) % items.length;
    [...element.children].forEach((each, index) => each.setAttribute("aria-selected", String(index === chosen)));
    element.children[chosen]?.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", `${id}-${chosen}`);
  }

  /** Take the one that is marked; whether there is one. */
  function pick() {
    if (element.hidden || chosen < 0) return false;
    items[chosen].pick();
    return true;
  }

  return { element, offer, move, pick, open: () => !element.hidden };
}
