// Who one is, and the chats.

import { avatar, fill, h, iconButton } from "./dom.js";
import { addChat, addPerson, become, me, on, openChat, refreshMe, state } from "./store.js";
import { post } from "./api.js";
import { clock, number, t } from "./texts.js";
import { attempt, box, toast } from "./toasts.js";

/** Fill `root`, and keep it right. */
export function sidebar(root, frame) {
  const top = h("header", { class: "who" });
  const list = h("ul", { class: "chats", "aria-label": t("chats") });
  fill(root, top, list, h("footer", { class: "side-foot" }, h("span", { class: "dim" }, t("local-only"))));
  on("people", drawTop);
  on("chats", drawChats);
  on("presence", drawChats);

  function drawTop() {
    const person = me();
    if (!person) return;
    fill(
      top,
      h(
        "button",
        { type: "button", class: "person", "aria-haspopup": "dialog", "aria-label": t("switch-person", { name: person.name }), onclick: switchPerson },
        avatar(person.name, person.id),
        h("span", { class: "person-name" }, h("b", {}, person.name), h("span", { class: "dim" }, t("you-are"))),
      ),
      h("button", { type: "button", class: "stars", title: t("buy-stars"), "aria-label": t("stars-have", { count: person.stars }), onclick: buyStars }, `⭐ ${number(person.stars)}`),
      iconButton("plus", t("new-group"), newGroup),
      iconButton("moon", t("theme"), frame.switchTheme),
    );
  }

  function drawChats() {
    const rows = state.chats.map((chat) => {
      const unread = state.unread.get(chat.id) ?? 0;
      const last = chat.last;
      const preview = last ? (last.kind === "service" ? t("kind-service") : last.text || t(`kind-${last.kind}`)) : t("nothing-yet");
      return h(
        "li",
        {},
        h(
          "button",
          { type: "button", class: "chat-row", "aria-current": chat.id === state.chat ? "true" : null, onclick: () => attempt(() => openChat(chat.id)) },
          avatar(chat.title, chat.id),
          h(
            "span",
            { class: "chat-words" },
            h("span", { class: "chat-top" }, h("b", {}, chat.title), last ? h("time", { class: "dim", datetime: last.date }, clock(new Date(last.date))) : null),
            h("span", { class: "chat-low" }, h("span", { class: "dim preview" }, `${last?.out ? `${t("you")}: ` : ""}${preview}`), unread ? h("span", { class: "badge", "aria-label": t("unread", { count: unread }) }, number(unread)) : null),
          ),
        ),
      );
    });
    fill(list, rows);
  }

  async function switchPerson() {
    const chosen = await box(t("people"), (close) => [
      h(
        "ul",
        { class: "people" },
        state.people.map((person) =>
          h(
            "li",
            {},
            h(
              "button",
              { type: "button", class: "chat-row", "aria-current": person.id === state.person ? "true" : null, autofocus: person.id === state.person, onclick: () => close(person.id) },
              avatar(person.name, person.id),
              h("span", { class: "chat-words" }, h("b", {}, person.name), h("span", { class: "dim" }, `${person.language} · ⭐ ${number(person.stars)}${person.username ? ` · @${person.username}` : ""}`)),
            ),
          ),
        ),
      ),
      h("div", { class: "box-buttons" }, h("button", { type: "button", class: "main", onclick: () => close("new") }, t("new-person"))),
    ]);
    if (chosen === "new") await newPerson();
    else if (chosen !== null && chosen !== state.person) await attempt(() => become(chosen));
  }

  async function newPerson() {
    const fields = await box(t("new-person"), (close) => {
      const name = h("input", { class: "field", name: "name", required: true, maxlength: "64", autofocus: true, autocomplete: "off" });
      const language = h("select", { class: "field", name: "language" }, ["en", "ru", "de", "uk", "fr"].map((code) => h("option", { value: code, selected: code === document.documentElement.lang }, code)));
      return form(close, [h("label", {}, t("name"), name), h("label", {}, t("language"), language)], () => ({ name: name.value.trim(), language: language.value, stars: 1000 }));
    });
    if (fields) await attempt(() => addPerson(fields));
  }

  async function newGroup() {
    const fields = await box(t("new-group"), (close) => {
      const title = h("input", { class: "field", required: true, maxlength: "128", autofocus: true, autocomplete: "off" });
      const kind = h("select", { class: "field" }, ["supergroup", "group", "channel"].map((each) => h("option", { value: each }, t(`new-place-${each}`))));
      const members = state.people
        .filter((person) => person.id !== state.person)
        .map((person) => [person.id, h("input", { type: "checkbox", checked: true }), person.name]);
      const boxes = h("fieldset", {}, h("legend", {}, t("members")), members.map(([, input, name]) => h("label", { class: "check" }, input, name)));
      return form(close, [h("label", {}, t("title"), title), h("label", {}, t("kind"), kind), boxes], () => ({
        title: title.value.trim(),
        kind: kind.value,
        members: members.filter(([, input]) => input.checked).map(([id]) => id),
      }));
    });
    if (fields) await attempt(() => addChat(fields));
  }

  async function buyStars() {
    const amount = await box(t("buy-stars"), (close) => [
      h("p", { class: "dim" }, t("stars-are-free")),
      h("div", { class: "amounts" }, [50, 100, 500, 1000, 5000].map((each) => h("button", { type: "button", onclick: () => close(each) }, `+${number(each)} ⭐`))),
    ]);
    if (!amount) return;
    if (await attempt(() => post(`/api/people/${state.person}/stars`, { amount }))) {
      toast(t("stars-bought", { count: amount }));
      await refreshMe();
    }
  }
}

function form(close, fields, values) {
  const element = h(
    "form",
    { class: "form" },
    fields,
    h("div", { class: "box-buttons" }, h("button", { type: "button", onclick: () => close(null) }, t("cancel")), h("button", { type: "submit", class: "main" }, t("create"))),
  );
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    close(values());
  });
  return element;
}
