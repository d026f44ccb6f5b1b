// For authors: what passes on the wire, faults to make, the bot's ledger and jobs.

import { get, listen, post, remove } from "./api.js";
import { fill, h, iconButton } from "./dom.js";
import { on, state } from "./store.js";
import { moment, number, size, t } from "./texts.js";
import { attempt, inWords, toast } from "./toasts.js";

const MOST_ROWS = 500;
const LOOK_SECONDS = 2;
const TABS = ["wire", "faults", "ledger", "jobs"];
const READY = [
  { name: "fault-slow", fault: { kind: "latency", seconds: 0.3, jitter: 0.1, where: "any" } },
  { name: "fault-narrow", fault: { kind: "bandwidth", bytes_per_second: 500_000, where: "any" } },
  { name: "fault-flood", fault: { kind: "error", method: "messages.SendMessage", code: 420, message: "FLOOD_WAIT_5", times: 1, where: "any" } },
  { name: "fault-broken", fault: { kind: "error", code: 500, message: "INTERNAL", times: 3, where: "any" } },
  { name: "fault-lost", fault: { kind: "lose_reply", times: 3, where: "any" } },
  { name: "fault-cut", fault: { kind: "drop_packet", probability: 0.02, where: "any" } },
  { name: "fault-twice", fault: { kind: "duplicate_updates" } },
];

