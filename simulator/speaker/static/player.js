// Plays what is said and knows how far it has got. The speaker's clock stands still until `began` is told.

import { tell } from "./link.js";

export class Player {
  constructor() {
    this.id = 0;
    this.total = 0;
    this.anchor = null; // performance.now() at the first sound, once it is known
    this.speed = 1;
    this.source = null;
    this.context = null;
    this.gain = null;
    this.muted = false;
  }

  // Browsers let a page make sound only after something was pressed.
  unlock() {
    if (!this.context) {
      this.context = new AudioContext();
      this.gain = this.context.createGain();
      this.gain.gain.value = this.muted ? 0 : 1;
      this.gain.connect(this.context.destination);
    }
    if (this.context.state === "suspended") this.context.resume();
  }

  mute(muted) {
    this.muted = muted;
    if (this.gain) this.gain.gain.value = muted ? 0 : 1;
  }

  // How far the speech is, in ms from its first sound; null while nothing is said.
  position() {
    if (this.anchor === null) return null;
    return Math.min((performance.now() - this.anchor) * this.speed, this.total);
  }

  follow(playing, speed) {
    if (playing && playing.id !== this.id) this.start(playing);
    else if (playing && this.anchor !== null && speed !== this.speed) this.pace(playing.elapsed, speed);
    else if (!playing && this.anchor !== null) this.end();
  }

  async start(playing) {
    this.stop();
    this.id = playing.id;
    this.total = playing.total;
    const buffer = playing.audio && this.context ? await this.load(playing.audio) : null;
    if (this.id !== playing.id) return;
    const { elapsed, speed } = await tell("/api/began", { id: playing.id });
    if (this.id !== playing.id || elapsed === null) return;
    this.speed = speed;
    this.anchor = performance.now() - elapsed / speed;
    if (buffer) this.sound(buffer, elapsed / 1000, speed);
  }

  async load(url) {
    try {
      const response = await fetch(url);
      return response.ok ? await this.context.decodeAudioData(await response.arrayBuffer()) : null;
    } catch {
      return null;
    }
  }

  sound(buffer, elapsed, speed) {
    const source = this.context.createBufferSource();
    source.buffer = buffer;
    source.playbackRate.value = speed;
    source.connect(this.gain);
    source.start(this.context.currentTime + Math.max(0, -elapsed) / speed, Math.max(0, elapsed));
    this.source = source;
  }

  // The speaker's time goes at another speed from here on.
  pace(elapsed, speed) {
    this.speed = speed;
    this.anchor = performance.now() - elapsed / speed;
    if (this.source) this.source.playbackRate.value = speed;
  }

  // The speaker says it is over. What is left of the sound is its last moment, unless somebody cut it short.
  end() {
    const left = (this.total - this.position()) / this.speed;
    if (left > 250) this.stop();
    else this.anchor = null;
  }

  stop() {
    if (this.source) {
      this.source.onended = null;
      try { this.source.stop(); } catch { /* it had not begun */ }
      this.source.disconnect();
    }
    this.source = null;
    this.anchor = null;
  }
}
