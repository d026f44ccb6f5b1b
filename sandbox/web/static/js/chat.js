// The open chat: its head, the messages, the composer.

import { post } from "./api.js";
import { bubble } from "./bubble.js";
import { composer } from "./composer.js";
import { avatar, fill, h, iconButton } from "./dom.js";
import { deepLink } from "./entities.js";
import { pay } from "./payment.js";
import { chatNow, here, loadChats, loadOlder, on, refreshMe, seen, shown, state } from "./store.js";
import { day, t } from "./texts.js";
import { alertBox, attempt, box, toast } from "./toasts.js";

const NEAR = 120;

/** Fill `root` with the open chat, and keep it right. `frame` moves between the views of a narrow page. */
export function chatView(root, frame) {
  const head = h("header", { class: "head" });
  const log = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": t("messages"), tabindex: "0" });
  const down = iconButton("bottom", t("to-newest"), () => log.scrollTo({ top: log.scrollHeight, behavior: "smooth" }), { class: "icon-button down", hidden: true });
  const write = composer();
  fill(root, head, h("div", { class: "scroll" }, log, down), write.element);

  const act = {
    command: (text) => write.write(text),
    start: (payload) => attempt(() => post(`${here()}/start`, { payload })),
    show,
    reply: write.reply,
    edit: write.edit,
    press,
    enlarge,
    async remove(message) {
      if (await ask(t("delete-question"), t("delete"))) await attempt(() => post(`${here()}/delete`, { messages: [message.id] }));
    },
  };

  on("opened", () => {
    drawHead();
    fill(log);
    log.setAttribute("aria-busy", "true");
    frame.show("chat");
    if (matchMedia("(min-width: 800px)").matches) write.focus();
  });
  on("people", drawHead);
  on("chats", drawHead);
  on("actions", drawHead);
  on("presence", drawHead);
  on("messages", (what) => drawMessages(what));
  log.addEventListener("scroll", async () => {
    stuck = down.hidden = atEnd();
    if (stuck) seen();
    if (log.scrollTop > 200) return;
    const before = log.scrollHeight - log.scrollTop;
    if (await loadOlder()) log.scrollTop = log.scrollHeight - before;
  });
  for (const name of ["dragover", "drop"]) {
    root.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      root.classList.toggle("dropping", name === "dragover");
      if (name === "drop") write.attach([...event.dataTransfer.files]);
    });
  }
  root.addEventListener("dragleave", () => root.classList.remove("dropping"));
  document.addEventListener("visibilitychange", () => document.hidden || seen());

  // Whoever reads the end goes on reading it when pictures arrive or the view changes its size.
  let stuck = true;
  const stick = () => {
    if (stuck) log.scrollTop = log.scrollHeight;
  };
  new ResizeObserver(stick).observe(log);
  for (const name of ["load", "loadedmetadata"]) log.addEventListener(name, stick, { capture: true });

  const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR;

  function drawHead() {
    const chat = chatNow();
    if (!chat) {
      fill(head, h("div", { class: "head-title" }, h("b", {}, t("choose-chat"))));
      return;
    }
    fill(
      head,
      iconButton("back", t("back"), () => frame.show("chats"), { class: "icon-button narrow" }),
      avatar(chat.title, chat.id),
      h("div", { class: "head-title" }, h("b", {}, chat.title), h("span", { class: "dim", "aria-live": "polite" }, status(chat))),
      chat.kind === "bot" && !chat.blocked ? iconButton("block", t("block"), block) : null,
      iconButton("panel", t("panel"), () => frame.togglePanel()),
    );
  }

  function status(chat) {
    const action = state.actions.get(chat.id);
    if (action) {
      const key = `action-${action.name.replaceAll("_", "-")}`;
      const doing = t(key) === key ? t("action-typing") : t(key);
      const who = chat.kind === "bot" ? "" : `${action.sender.name} `;
      return `${who}${doing}${action.progress ? ` ${action.progress}%` : ""}…`;
    }
    if (chat.members) return `${t(`chat-${chat.kind}`)} · ${t("members-count", { count: chat.members })}`;
    if (chat.kind !== "bot") return t("chat-user");
    return state.online.get(chat.id) === false ? t("bot-away") : t("bot-here");
  }

  async function block() {
    if (!(await ask(t("block-question"), t("block")))) return;
    await attempt(() => post(`${here()}/block`));
    await loadChats();
  }

  const ask = (question, yes) =>
    box(question, (close) =>
      h(
        "div",
        { class: "box-buttons" },
        h("button", { type: "button", onclick: () => close(null) }, t("cancel")),
        h("button", { type: "button", class: "main danger", autofocus: true, onclick: () => close(true) }, yes),
      ),
    );

  // Messages

  function drawMessages({ whole = false, older = false, message = null, isNew = false, deleted = null }) {
    const stay = whole ? !older : atEnd();
    log.setAttribute("aria-busy", "false");
    if (deleted) for (const id of deleted) find(id)?.remove();
    if (message && !isNew && find(message.id) && !message.album) replace(message);
    else drawAll(whole);
    if (stay || (isNew && message?.out)) log.scrollTop = log.scrollHeight;
    stuck = down.hidden = atEnd();
  }

  const find = (id) => log.querySelector(`[data-id="${id}"]`);

  function replace(message) {
    const old = find(message.id);
    const focused = old.contains(document.activeElement) ? [...old.querySelectorAll("button")].indexOf(document.activeElement) : -1;
    const fresh = drawn(message, shown());
    const playing = old.querySelector("video, audio");
    const next = fresh.querySelector("video, audio");
    // What plays goes on while the caption changes.
    if (playing && next && playing.getAttribute("src") === next.getAttribute("src")) next.replaceWith(playing);
    old.replaceWith(fresh);
    if (focused >= 0) (fresh.querySelectorAll(".keyboard button")[0] ?? fresh).focus();
  }

  function drawAll(whole) {
    const messages = shown();
    const kept = whole ? new Map() : new Map([...log.querySelectorAll("[data-id]")].map((each) => [each.dataset.id, each]));
    const parts = [];
    let last = "";
    const done = new Set();
    for (const message of messages) {
      if (done.has(message.id)) continue;
      const date = day(new Date(message.date));
      if (date !== last) parts.push(h("div", { class: "day" }, date));
      last = date;
      const together = message.album ? messages.filter((each) => each.album === message.album) : [];
      for (const each of together) done.add(each.id);
      parts.push((together.length > 1 ? null : kept.get(String(message.id))) ?? drawn(message, messages, together));
    }
    if (!messages.length) parts.push(h("div", { class: "empty" }, h("p", {}, t("empty"))));
    fill(log, parts);
  }

  function drawn(message, messages, together = []) {
    const group = chatNow()?.kind !== "bot" && chatNow()?.kind !== "user";
    const replied = message.reply_to ? messages.find((each) => each.id === message.reply_to) : null;
    const worded = together.find((each) => each.text) ?? message;
    const shownAs = together.length > 1 ? { ...worded, id: message.id, media: null } : message;
    return bubble(shownAs, act, { group, replied, album: together.length > 1 ? together : null });
  }

  function show(id) {
    const element = find(id);
    element?.scrollIntoView({ block: "center", behavior: "smooth" });
    element?.classList.add("flash");
    setTimeout(() => element?.classList.remove("flash"), 1500);
  }

  // Pressing

  async function press(message, button, row, column, element) {
    if (button.kind === "pay") {
      await pay(message);
      return;
    }
    const payload = deepLink(button.url);
    if (payload !== null) {
      await act.start(payload);
      return;
    }
    if (button.kind === "url" || button.kind === "web_app") {
      if (/^https?:/i.test(button.url ?? "")) window.open(button.url, "_blank", "noopener,noreferrer");
      return;
    }
    element.setAttribute("aria-busy", "true");
    const answer = await attempt(() => post(`${here()}/press`, { message: message.id, row, column }));
    element.removeAttribute("aria-busy");
    refreshMe();
    if (!answer) return;
    if (answer.url) window.open(answer.url, "_blank", "noopener,noreferrer");
    if (answer.text && answer.alert) await alertBox(answer.text);
    else if (answer.text) toast(answer.text);
  }

  async function enlarge(message) {
    await box(message.text || t("kind-photo"), () => h("img", { class: "large", src: message.media.url, alt: message.text || t("kind-photo") }), { wide: true });
  }

  drawHead();
  return { focus: write.focus };
}
