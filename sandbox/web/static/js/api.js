// Speaks with the sandbox's HTTP face.

/** A refusal, with a text for people. */
export class Refusal extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

async function call(method, path, body) {
  const form = body instanceof FormData;
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: body && !form ? { "Content-Type": "application/json" } : {},
      body: form ? body : body && JSON.stringify(body),
    });
  } catch {
    throw new Refusal(0, "offline", "");
  }
  if (response.status === 204) return null;
  const text = await response.text();
  let answer = {};
  try {
    answer = text ? JSON.parse(text) : {};
  } catch {
    throw new Refusal(response.status, "unreadable", text.slice(0, 200));
  }
  if (!response.ok) {
    const error = answer.error ?? { code: "unknown", message: response.statusText };
    throw new Refusal(response.status, error.code, error.message);
  }
  return answer;
}

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);
export const remove = (path) => call("DELETE", path);

export const personPath = (person) => `/api/people/${person}`;
export const chatPath = (person, chat) => `/api/people/${person}/chats/${chat}`;

/** A WebSocket that comes back by itself. `told` gets each message; `changed` whether it is open. Returns its end. */
export function listen(path, told, changed = () => {}) {
  const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
  let socket = null;
  let wait = 300;
  let over = false;
  let timer = 0;
  const open = () => {
    socket = new WebSocket(address);
    socket.onopen = () => {
      wait = 300;
      changed(true);
    };
    socket.onmessage = (event) => told(JSON.parse(event.data));
    socket.onclose = () => {
      if (over) return;
      changed(false);
      timer = setTimeout(open, wait);
      wait = Math.min(wait * 1.7, 4000);
    };
  };
  open();
  return () => {
    over = true;
    clearTimeout(timer);
    socket.close();
  };
}
