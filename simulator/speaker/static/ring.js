// The light ring and the line beside it: listening, thinking, speaking, microphone closing, waiting, off.

const LISTENING_MS = 8000;
const CLOSING_MS = 3000;
const FACES = {
  off: "M12 4v8M7.2 6.6a7.4 7.4 0 1 0 9.6 0",
  waiting: "M12 4v8M7.200 6.600a7.400 7.400 0 1 0 9.6 0",
  listening: "M12 15a3 3 0 0 0 3-3V6.500a3 3 0 0 0-6 0V12a3 3 0 0 0 3 3zm6-3.500a6 6 0 0 1-12 0M12 17.500V21",
  thinking: "M6 12h.01M12 12h.01M18 12h.01",
  speaking: "M5 10v4M9 7v10M13 4v16M17 8v8M21 11v2",
  problem: "M12 6v7M12 17.500h.01",
};
FACES.closing = FACES.listening;

export class Ring {
  constructor(node, face, now, then) {
    Object.assign(this, { node, face, now, then });
    this.state = null;
    this.received = 0;
    this.busy = 0;
    this.name = null;
  }

  update(state) {
    this.state = state;
    this.received = performance.now();
    this.tick();
  }

  tick() {
    if (!this.state) return;
    const { name, left } = this.reading();
    if (this.name !== name) {
      this.name = name;
      this.node.dataset.state = name;
      this.face.setAttribute("d", FACES[name]);
    }
    this.node.style.setProperty("--left", left.toFixed(3));
    const [now, then] = this.words(name);
    if (this.now.textContent !== now) this.now.textContent = now;
    if (this.then.textContent !== then) this.then.textContent = then;
  }

  due() {
    if (this.state.due_in === null) return 0;
    return Math.max(0, this.state.due_in - (performance.now() - this.received) * this.state.speed);
  }

  reading() {
    const state = this.state;
    if (this.busy) return { name: "thinking", left: 1 };
    if (state.problem) return { name: "problem", left: 1 };
    if (state.ring !== "listening") return { name: state.ring, left: 1 };
    const due = this.due();
    return { name: due < CLOSING_MS ? "closing" : "listening", left: Math.min(1, due / LISTENING_MS) };
  }

  words(name) {
    switch (name) {
      case "thinking": return ["Thinking", ""];
      case "problem": return ["Something went wrong", "Start again whenever you like"];
      case "speaking": return ["Speaking", this.state.opens ? "Type to interrupt" : "Then the session is over"];
      case "listening": return ["Listening", "Say something, or type it"];
      case "closing": return ["Microphone closing", `${Math.ceil(this.due() / 1000)} s left`];
      case "waiting": return ["Microphone closed", "The session stays on the screen for a while"];
      default: return ["Off", "Say “Alexa, open stretch coach”"];
    }
  }
}
