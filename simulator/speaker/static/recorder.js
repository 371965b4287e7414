// Runs beside the page's own thread: hands over what the microphone hears as 16-bit samples.
class Recorder extends AudioWorkletProcessor {
  process([[channel]]) {
    if (channel) this.port.postMessage(Int16Array.from(channel, (sample) => Math.max(-1, Math.min(1, sample)) * 32767));
    return true;
  }
}
registerProcessor("recorder", Recorder);