/** Fill `root`; it works while it is seen. Returns `{open, close}`. */
export function panel(root, frame) {
  let tab = "wire";
  let stop = () => {};
  const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": t("panel") });
  const content = h("div", { class: "tab", role: "tabpanel" });
  fill(root, h("header", { class: "head" }, h("b", {}, t("panel")), iconButton("close", t("close"), () => frame.togglePanel())), tabs, content);
  on("people", () => root.hidden || ["ledger", "jobs"].includes(tab) === false || show(tab));

  function show(wanted) {
    stop();
    tab = wanted;
    const focused = tabs.contains(document.activeElement);
    fill(
      tabs,
      TABS.map((name) => h("button", { type: "button", role: "tab", "aria-selected": String(name === tab), onclick: () => show(name) }, t(`tab-${name}`))),
    );
    // Whoever goes by keyboard stays where they are.
    if (focused) tabs.querySelector("[aria-selected=true]").focus();
    content.setAttribute("aria-label", t(`tab-${tab}`));
    stop = { wire, faults, ledger, jobs }[tab]();
  }

  function wire() {
    let events = [];
    let wanted = "";
    let paused = false;
    const rows = h("ol", { class: "wire" });
    const filter = h("input", { class: "field", type: "search", placeholder: t("filter"), "aria-label": t("filter") });
    const hold = h("button", { type: "button", "aria-pressed": "false" }, t("pause"));
    filter.addEventListener("input", () => {
      wanted = filter.value.trim().toLowerCase();
      fill(rows, events.filter(fits).map(row));
    });
    hold.addEventListener("click", () => {
      paused = !paused;
      hold.setAttribute("aria-pressed", String(paused));
      if (!paused) fill(rows, events.filter(fits).map(row));
    });
    fill(
      content,
      h(
        "div",
        { class: "panel-row" },
        filter,
        hold,
        h("button", { type: "button", onclick: () => { events = []; fill(rows); } }, t("clear")),
        h("button", { type: "button", onclick: () => copy(events.filter(fits)) }, t("copy")),
      ),
      rows,
    );
    const fits = (event) => !wanted || `${event.name} ${event.kind} ${event.error ?? ""}`.toLowerCase().includes(wanted);
    return listen("/api/wire", (event) => {
      events.push(event);
      if (events.length > MOST_ROWS) events = events.slice(-MOST_ROWS);
      if (paused || !fits(event)) return;
      const atEnd = rows.scrollHeight - rows.scrollTop - rows.clientHeight < 60;
      rows.append(row(event));
      while (rows.children.length > MOST_ROWS) rows.firstChild.remove();
      if (atEnd) rows.scrollTop = rows.scrollHeight;
    });
  }

  function row(event) {
    const summary = h(
      "summary",
      { class: event.error ? "bad" : "" },
      h("span", { class: `way ${event.direction}`, title: event.direction }, event.direction === "in" ? "↑" : "↓"),
      h("span", { class: "wire-name" }, event.name),
      h("span", { class: "dim" }, event.error ?? t(`wire-${event.kind}`)),
      h("span", { class: "dim" }, size(event.size)),
    );
    const details = h("details", {}, summary);
    details.addEventListener("toggle", () => {
      if (!details.open || details.children.length > 1) return;
      details.append(h("pre", {}, JSON.stringify(event, null, 2)), h("button", { type: "button", onclick: () => copy(event) }, t("copy")));
    });
    return h("li", {}, details);
  }

  function faults() {
    const list = h("ul", { class: "faults" });
    const own = h("textarea", { class: "field code", rows: "4", "aria-label": t("fault-own") }, JSON.stringify(READY[0].fault));
    const draw = async () => {
      const { faults: inForce } = await get("/api/faults");
      fill(
        list,
        inForce.length ? null : h("li", { class: "dim" }, t("no-faults")),
        inForce.map((each) =>
          h(
            "li",
            { class: each.active ? "" : "dim" },
            h("span", {}, h("b", {}, each.fault.kind), ` ${each.fault.method ?? ""} ${t("fault-hits", { count: each.hits })}`),
            iconButton("trash", t("delete"), () => attempt(async () => { await remove(`/api/faults/${each.id}`); await draw(); })),
          ),
        ),
      );
    };
    const add = (fault) => attempt(async () => { await post("/api/faults", fault); await draw(); });
    fill(
      content,
      h("div", { class: "amounts" }, READY.map((each) => h("button", { type: "button", onclick: () => add(each.fault) }, t(each.name)))),
      h("div", { class: "amounts" }, h("button", { type: "button", onclick: () => attempt(async () => toast(t("dropped", { count: (await post("/api/connections/drop")).dropped }))) }, t("drop-now"))),
      h("h3", {}, t("in-force")),
      list,
      h("h3", {}, t("fault-own")),
      own,
      h(
        "div",
        { class: "box-buttons" },
        h("button", { type: "button", onclick: () => attempt(async () => { await remove("/api/faults"); await draw(); }) }, t("faults-end")),
        h("button", { type: "button", class: "main", onclick: () => { try { add(JSON.parse(own.value)); } catch { toast(t("not-json")); } } }, t("add")),
      ),
    );
    return repeat(draw);
  }

  function ledger() {
    return repeat(async () => {
      const account = await get(`/api/people/${state.person}/account`);
      fill(
        content,
        h(
          "dl",
          { class: "figures" },
          ["available", "held", "owed"].flatMap((name) => [h("dt", {}, t(`ledger-${name}`)), h("dd", {}, `${number(account[name])} ⭐`)]),
        ),
        h(
          "ol",
          { class: "entries" },
          account.entries.map((entry) =>
            h("li", {}, h("b", {}, `${number(entry.amount)} ⭐`), h("span", {}, `${entry.debit} → ${entry.credit}`), h("span", { class: "dim" }, `${entry.reason} · ${moment(new Date(entry.at))}`)),
          ),
        ),
      );
    });
  }

  function jobs() {
    return repeat(async () => {
      const { jobs: latest } = await get(`/api/people/${state.person}/jobs`);
      fill(
        content,
        latest.length ? null : h("p", { class: "dim" }, t("no-jobs")),
        h(
          "ol",
          { class: "entries" },
          latest.map((job) =>
            h(
              "li",
              {},
              h("b", {}, job.model),
              h("span", {}, `${job.state}${job.percent === null ? "" : ` ${job.percent}%`} · ${number(job.price)} ⭐`),
              h("span", { class: "dim" }, `${job.id} · ${job.provider} · ${moment(new Date(job.at))}${job.failure ? ` · ${job.failure}` : ""}`),
            ),
          ),
        ),
      );
    });
  }

  /** Draw now and every few seconds; what goes wrong stands where the figures would be. */
  function repeat(draw) {
    let over = false;
    let timer = 0;
    const once = async () => {
      try {
        await draw();
      } catch (error) {
        if (!over) fill(content, h("p", { class: "dim" }, inWords(error)));
      }
      if (!over) timer = setTimeout(once, LOOK_SECONDS * 1000);
    };
    once();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }

  return { open: () => show(tab), close: () => stop() };
}

async function copy(value) {
  await attempt(async () => {
    await navigator.clipboard.writeText(JSON.stringify(value, null, 2));
    toast(t("copied"));
  });
}
