// The page's own words, in the language of whoever is looked over the shoulder of.

const LANGUAGES = ["en", "ru"];
let words = {};
let language = "en";

/** The language in which the page speaks to people of this one. */
export const languageOf = (wanted) => (LANGUAGES.includes(wanted?.slice(0, 2)) ? wanted.slice(0, 2) : "en");

/** Load the words for people of a language; which language that is. */
export async function speak(wanted) {
  const chosen = languageOf(wanted);
  const response = await fetch(`/page/texts/${chosen}.json`);
  words = await response.json();
  language = chosen;
  document.documentElement.lang = chosen;
  return chosen;
}

/** The text of a key, with `{name}` filled in; of a text with forms, the one for the number `count`. */
export function t(key, values = {}) {
  let text = words[key] ?? key;
  if (typeof text === "object") text = text[new Intl.PluralRules(language).select(values.count)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? number(values[name]) : values[name] ?? ""));
}

export const number = (value) => new Intl.NumberFormat(language).format(value);
export const clock = (date) => new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(date);
export const moment = (date) => new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(date);

/** A day as a chat shows it. */
export function day(date) {
  const today = new Date();
  const options = { day: "numeric", month: "long" };
  if (date.toDateString() === today.toDateString()) return t("today");
  if (date.getFullYear() !== today.getFullYear()) options.year = "numeric";
  return new Intl.DateTimeFormat(language, options).format(date);
}

/** Bytes for people. */
export function size(bytes) {
  const units = ["unit-b", "unit-kb", "unit-mb", "unit-gb"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const shown = new Intl.NumberFormat(language, { maximumFractionDigits: value < 10 && unit ? 1 : 0 }).format(value);
  return t(units[unit], { value: shown });
}

/** Seconds as 1:05. */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
