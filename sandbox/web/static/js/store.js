// What the page knows, brought up to date as things happen. Views subscribe and draw.

import { chatPath, get, listen, personPath, post } from "./api.js";

const PAGE = 60;
const ACTION_SECONDS = 6;
const MEMORY = "starloom-page";

export const state = {
  people: [],
  person: null,
  chats: [],
  chat: null,
  /** Per chat: `{list: Map(id -> message), older: whether there may be more}`. */
  messages: new Map(),
  unread: new Map(),
  online: new Map(),
  actions: new Map(),
  commands: new Map(),
  connected: true,
  pressed: new Set(),
};

const listeners = new Map();
let stopListening = () => {};
let generation = 0;

/** Be told when something of this kind changed: people, chats, messages, actions, presence, connection. */
export function on(kind, listener) {
  if (!listeners.has(kind)) listeners.set(kind, new Set());
  listeners.get(kind).add(listener);
}

function changed(kind, detail) {
  for (const listener of listeners.get(kind) ?? []) listener(detail);
}

export const memory = {
  read: () => {
    try {
      return JSON.parse(localStorage.getItem(MEMORY)) ?? {};
    } catch {
      return {};
    }
  },
  write: (values) => localStorage.setItem(MEMORY, JSON.stringify({ ...memory.read(), ...values })),
};

export const me = () => state.people.find((person) => person.id === state.person);
export const chatNow = () => state.chats.find((chat) => chat.id === state.chat);
export const here = () => chatPath(state.person, state.chat);

/** The messages of the open chat, oldest first. */
export function shown() {
  const kept = state.messages.get(state.chat);
  return kept ? [...kept.list.values()].sort((a, b) => a.id - b.id) : [];
}

export async function loadPeople() {
  state.people = (await get("/api/people")).people;
  changed("people");
}

/** Look over the shoulder of a person, in a chat (or the first one). */
export async function become(person, chat = null) {
  const ours = ++generation;
  stopListening();
  Object.assign(state, { person, chat: null, chats: [] });
  for (const kept of [state.messages, state.unread, state.online, state.actions, state.commands]) kept.clear();
  memory.write({ person });
  changed("people");
  await loadChats();
  if (ours !== generation) return;
  stopListening = listen(`${personPath(person)}/events`, happened, (open) => reconnected(ours, open));
  const known = state.chats.find((each) => each.id === chat) ?? state.chats.find((each) => each.kind === "bot");
  if (known) await openChat(known.id);
}

export async function loadChats() {
  const person = state.person;
  const { chats } = await get(`${personPath(person)}/chats`);
  if (person !== state.person) return;
  state.chats = chats;
  changed("chats");
}

export async function openChat(chat) {
  state.chat = chat;
  state.unread.delete(chat);
  memory.write({ chat });
  changed("chats");
  changed("opened");
  await refresh(chat);
  loadCommands(chat);
}

/** Read the newest messages of a chat again; what went away meanwhile is dropped. */
async function refresh(chat) {
  const { messages } = await get(`${chatPath(state.person, chat)}/messages?limit=${PAGE}`);
  const kept = { list: new Map(messages.map((message) => [message.id, message])), older: messages.length === PAGE };
  const before = state.messages.get(chat);
  const oldest = messages[0]?.id ?? Infinity;
  for (const message of before?.list.values() ?? []) if (message.id < oldest && kept.older) kept.list.set(message.id, message);
  state.messages.set(chat, kept);
  if (chat === state.chat) changed("messages", { whole: true });
}

/** Read what stands before the oldest message that is shown; whether there was any. */
export async function loadOlder() {
  const kept = state.messages.get(state.chat);
  const oldest = shown()[0]?.id;
  if (!kept?.older || !oldest) return false;
  kept.older = false;
  const { messages } = await get(`${here()}/messages?limit=${PAGE}&before=${oldest}`);
  for (const message of messages) kept.list.set(message.id, message);
  kept.older = messages.length === PAGE;
  changed("messages", { whole: true, older: true });
  return messages.length > 0;
}

