// The developer drawer: what goes over the wire, what is remembered, when what is heard, and what can go wrong.

import { ask, element, tell } from "./link.js";

const TABS = [
  ["simulate", "Simulate"], ["request", "Request"], ["response", "Response"],
  ["attributes", "Session attributes"], ["stored", "Stored items"], ["timeline", "Timeline"],
];
const SWITCHES = [
  ["no_screen", "No screen", "A speaker without a display."],
  ["no_apla", "No APLA", "The device refuses APL for Audio, so counting has to go another way."],
  ["database_down", "Database down", "Every read and write fails."],
  ["second_device", "Second device", "Another speaker of the same household; its session is its own."],
];
const ACTIONS = [
  ["late_answer", "Late answer", "The next answer takes longer than Alexa waits.", "Delay the next"],
  ["session_lost", "Session lost", "The session is gone, and the skill was never told.", "Lose it"],
  ["next_day", "Next day", "The clock moves on by a day.", "Move on"],
];

export class Drawer {
  constructor(node, opener, tabs, panel, changed) {
    Object.assign(this, { node, opener, tabs, panel, changed });
    this.tab = "simulate";
    this.state = null;
    this.known = null;
    this.version = 0;
    opener.addEventListener("click", () => this.open(this.node.hidden));
    node.querySelector("#close").addEventListener("click", () => this.open(false));
    node.addEventListener("keydown", (event) => { if (event.key === "Escape") this.open(false); });
    this.makeTabs();
  }

  makeTabs() {
    for (const [id, label] of TABS) {
      this.tabs.append(element("button", {
        type: "button", role: "tab", id: `tab-${id}`, "aria-controls": "panel", onclick: () => this.choose(id),
      }, label));
    }
    this.tabs.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const index = TABS.findIndex(([id]) => id === this.tab);
      this.choose(TABS[(index + step + TABS.length) % TABS.length][0]);
      document.getElementById(`tab-${this.tab}`).focus();
    });
    this.choose(this.tab);
  }

  open(open) {
    this.node.hidden = !open;
    this.opener.setAttribute("aria-expanded", String(open));
    if (open) { this.refresh(); document.getElementById(`tab-${this.tab}`).focus(); } else this.opener.focus();
  }

  choose(id) {
    this.tab = id;
    for (const button of this.tabs.children) {
      const chosen = button.id === `tab-${id}`;
      button.setAttribute("aria-selected", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
    }
    this.panel.setAttribute("aria-labelledby", `tab-${id}`);
    this.panel.scrollTop = 0;
    this.draw();
  }

  update(state) {
    this.state = state;
    if (!this.node.hidden) this.refresh();
  }

  async refresh() {
    if (this.known && this.version === this.state.version) return this.draw();
    const version = this.state.version;
    this.known = await ask("/api/developer");
    this.version = version;
    this.draw();
  }

  draw() {
    if (this.tab === "simulate") return this.drawSimulate();
    if (!this.known) return this.panel.replaceChildren();
    if (this.tab === "timeline") return this.drawTimeline(this.known.timeline);
    const value = this.known[this.tab];
    const empty = value === null || (typeof value === "object" && !Object.keys(value).length);
    this.panel.replaceChildren(empty ? element("p", { class: "empty" }, "Nothing yet.") : element("pre", {}, ...colored(value)));
  }

  drawSimulate() {
    if (!this.state) return;
    const had = document.activeElement && document.activeElement.dataset.entry;
    const now = this.state.simulated;
    const switches = SWITCHES.map(([entry, name, what]) => row(name, what, entry, element("button", {
      type: "button", class: "toggle", role: "switch", "aria-checked": String(now[entry]), "aria-labelledby": `sim-${entry}`,
      "data-entry": entry, onclick: () => this.simulate(entry, !now[entry]),
    })));
    const actions = ACTIONS.map(([entry, name, what, label]) => {
      const waiting = entry === "late_answer" && now.late_answer;
      return row(name, what, entry, element("button", {
        type: "button", class: "do", "data-entry": entry, disabled: waiting ? "" : null, onclick: () => this.simulate(entry, true),
      }, waiting ? "Waiting for it" : label));
    });
    this.panel.replaceChildren(element("div", { class: "switches" }, ...switches, ...actions));
    if (had) this.panel.querySelector(`[data-entry="${had}"]`)?.focus();
  }

  async simulate(entry, on) {
    this.changed(await tell("/api/simulate", { entry, on }));
  }

  drawTimeline(rows) {
    if (!rows.length) return this.panel.replaceChildren(element("p", { class: "empty" }, "Nothing has been said yet."));
    const total = Math.max(...rows.map((row) => row.at + row.ms));
    const strip = element("div", { class: "strip", "aria-hidden": "true" });
    for (const one of rows) {
      const bar = element("i", { class: one.kind });
      bar.style.left = `${(100 * one.at) / total}%`;
      bar.style.width = `calc(${(100 * one.ms) / total}% - 1px)`;
      strip.append(bar);
    }
    strip.append(element("span", { class: "head" }));
    const head = element("tr", {}, ...["From", "For", "What is heard"].map((name) => element("th", { scope: "col" }, name)));
    const body = rows.map((one) => element("tr", { "data-at": one.at, "data-end": one.at + one.ms },
      element("td", { class: "number" }, seconds(one.at)), element("td", { class: "number" }, seconds(one.ms)),
      element("td", {}, one.kind === "silence" ? element("span", { class: "empty" }, "quiet") : one.text,
        one.cut ? element("span", { class: "empty" }, ` (${one.cut} ms cut off)`) : null)));
    this.panel.replaceChildren(strip, element("table", { class: "rows" }, element("thead", {}, head), element("tbody", {}, ...body)));
    this.total = total;
  }

  tick(position) {
    if (this.node.hidden || this.tab !== "timeline" || !this.total) return;
    const head = this.panel.querySelector(".head");
    if (!head) return;
    head.style.left = position === null ? "-4px" : `${(100 * position) / this.total}%`;
    for (const row of this.panel.querySelectorAll("tbody tr")) {
      row.classList.toggle("current", position !== null && position >= row.dataset.at && position < row.dataset.end);
    }
  }
}

function row(name, what, entry, control) {
  return element("div", { class: "switch" }, element("div", {}, element("b", { id: `sim-${entry}` }, name), element("span", {}, what)), control);
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(2)} s`;
}

// JSON with its keys and literals marked.
function colored(value) {
  const text = JSON.stringify(value, null, 2);
  const found = text.matchAll(/("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?/g);
  const out = [];
  let end = 0;
  for (const match of found) {
    out.push(text.slice(end, match.index));
    const kind = match[2] !== undefined ? "key" : match[1] ? "string" : "literal";
    out.push(element("span", { class: kind }, match[1] || match[0]), match[2] || "");
    end = match.index + match[0].length;
  }
  out.push(text.slice(end));
  return out;
}
