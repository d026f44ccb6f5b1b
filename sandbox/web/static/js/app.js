// The page as a whole: which view is seen, in which colours, whose, and what stands when the line is gone.

import { chatView } from "./chat.js";
import { panel } from "./panel.js";
import { sidebar } from "./sidebar.js";
import { become, loadPeople, me, memory, on, openChat, state } from "./store.js";
import { languageOf, speak, t } from "./texts.js";
import { inWords, toast } from "./toasts.js";

const app = document.getElementById("app");
const banner = document.getElementById("banner");
const panelRoot = document.getElementById("panel");
let panelView = null;

const frame = {
  /** On a narrow page one view is seen: chats or chat. */
  show(view) {
    app.dataset.view = view;
  },
  togglePanel() {
    panelRoot.hidden = !panelRoot.hidden;
    memory.write({ panel: !panelRoot.hidden });
    if (panelRoot.hidden) panelView.close();
    else panelView.open();
  },
  switchTheme() {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = document.documentElement.dataset.theme;
    const next = now === "auto" ? (dark ? "light" : "dark") : now === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    memory.write({ theme: next });
  },
};

function drawBanner() {
  const bots = state.chats.filter((chat) => chat.kind === "bot");
  const away = bots.find((bot) => state.online.get(bot.id) === false);
  const text = state.connected ? (away ? t("bot-restarting", { name: away.title }) : "") : t("line-lost");
  banner.hidden = !text;
  banner.textContent = text;
}

function title() {
  const unread = [...state.unread.values()].reduce((sum, each) => sum + each, 0);
  document.title = `${unread ? `(${unread}) ` : ""}${me()?.name ?? ""} · Starloom`;
}

async function begin() {
  const kept = memory.read();
  const address = new URLSearchParams(location.hash.slice(1));
  if (kept.theme) document.documentElement.dataset.theme = kept.theme;
  await loadPeople();
  const wanted = address.get("as") ?? kept.person;
  const person = state.people.find((each) => String(each.id) === String(wanted) || each.name === wanted) ?? state.people[0];
  const spoken = await speak(person.language);
  sidebar(document.getElementById("sidebar"), frame);
  chatView(document.getElementById("chat"), frame);
  panelView = panel(panelRoot, frame);
  on("people", () => {
    title();
    const now = me();
    if (!now || languageOf(now.language) === spoken) return;
    // The page's words stand everywhere in it; another language is another page.
    history.replaceState(null, "", `#as=${now.id}`);
    location.reload();
  });
  for (const kind of ["chats", "presence", "connection"]) on(kind, () => { drawBanner(); title(); });
  on("opened", () => history.replaceState(null, "", `#as=${state.person}&chat=${state.chat}`));
  window.addEventListener("hashchange", () => {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (asked.get("as") && asked.get("as") !== String(state.person)) location.reload();
    else if (asked.get("chat") && asked.get("chat") !== String(state.chat)) openChat(Number(asked.get("chat")));
  });
  if (kept.panel && matchMedia("(min-width: 1200px)").matches) frame.togglePanel();
  await become(person.id, Number(address.get("chat") ?? kept.chat));
}

begin().catch((error) => {
  toast(inWords(error));
  setTimeout(() => location.reload(), 3000);
});
