// Hold to talk: 16 kHz, 16-bit, one channel, sent when the button is let go.

const RATE = 16000;

export class Microphone {
  constructor(button, { wake, heard, failed }) {
    Object.assign(this, { button, wake, heard, failed });
    this.recording = null;
    this.held = false;
    button.addEventListener("pointerdown", (event) => { button.setPointerCapture(event.pointerId); this.press(); });
    for (const name of ["pointerup", "pointercancel"]) button.addEventListener(name, () => this.release());
    button.addEventListener("keydown", (event) => {
      if ([" ", "Enter"].includes(event.key)) { event.preventDefault(); if (!event.repeat) this.press(); }
    });
    button.addEventListener("keyup", (event) => { if ([" ", "Enter"].includes(event.key)) this.release(); });
    button.addEventListener("blur", () => this.release());
  }

  async press() {
    if (this.held) return;
    this.held = true;
    this.button.setAttribute("aria-pressed", "true");
    this.wake();
    try {
      const recording = await record();
      if (this.held) this.recording = recording;
      else recording.stop();
    } catch {
      this.release();
      this.failed("The microphone cannot be used. Allow it for this page, or type.");
    }
  }

  release() {
    if (!this.held) return;
    this.held = false;
    this.button.setAttribute("aria-pressed", "false");
    const recording = this.recording;
    this.recording = null;
    if (recording) this.heard(recording.stop());
  }
}

let prepared = null;

// What takes time comes before the microphone opens, so that no first word is lost; it is done once.
async function prepare() {
  const context = new AudioContext({ sampleRate: RATE });
  await context.audioWorklet.addModule("/static/recorder.js");
  return context;
}

async function record() {
  prepared ||= prepare();
  const context = await prepared;
  await context.resume();
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  const source = context.createMediaStreamSource(stream);
  const node = new AudioWorkletNode(context, "recorder");
  const pieces = [];
  node.port.onmessage = ({ data }) => pieces.push(data);
  source.connect(node);
  return {
    stop() {
      for (const track of stream.getTracks()) track.stop();
      source.disconnect();
      context.suspend();
      const samples = new Int16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
      let at = 0;
      for (const piece of pieces) { samples.set(piece, at); at += piece.length; }
      return samples.buffer;
    },
  };
}
