// The display: draws the data that the skill sends with its documents (lambda/stretch_coach/apl), and follows the sound.

import { element } from "./link.js";

const CIRCLE = 2 * Math.PI * 45;

export class Screen {
  constructor(node, press, start) {
    this.node = node;
    this.press = press;
    this.start = start;
    this.key = null;
    this.data = null;
    this.steps = [];
    this.playing = null;
  }

  update(state) {
    const key = JSON.stringify([state.screen, state.session]);
    // Said to its end, as opposed to not yet begun.
    this.over = key === this.key && (this.over || Boolean(this.playing && !state.playing));
    this.playing = state.playing;
    if (key === this.key) return;
    const had = this.node.contains(document.activeElement) ? document.activeElement.dataset.argument || "" : null;
    this.key = key;
    this.data = state.screen;
    this.node.replaceChildren(this.data ? this.draw(this.data) : this.welcome(state.session));
    if (had !== null) this.refocus(had);
    this.tick(null);
  }

  // The button pressed last may be gone: its successor, or the first one, takes the focus.
  refocus(argument) {
    const buttons = [...this.node.querySelectorAll("button")];
    const same = buttons.find((button) => button.dataset.argument === argument) || buttons[0];
    if (same) same.focus({ preventScroll: true });
  }

  draw(data) {
    const drawn = { exercise: this.exercise, question: this.question, choices: this.choices, outcome: this.outcome, home: this.home };
    return drawn[data.kind].call(this, data);
  }

  welcome(session) {
    if (session) {
      return element("div", { class: "card welcome" }, element("h3", {}, "Stretch Coach"), element("p", {}, "Listening to you."));
    }
    const button = element("button", { type: "button", class: "start", onclick: this.start }, "Open Stretch Coach");
    return element("div", { class: "card welcome" },
      element("h3", {}, "Hips and lower back, one stretch at a time"),
      element("p", {}, "Say “Alexa, open stretch coach”, or press the button. Type what you would say, whenever you like."),
      button);
  }

  eyebrow(data) {
    return data.eyebrow ? element("p", { class: "eyebrow" }, data.eyebrow) : null;
  }

  actions(data) {
    if (!data.buttons.length) return null;
    const buttons = data.buttons.map(({ label, argument }) =>
      element("button", { type: "button", "data-argument": argument, onclick: () => this.press(argument) }, label));
    return element("div", { class: "actions" }, ...buttons);
  }

  question(data) {
    const long = data.title.length > 120 ? " long" : "";
    return element("div", { class: `card question${long}` }, this.eyebrow(data), element("h3", {}, data.title), this.actions(data));
  }

  choices(data) {
    const options = data.options.map(({ name, detail, argument }) => element("li", {},
      element("button", { type: "button", "data-argument": argument, onclick: () => this.press(argument) },
        element("b", {}, name), element("span", {}, detail))));
    return element("div", { class: "card choices" }, this.eyebrow(data), element("h3", {}, data.title),
      element("ol", {}, ...options), this.actions(data));
  }

  outcome(data) {
    const [first, ...rest] = data.lines;
    return element("div", { class: `card outcome ${data.level}` }, this.eyebrow(data), element("h3", {}, data.title),
      element("p", { class: "lead" }, first),
      element("div", { class: "rest", tabindex: "0", role: "group", "aria-label": "More about it" }, ...rest.map((line) => element("p", {}, line))),
      this.actions(data));
  }

  home(data) {
    const examples = data.examples.map((example) => element("li", {}, `“${example}”`));
    return element("div", { class: "card home" }, this.eyebrow(data), element("h3", {}, data.title), element("ul", {}, ...examples));
  }

  exercise(data) {
    this.steps = data.steps.map(({ text }) => element("li", {}, element("span", {}, text)));
    const left = element("div", { class: "left" }, this.eyebrow(data), element("h3", {}, data.title),
      element("p", { class: "dose" }, data.dose), element("ol", { class: "steps" }, ...this.steps),
      element("p", { class: "hint" }, data.hint));
    const meter = data.segments.length || data.reached ? this.meter() : null;
    return element("div", { class: "card exercise" }, element("div", { class: "row" }, left, meter), this.actions(data));
  }

