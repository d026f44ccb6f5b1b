// One message as a bubble: text, media, invoice, buttons.

import { avatar, h, icon, iconButton } from "./dom.js";
import { withEntities } from "./entities.js";
import { clock, duration, moment, number, size, t } from "./texts.js";

/** A bubble. `act` does what is pressed in it; `context` is `{group, album, replied, mine}`. */
export function bubble(message, act, context) {
  if (message.kind === "service") return service(message);
  const parts = [
    context.group && !message.out ? h("div", { class: "sender" }, message.sender.name) : null,
    message.forwarded ? h("div", { class: "forwarded" }, t("forwarded")) : null,
    message.via ? h("div", { class: "forwarded" }, t("via", { name: message.via })) : null,
    context.replied ? quote(context.replied, act) : null,
    message.invoice ? invoice(message) : null,
    context.album ? album(context.album, act) : message.media && !message.invoice ? media(message, act) : null,
    text(message, act),
    meta(message),
  ];
  const body = h("div", { class: "body" }, parts);
  const label = t(message.out ? "you-at" : "from-at", { name: message.sender.name, time: clock(new Date(message.date)) });
  const element = h(
    "article",
    { class: `message ${message.out ? "out" : "in"}${barely(message, context) ? " bare" : ""}`, "data-id": String(message.id), "aria-label": label, tabindex: "-1" },
    context.group && !message.out ? avatar(message.sender.name, message.sender.id) : null,
    h("div", { class: "column" }, body, keyboard(message, act)),
    tools(message, act),
  );
  return element;
}

const barely = (message, context) => message.kind === "sticker" || (!message.text && !message.invoice && !message.via && (context.album || ["photo", "video", "animation"].includes(message.kind)));

function text(message, act) {
  if (!message.text) return null;
  return h("div", { class: "text", dir: "auto" }, withEntities(message.text, message.entities, act));
}

function meta(message) {
  const date = new Date(message.date);
  return h(
    "div",
    { class: "meta" },
    message.edited ? h("span", {}, t("edited")) : null,
    h("time", { datetime: message.date, title: moment(date) }, clock(date)),
    message.out ? h("span", { class: "ticks", "aria-hidden": "true" }, "✓✓") : null,
  );
}

function quote(replied, act) {
  const line = replied.text || t(`kind-${replied.kind}`);
  return h(
    "button",
    { type: "button", class: "quote", onclick: () => act.show(replied.id) },
    h("span", { class: "quote-name" }, replied.sender.name),
    h("span", { class: "quote-text" }, line.slice(0, 120)),
  );
}

function service(message) {
  const about = message.service;
  const key = `service-${about.kind.replaceAll("_", "-")}`;
  const text = t(key, { amount: about.amount ?? 0, count: about.amount ?? 0, name: message.sender.name });
  return h("div", { class: "service", "data-id": String(message.id) }, text === key ? t("service-other", { kind: about.kind }) : text);
}

function invoice(message) {
  const { title, description, amount, paid } = message.invoice;
  return h(
    "div",
    { class: "invoice" },
    h("div", { class: "invoice-title" }, title),
    h("p", {}, description),
    h("div", { class: "invoice-amount" }, `${number(amount)} ⭐`, paid ? h("span", { class: "paid" }, t("paid")) : null),
  );
}

// Media

function media(message, act) {
  const { kind } = message.media;
  const shown = { photo: picture, sticker: picture, video: film, animation: film, video_note: film, audio: sound, voice: sound };
  return (shown[kind] ?? paper)(message, act);
}

/** Keeps the place of a picture before it is there. */
function framed(about, element) {
  if (about.width && about.height) element.style.setProperty("aspect-ratio", `${about.width} / ${about.height}`);
  return element;
}

function picture(message, act) {
  const about = message.media;
  const image = h("img", { src: about.url, alt: message.text || t(`kind-${about.kind}`), loading: "lazy", decoding: "async" });
  if (about.kind === "sticker") return h("div", { class: "sticker" }, image);
  const wide = about.width ? { style: { "--width": `${Math.min(about.width, 480)}px` } } : {};
  return framed(about, h("button", { type: "button", class: `picture${about.spoiler ? " veiled" : ""}`, "aria-label": t("open-picture"), onclick: (event) => {
    if (event.currentTarget.classList.contains("veiled")) event.currentTarget.classList.remove("veiled");
    else act.enlarge(message);
  }, ...wide }, image));
}

function film(message) {
  const about = message.media;
  if (about.kind === "animation" && about.mime.startsWith("image/")) return picture(message, { enlarge: () => {} });
  const loops = about.kind === "animation";
  const player = h("video", {
    src: about.url,
    poster: about.thumbnail,
    preload: "metadata",
    controls: !loops,
    loop: loops,
    autoplay: loops,
    playsinline: true,
    "aria-label": about.file_name ?? t(`kind-${about.kind}`),
  });
  player.muted = loops;
  return framed(about, h("div", { class: about.kind === "video_note" ? "film round" : "film" }, player));
}

function sound(message) {
  const about = message.media;
  const name = [about.performer, about.title].filter(Boolean).join(" — ") || about.file_name || t(`kind-${about.kind}`);
  return h(
    "div",
    { class: "sound" },
    h("div", { class: "file-name" }, name),
    h("audio", { src: about.url, controls: true, preload: "metadata", "aria-label": name }),
    h("div", { class: "file-size" }, [about.duration ? duration(about.duration) : null, size(about.size)].filter(Boolean).join(" · ")),
  );
}

function paper(message) {
  const about = message.media;
  const name = about.file_name ?? t("kind-document");
  return h(
    "a",
    { class: "paper", href: about.url, download: name },
    about.thumbnail ? h("img", { src: about.thumbnail, alt: "" }) : h("span", { class: "paper-icon" }, icon("file")),
    h("span", {}, h("span", { class: "file-name" }, name), h("span", { class: "file-size" }, size(about.size))),
  );
}

function album(messages, act) {
  return h("div", { class: `album of-${Math.min(messages.length, 4)}` }, messages.map((message) => media(message, act)));
}

// What can be pressed

function keyboard(message, act) {
  if (!message.buttons.length || message.buttons[0][0]?.kind === "text") return null;
  const rows = message.buttons.map((row, y) =>
    h(
      "div",
      { class: "key-row" },
      row.map((button, x) => key(message, button, x, y, act)),
    ),
  );
  return h("div", { class: "keyboard", role: "group", "aria-label": t("buttons") }, rows);
}

function key(message, button, x, y, act) {
  const mark = { url: "↗", pay: "", web_app: "▣", switch_inline: "@", copy: "⧉" }[button.kind];
  // Apps say in their own words what the one button of an invoice does that its bot did not word.
  const label = /^⭐️ \d+$/.test(button.label) && button.kind === "pay" ? t("pay-button", { button: button.label }) : button.label;
  const element = h(
    "button",
    { type: "button", class: `key ${button.kind}`, disabled: button.kind === "disabled", onclick: () => act.press(message, button, y, x, element) },
    h("span", {}, label),
    mark ? h("span", { class: "mark", "aria-hidden": "true" }, mark) : null,
  );
  return element;
}

function tools(message, act) {
  return h(
    "div",
    { class: "tools" },
    iconButton("reply", t("reply"), () => act.reply(message)),
    message.out && message.kind !== "service" && (message.text || message.media) ? iconButton("edit", t("edit"), () => act.edit(message)) : null,
    iconButton("trash", t("delete"), () => act.remove(message)),
  );
}
