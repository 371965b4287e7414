// The page: follows the speaker's state, and tells it what is typed, pressed and said.

import { ask, element, tell } from "./link.js";
import { Drawer } from "./drawer.js";
import { Microphone } from "./microphone.js";
import { Player } from "./player.js";
import { Ring } from "./ring.js";
import { Screen } from "./screen.js";
import { Transcript } from "./transcript.js";

const find = (id) => document.getElementById(id);
const player = new Player();
const transcript = new Transcript(find("lines"));
const ring = new Ring(find("ring"), find("face"), find("now"), find("then"));
const screen = new Screen(find("screen"), (argument) => act("/api/touch", { argument }, { barge: false }), () => act("/api/launch"));
const drawer = new Drawer(find("drawer"), find("developer"), find("tabs"), find("panel"), (state) => apply(state));
let version = 0;
let chips = "";

function apply(state) {
  if (state.version < version) return;
  version = state.version;
  player.follow(state.playing, state.speed);
  find("device").classList.toggle("no-screen", !state.has_screen);
  transcript.update(state.lines, state.playing);
  screen.update(state);
  ring.update(state);
  drawer.update(state);
  suggest(state.suggestions);
  find("problem").hidden = !state.problem;
  find("problem").textContent = state.problem ? `${state.problem.text} ${state.problem.detail}` : "";
  find("say").placeholder = state.session ? "Type what you would say" : "Alexa, ask stretch coach to …";
  find("microphone").hidden = !state.hears;
  find("mute").hidden = !state.voice;
  find("place").textContent = state.simulated.second_device ? "Virtual speaker, second device" : "Virtual speaker";
  // With a voice the log is heard; announcing it too would be talking over it.
  find("lines").setAttribute("aria-live", state.voice && !player.muted ? "off" : "polite");
}

function suggest(phrases) {
  if (chips === phrases.join("|")) return;
  chips = phrases.join("|");
  const had = find("suggestions").contains(document.activeElement);
  find("suggestions").replaceChildren(...phrases.map((phrase) =>
    element("button", { type: "button", class: "chip", onclick: () => say(phrase) }, phrase)));
  if (had) find("say").focus();
}

async function act(path, body = {}, { barge = true } = {}) {
  player.unlock();
  if (barge) player.stop();
  ring.busy += 1;
  ring.tick();
  try {
    apply(await tell(path, body));
  } catch (error) {
    complain(error.message);
  } finally {
    ring.busy -= 1;
    ring.tick();
  }
}

function say(text) {
  const words = text.trim();
  if (words) act("/api/say", { text: words });
}

function complain(text) {
  find("problem").hidden = false;
  find("problem").textContent = text;
}

async function follow() {
  for (;;) {
    try {
      apply(await ask(`/api/state?since=${version}`));
    } catch {
      complain("The speaker does not answer. Is it still running?");
      version = 0;
      await new Promise((done) => setTimeout(done, 1500));
    }
  }
}

function draw() {
  const position = player.position();
  transcript.tick(position);
  screen.tick(position);
  ring.tick();
  drawer.tick(position);
  requestAnimationFrame(draw);
}

find("form").addEventListener("submit", (event) => {
  event.preventDefault();
  say(find("say").value);
  find("say").value = "";
});
find("mute").addEventListener("click", () => {
  player.mute(!player.muted);
  find("mute").setAttribute("aria-pressed", String(player.muted));
});
new Microphone(find("microphone"), {
  wake: () => act("/api/wake"),
  heard: async (sound) => {
    ring.busy += 1;
    try {
      const state = await tell("/api/hear", sound);
      apply(state);
      if (!state.heard) complain("I couldn't make out any words. Hold the button while you talk.");
    } catch (error) {
      complain(error.message);
    } finally {
      ring.busy -= 1;
    }
  },
  failed: complain,
});

const speed = Number(new URLSearchParams(location.search).get("speed"));
if (speed > 0) await tell("/api/speed", { speed });
requestAnimationFrame(draw);
follow();