  meter() {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 100 100");
    svg.setAttribute("aria-hidden", "true");
    for (const name of ["track", "done"]) {
      const circle = document.createElementNS("http://www.w3.org/2000/svg", "circle");
      circle.setAttribute("class", name);
      for (const [key, value] of [["cx", 50], ["cy", 50], ["r", 45]]) circle.setAttribute(key, value);
      svg.append(circle);
    }
    const text = element("div", {}, element("div", { class: "number" }), element("div", { class: "word" }), element("div", { class: "of" }), element("div", { class: "label" }));
    return element("div", { class: "meter", role: "timer", "aria-label": "Count" }, svg, text);
  }

  tick(heard) {
    if (!this.data || this.data.kind !== "exercise") return;
    const position = this.playing && this.playing.reprompt ? null : heard;
    this.highlight(position);
    // What to say next is of use once the count is over.
    this.node.firstChild.classList.toggle("under-way", position !== null && this.data.segments.length > 0);
    const meter = this.node.querySelector(".meter");
    if (meter) this.show(meter, this.reading(position));
    const pause = this.node.querySelector('[data-argument="pause"]');
    if (pause) pause.hidden = position === null && this.over;
  }

  highlight(position) {
    const times = (position !== null && this.playing && this.playing.steps) || [];
    this.steps.forEach((node, index) => {
      const time = times[index];
      const current = time ? position >= time[0] && position < time[1] : index === this.data.step;
      if (current && !node.classList.contains("current")) node.parentNode.scrollTo({ top: node.offsetTop - node.parentNode.offsetTop - 30 });
      node.classList.toggle("current", current);
      node.classList.toggle("done", Boolean(time) && position >= time[1]);
    });
  }

  // What the meter says at a moment: a number or a word, what it belongs to, and how full the circle is.
  reading(position) {
    const { segments, reached } = this.data;
    if (reached) return { number: reached.count, of: `of ${reached.total}`, label: reached.label, share: reached.count / reached.total, rest: true };
    const at = position === null ? (this.over ? Infinity : -1) : position;
    const now = segments.find((segment) => at >= segment.at && at < segment.end);
    if (!now) return this.between(at, segments);
    const share = (at - now.at) / (now.end - now.at);
    if (now.part !== "count") return { word: now.label, share: now.part === "ready" ? 0 : 1 - share, rest: true };
    const count = Math.min(now.total, now.first + Math.floor((at - now.at) / now.every) + 1);
    return { counting: true, number: count, of: `of ${now.total}`, label: now.label, share: Math.min(1, (now.first * now.every + at - now.at) / (now.total * now.every)) };
  }

  between(at, segments) {
    const next = segments.find((segment) => segment.at > at);
    const count = segments.find((segment) => segment.part === "count" && segment.at > at);
    if (!next || !count) return { word: "Done", share: 1 };
    if (at < 0) return { word: "Follow along", share: 0, rest: true };
    const seconds = Math.ceil((next.at - at) / 1000);
    return { word: "Follow along", of: `counting in ${seconds} s`, share: 0, rest: true };
  }

  show(meter, { number = "", word = "", of = "", label = "", share, rest = false, counting = false }) {
    const set = (selector, text) => {
      const node = meter.querySelector(selector);
      if (node.textContent !== String(text)) node.textContent = text;
    };
    set(".number", number);
    set(".word", word);
    set(".of", of);
    set(".label", label);
    meter.classList.toggle("resting", rest);
    meter.classList.toggle("counting", counting);
    const done = meter.querySelector(".done");
    done.style.strokeDasharray = `${Math.max(0, share) * CIRCLE} ${CIRCLE}`;
    done.style.strokeLinecap = share > 0.005 ? "round" : "butt";
    done.style.visibility = share > 0.001 ? "visible" : "hidden";
  }
}
