// Where one writes: text, "/" completion, "@bot" offers, files, replies and edits.

import { chatPath, post } from "./api.js";
import { choices } from "./choices.js";
import { fill, h, icon, iconButton } from "./dom.js";
import { inlineMode } from "./inline.js";
import { chatNow, here, keep, on, shown, state } from "./store.js";
import { t } from "./texts.js";
import { attempt, box } from "./toasts.js";

const DRAFTS = "starloom-drafts";
const KINDS = { image: "photo", video: "video", audio: "audio" };
const PHOTOS = ["image/jpeg", "image/png", "image/webp"];

/** What was begun in each chat; a reload of the tab keeps it. */
const drafts = {
  all: () => JSON.parse(sessionStorage.getItem(DRAFTS) ?? "{}"),
  read: () => drafts.all()[`${state.person}/${state.chat}`] ?? "",
  write(text) {
    sessionStorage.setItem(DRAFTS, JSON.stringify({ ...drafts.all(), [`${state.person}/${state.chat}`]: text || undefined }));
  },
};

/** The composer; `act` is what the chat can do. Returns `{element, reply, edit, write, focus, attach}`. */
export function composer() {
  let replying = null;
  let editing = null;
  /** Whoever pressed Start goes on writing as soon as one can. */
  let eager = false;

  const field = h("textarea", {
    rows: "1",
    class: "field",
    "aria-label": t("message"),
    placeholder: t("message"),
    enterkeyhint: "send",
    autocomplete: "off",
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": "choices",
    "aria-autocomplete": "list",
  });
  const files = h("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", "aria-hidden": "true" });
  const context = h("div", { class: "context", hidden: true });
  const menu = choices(field, "choices", t("choices"));
  const send = h("button", { type: "submit", class: "icon-button send", "aria-label": t("send"), title: t("send") }, icon("send"));
  const menuButton = iconButton("menu", t("commands"), () => menu.offer(menu.open() ? [] : items(state.commands.get(state.chat) ?? [])), { class: "icon-button menu-button" });
  const form = h(
    "form",
    { class: "composer", autocomplete: "off" },
    context,
    menu.element,
    h("div", { class: "compose-row" }, menuButton, field, iconButton("attach", t("attach"), () => files.click()), files, send),
  );
  const closed = h("div", { class: "closed", hidden: true });
  const element = h("div", { class: "bottom" }, form, closed);

  const typedForBot = inlineMode({ text: () => field.value, write: fillIn }, menu.offer);

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  field.addEventListener("input", () => {
    if (!editing) drafts.write(field.value);
    grow();
    complete();
  });
  field.addEventListener("keydown", typed);
  field.addEventListener("paste", (event) => {
    const pasted = [...(event.clipboardData?.files ?? [])];
    if (!pasted.length) return;
    event.preventDefault();
    attach(pasted);
  });
  files.addEventListener("change", () => {
    attach([...files.files]);
    files.value = "";
  });
  on("opened", () => {
    clear();
    field.value = drafts.read();
    grow();
  });
  on("chats", lock);

  function grow() {
    field.style.setProperty("height", "auto");
    // While the form is hidden, nothing in it has a height.
    if (field.scrollHeight) field.style.setProperty("height", `${Math.min(field.scrollHeight + 2, 180)}px`);
  }

  function typed(event) {
    if (menu.open() && ["ArrowDown", "ArrowUp", "Tab"].includes(event.key) && !event.shiftKey) {
      event.preventDefault();
      menu.move(event.key === "ArrowUp" ? -1 : 1);
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (!menu.pick()) submit();
    } else if (event.key === "Escape") {
      if (menu.open()) menu.offer([]);
      else clear();
    } else if (event.key === "ArrowUp" && !field.value) {
      const own = shown().filter((message) => message.out && message.text && message.kind !== "service");
      if (own.length) {
        event.preventDefault();
        edit(own.at(-1));
      }
    }
  }

  function complete() {
    const typedCommand = /^\/(\w*)$/.exec(field.value);
    const known = state.commands.get(state.chat) ?? [];
    const fitting = typedCommand ? known.filter((each) => each.command.startsWith(typedCommand[1].toLowerCase())) : [];
    if (!typedForBot(field.value)) menu.offer(items(fitting));
  }

  const items = (commands) => commands.map((each) => ({ title: `/${each.command}`, about: each.description, pick: () => command(each.command) }));

  /** Put words into the field as if they were typed. */
  function fillIn(text) {
    field.value = text;
    field.dispatchEvent(new Event("input"));
    field.focus();
  }

  async function command(name) {
    menu.offer([]);
    await write(`/${name}`);
    field.value = "";
    drafts.write("");
    grow();
    field.focus();
  }

  async function submit() {
    const text = field.value.trim();
    if (!text) return;
    const was = { replying, editing };
    field.value = "";
    drafts.write("");
    grow();
    menu.offer([]);
    const done = was.editing ? await attempt(() => post(`${here()}/edit`, { message: was.editing.id, text })) : await write(text, was.replying);
    if (done === undefined) {
      // What was not sent is not lost.
      field.value = text;
      if (!was.editing) drafts.write(text);
      grow();
      return;
    }
    if (was.editing) keep(done, false);
    clear();
  }

  async function write(text, to = null) {
    const body = to ? { text, reply_to: to.id } : { text };
    const sent = await attempt(() => post(`${here()}/send`, body));
    if (sent) keep(sent);
    return sent;
  }

  function lock() {
    const chat = chatNow();
    const blocked = Boolean(chat?.blocked);
    const fresh = chat?.kind === "bot" && !chat.last;
    form.hidden = blocked || fresh;
    closed.hidden = !form.hidden;
    if (closed.hidden && eager) {
      eager = false;
      field.focus();
    }
    if (closed.hidden) return;
    const [label, path] = blocked ? [t("unblock"), "unblock"] : [t("start"), "start"];
    const press = async () => {
      await attempt(() => post(`${chatPath(state.person, state.chat)}/${path}`, path === "start" ? {} : undefined));
      const row = chatNow();
      if (row) row.blocked = false;
      eager = true;
      lock();
    };
    fill(closed, h("button", { type: "button", class: "big", onclick: press }, label));
  }

  function clear() {
    if (editing) field.value = "";
    replying = editing = null;
    context.hidden = true;
    grow();
    menu.offer([]);
  }

  function about(label, message) {
    context.hidden = false;
    const line = message.text || t(`kind-${message.kind}`);
    fill(context, h("div", {}, h("b", {}, label), h("span", {}, line.slice(0, 140))), iconButton("close", t("cancel"), clear));
    field.focus();
  }

  function reply(message) {
    clear();
    replying = message;
    about(t("reply-to", { name: message.sender.name }), message);
  }

  function edit(message) {
    clear();
    editing = message;
    field.value = message.text;
    grow();
    about(t("editing"), message);
  }

  /** Ask how files are to be sent, and send them. */
  async function attach(list) {
    const chosenFiles = list.filter((file) => file.size);
    if (!chosenFiles.length) return;
    const asPictures = chosenFiles.every((file) => PHOTOS.includes(file.type));
    const answer = await box(t("files-title", { count: chosenFiles.length }), (close) => {
      const caption = h("textarea", { rows: "2", class: "field", placeholder: t("caption"), "aria-label": t("caption") });
      const previews = chosenFiles.map((file) =>
        PHOTOS.includes(file.type) ? h("img", { src: URL.createObjectURL(file), alt: file.name }) : h("span", { class: "chip" }, icon("file"), file.name),
      );
      const finish = (kind) => close({ kind, caption: caption.value.trim() });
      caption.value = field.value;
      caption.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.shiftKey) return;
        event.preventDefault();
        finish("media");
      });
      return [
        h("div", { class: "previews" }, previews),
        caption,
        h(
          "div",
          { class: "box-buttons" },
          h("button", { type: "button", onclick: () => finish("document") }, t("as-file")),
          h("button", { type: "button", class: "main", autofocus: true, onclick: () => finish("media") }, t(asPictures ? "as-picture" : "send")),
        ),
      ];
    });
    if (!answer) return;
    field.value = "";
    drafts.write("");
    grow();
    const album = answer.kind === "media" && asPictures && chosenFiles.length > 1;
    await (album ? sendAlbum(chosenFiles, answer.caption) : sendEach(chosenFiles, answer));
  }

  async function sendAlbum(list, caption) {
    const path = here();
    for (let from = 0; from < list.length; from += 10) {
      const some = list.slice(from, from + 10);
      if (some.length === 1) {
        await sendEach(some, { kind: "media", caption: "" });
        continue;
      }
      const form = new FormData();
      form.append("caption", from ? "" : caption);
      for (const file of some) form.append("file", file, file.name);
      await attempt(() => post(`${path}/album`, form));
    }
  }

  async function sendEach(list, { kind, caption }) {
    const path = here();
    for (const [place, file] of list.entries()) {
      const media = KINDS[file.type.split("/")[0]] ?? "document";
      const drawn = media !== "photo" || PHOTOS.includes(file.type);
      const form = new FormData();
      form.append("kind", kind === "media" && drawn ? media : "document");
      form.append("caption", place ? "" : caption);
      form.append("file", file, file.name);
      const sent = await attempt(() => post(`${path}/files`, form));
      if (sent) keep(sent);
    }
  }

  lock();
  return { element, reply, edit, write, attach, focus: () => field.focus() };
}
