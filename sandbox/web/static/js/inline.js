// `@bot words` in any chat: what a bot offers to share there.

import { get, personPath, post } from "./api.js";
import { here, keep, openChat, state } from "./store.js";
import { t } from "./texts.js";
import { attempt } from "./toasts.js";

const WAIT_MS = 250;
let bots = null;

/** Follows what is typed. `field` is `{text(), write(text)}`, `offer(items)` shows what can be chosen. */
export function inlineMode(field, offer) {
  let timer = 0;

  /** Offer what fits the text, now or once a bot has answered; whether it is for a bot. */
  function typed(text) {
    clearTimeout(timer);
    const beginning = /^@(\w*)$/.exec(text);
    const whole = /^@(\w+)\s(.*)$/s.exec(text);
    if (beginning) known().then((all) => text === field.text() && offer(named(all, beginning[1])));
    else if (whole) timer = setTimeout(() => ask(whole[1], whole[2], text), WAIT_MS);
    return Boolean(beginning || whole);
  }

  const named = (all, begun) =>
    all
      .filter((bot) => bot.username.toLowerCase().startsWith(begun.toLowerCase()))
      .map((bot) => ({ title: `@${bot.username}`, about: bot.inline, pick: () => take(bot) }));

  function take(bot) {
    // What is chosen next is chosen of what the bot offers.
    offer([]);
    field.write(`@${bot.username} `);
  }

  async function ask(username, query, text, before = [], offset = "") {
    const bot = (await known()).find((each) => each.username.toLowerCase() === username.toLowerCase());
    if (!bot) return;
    const asked = new URLSearchParams({ bot: bot.username, query, offset });
    let answer;
    try {
      answer = await get(`${personPath(state.person)}/inline?${asked}`);
    } catch {
      // A bot that is away is told of at the top of the page.
      answer = { results: [], button: null, next_offset: "" };
    }
    if (text !== field.text()) return;
    const shown = [...before, ...answer.results.map(item)];
    const button = answer.button ? [{ title: answer.button, about: `@${bot.username}`, pick: () => goTo(bot, answer.start) }] : [];
    const more = answer.next_offset ? [{ title: t("inline-more"), pick: () => ask(username, query, text, shown, answer.next_offset) }] : [];
    offer([...button, ...shown, ...more]);
  }

  const item = (result) => ({ title: result.title, about: result.description, image: result.thumbnail, pick: () => send(result) });

  async function send(result) {
    offer([]);
    const sent = await attempt(() => post(`${here()}/choose`, { result: result.id }));
    if (!sent) return;
    field.write("");
    keep(sent);
  }

  async function goTo(bot, payload) {
    field.write("");
    await openChat(bot.id);
    await attempt(() => post(`${here()}/start`, { payload }));
  }

  return typed;
}

/** The bots that have an inline mode. */
async function known() {
  bots ??= (await get("/api/bots")).bots.filter((bot) => bot.inline !== null);
  return bots;
}