export async function loadCommands(chat) {
  if ((state.chats.find((each) => each.id === chat)?.kind ?? "user") === "user") return;
  try {
    state.commands.set(chat, (await get(`${chatPath(state.person, chat)}/commands`)).commands);
  } catch {
    state.commands.set(chat, []);
  }
  changed("commands");
}

export async function refreshMe() {
  const fresh = await get(personPath(state.person));
  const place = state.people.findIndex((person) => person.id === fresh.id);
  if (place >= 0) state.people[place] = fresh;
  changed("people");
}

async function reconnected(ours, open) {
  if (ours !== generation) return;
  const was = state.connected;
  state.connected = open;
  if (open !== was) changed("connection");
  if (!open || was) return;
  // Whatever happened while nobody listened is read anew.
  await loadPeople();
  if (!state.people.some((person) => person.id === state.person)) {
    location.reload();
    return;
  }
  await loadChats();
  if (state.chat !== null) await refresh(state.chat);
}

function happened(event) {
  switch (event.type) {
    case "new":
    case "edited":
      keep(event.message, event.type === "new");
      break;
    case "deleted":
      forget(event.chat, event.ids);
      break;
    case "action":
      act(event);
      break;
    case "presence":
      state.online.set(event.chat, event.online);
      changed("presence");
      if (event.online && event.chat === state.chat) loadCommands(event.chat);
      break;
    case "answer":
      changed("answer", event);
      break;
  }
}

/** Keep a message that came or changed; also one that an own request answered. */
export function keep(message, isNew = true) {
  const chat = message.chat;
  const kept = state.messages.get(chat);
  const known = kept?.list.has(message.id);
  if (kept && (known || isNew)) kept.list.set(message.id, message);
  const place = state.chats.findIndex((each) => each.id === chat);
  if (place < 0) {
    loadChats();
  } else {
    const [row] = state.chats.splice(place, 1);
    const newest = !row.last || message.id >= row.last.id;
    state.chats.splice(newest && isNew ? 0 : place, 0, { ...row, last: newest ? message : row.last });
  }
  if (isNew && !known && !message.out && (chat !== state.chat || document.hidden)) {
    state.unread.set(chat, (state.unread.get(chat) ?? 0) + 1);
  }
  // Whoever has sent something is not typing it any more; a changed message says nothing of that.
  if (!message.out && isNew) state.actions.delete(chat);
  if (message.kind === "service") {
    refreshMe();
    // A paid invoice is paid without being edited.
    if (message.reply_to) readAgain(chat, message.reply_to);
  }
  changed("chats");
  if (chat === state.chat) {
    changed("messages", { message, isNew: isNew && !known });
    changed("actions");
  }
}

async function readAgain(chat, id) {
  const { messages } = await get(`${chatPath(state.person, chat)}/messages?after=${id - 1}&limit=1`);
  if (messages[0]?.id === id) keep(messages[0], false);
}

function forget(chat, ids) {
  const kept = state.messages.get(chat);
  for (const id of ids) kept?.list.delete(id);
  if (chat === state.chat) changed("messages", { deleted: ids });
  const row = state.chats.find((each) => each.id === chat);
  if (row?.last && ids.includes(row.last.id)) loadChats();
}

function act(event) {
  if (event.sender.id === state.person) return;
  if (event.action === "cancel") state.actions.delete(event.chat);
  else {
    const action = { name: event.action, sender: event.sender, progress: event.progress };
    state.actions.set(event.chat, action);
    setTimeout(() => {
      if (state.actions.get(event.chat) !== action) return;
      state.actions.delete(event.chat);
      changed("actions");
    }, ACTION_SECONDS * 1000);
  }
  changed("actions");
}

/** The chat is looked at again. */
export function seen() {
  if (state.unread.delete(state.chat)) changed("chats");
}

export async function addPerson(fields) {
  const person = await post("/api/people", fields);
  await loadPeople();
  await become(person.id);
}

export async function addChat(fields) {
  const chat = await post(`${personPath(state.person)}/chats`, fields);
  await loadChats();
  await openChat(chat.id);
}
