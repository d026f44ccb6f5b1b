// A text with its entities as elements. Offsets are UTF-16 units, as JavaScript counts.

import { h } from "./dom.js";

const TAGS = { bold: "strong", italic: "em", underline: "u", strike: "s", code: "code", blockquote: "blockquote" };

/** Elements for `text`. `act` is told of commands and links: `act.command(text)`, `act.start(payload)`. */
export function withEntities(text, entities, act) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return stretch(text, sorted, 0, text.length, act);
}

function stretch(text, entities, from, to, act) {
  const parts = [];
  let place = from;
  let index = 0;
  while (index < entities.length) {
    const entity = entities[index];
    const start = Math.max(entity.offset, place);
    const end = Math.min(entity.offset + entity.length, to);
    if (end <= start) {
      index += 1;
      continue;
    }
    if (start > place) parts.push(text.slice(place, start));
    let next = index + 1;
    while (next < entities.length && entities[next].offset < end) next += 1;
    const inner = stretch(text, entities.slice(index + 1, next), start, end, act);
    parts.push(element(entity, text.slice(start, end), inner, act));
    place = end;
    index = next;
  }
  if (place < to) parts.push(text.slice(place, to));
  return parts;
}

function element(entity, text, inner, act) {
  const tag = TAGS[entity.kind];
  if (tag) return h(tag, {}, inner);
  switch (entity.kind) {
    case "pre":
      return h("pre", {}, h("code", {}, inner));
    case "spoiler":
      return spoiler(inner);
    case "bot_command":
      return h("button", { type: "button", class: "link", onclick: () => act.command(text) }, inner);
    case "text_url":
      return link(entity.url, inner, act);
    case "url":
      return link(/^[a-z]+:/i.test(text) ? text : `https://${text}`, inner, act);
    case "email":
      return h("a", { href: `mailto:${text}` }, inner);
    case "mention":
    case "hashtag":
    case "cashtag":
    case "mention_name":
      return h("span", { class: "mention" }, inner);
    default:
      return h("span", {}, inner);
  }
}

function spoiler(inner) {
  const hidden = h("button", { type: "button", class: "spoiler", "aria-expanded": "false" }, inner);
  hidden.addEventListener("click", () => {
    hidden.classList.add("open");
    hidden.setAttribute("aria-expanded", "true");
  });
  return hidden;
}

/** A link that leads somewhere: to the web in another tab, or, to the bot, as a deep link here. */
export function link(address, inner, act) {
  const payload = deepLink(address);
  if (payload !== null) return h("button", { type: "button", class: "link", onclick: () => act.start(payload) }, inner);
  if (!/^(https?|mailto|tg):/i.test(address ?? "")) return h("span", {}, inner);
  return h("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, inner);
}

/** The payload of a link `t.me/bot?start=…`, or null. */
export function deepLink(address) {
  const found = /^(?:https?:\/\/)?t\.me\/\w+\?start=([\w-]*)$/.exec(address ?? "");
  return found ? found[1] : null;
}
