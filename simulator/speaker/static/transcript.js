// The conversation: one line for each turn, what is being said highlighted as it is heard.

import { element } from "./link.js";

const SHOWN_QUIET_MS = 10000;

export class Transcript {
  constructor(list) {
    this.list = list;
    this.shown = new Map(); // id → { key, node, parts }
    this.saying = null;
    this.atEnd = true;
    list.addEventListener("scroll", () => { this.atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40; });
    new ResizeObserver(() => this.settle()).observe(list);
  }

  // Stay where the talk is, unless somebody has scrolled up to read.
  settle() {
    if (!this.atEnd) return;
    const current = this.list.querySelector(".saying .current");
    if (!current) { this.list.scrollTop = this.list.scrollHeight; return; }
    const end = this.list.scrollHeight - this.list.clientHeight;
    this.list.scrollTop = Math.min(end, Math.max(this.list.scrollTop, current.offsetTop - this.list.offsetTop - this.list.clientHeight / 2));
  }

  update(lines, playing) {
    const ids = new Set(lines.map((line) => line.id));
    for (const [id, { node }] of this.shown) {
      if (!ids.has(id)) { node.remove(); this.shown.delete(id); }
    }
    let added = false;
    for (const line of lines) added = this.show(line) || added;
    this.saying = playing ? playing.line : null;
    for (const [id, { node }] of this.shown) node.classList.toggle("saying", id === this.saying);
    if (added) { this.atEnd = true; this.list.scrollTop = this.list.scrollHeight; }
  }

  show(line) {
    const key = JSON.stringify(line);
    const before = this.shown.get(line.id);
    if (before && before.key === key) return false;
    const made = line.who === "A" ? this.spoken(line) : this.plain(line);
    if (before) before.node.replaceWith(made.node);
    else this.list.append(made.node);
    this.shown.set(line.id, { key, ...made });
    return true;
  }

  plain(line) {
    const mine = line.who === "U";
    const who = mine ? element("span", { class: "who" }, "You") : null;
    const words = element("span", { class: "words" }, line.text);
    return { node: element("div", { class: `line ${mine ? "mine" : "note"}` }, who, words), parts: [] };
  }

  spoken(line) {
    const words = element("span", { class: "words" });
    const parts = line.parts.map((part) => ({ ...part, node: this.part(part) }));
    for (const part of parts) words.append(part.node, " ");
    if (line.cut) words.append(element("span", { class: "cut" }, "interrupted"));
    const who = element("span", { class: "who" }, "Stretch Coach");
    return { node: element("div", { class: "line hers" }, who, words), parts };
  }

  part(part) {
    if (part.kind === "say") return element("span", { class: "part" }, part.text);
    if (part.kind === "quiet") return element("span", { class: "part hush" }, part.ms < SHOWN_QUIET_MS ? "" : `(${Math.round(part.ms / 1000)} s of quiet)`);
    const [first, last] = [part.marks[0][1], part.marks.at(-1)[1]];
    const number = element("span", { class: "number" }, `${first} to ${last}`);
    const bar = element("span", { class: "bar", "aria-hidden": "true" }, element("i"));
    return element("span", { class: "part counted" }, "Count", number, bar);
  }

  tick(position) {
    const line = this.saying === null ? null : this.shown.get(this.saying);
    if (!line) return;
    for (const part of line.parts) {
      const current = position !== null && position >= part.at && position < part.at + part.ms;
      part.node.classList.toggle("current", current);
      part.node.classList.toggle("to-come", position === null || position < part.at);
      if (part.kind === "count") this.count(part, position, current);
    }
  }

  count(part, position, current) {
    const [first, last] = [part.marks[0][1], part.marks.at(-1)[1]];
    const reached = part.marks.filter(([at]) => position !== null && at <= position).at(-1);
    part.node.querySelector(".number").textContent = current && reached ? `${reached[1]}` : `${first} to ${last}`;
    const share = position === null ? 0 : Math.min(1, Math.max(0, (position - part.at) / part.ms));
    part.node.querySelector("i").style.transform = `scaleX(${share})`;
  }
}
