/** What runs beside the page, in the browser's audio thread: the microphone's sound as 16-bit integers. */

/** Samples of a message: a tenth of a second, about. */
const SIZE = 4096;

class Capture extends AudioWorkletProcessor {
  #samples = new Int16Array(SIZE);
  #count = 0;
  #ended = false;

  constructor() {
    super();
    this.port.onmessage = () => {
      this.#ended = true;
      this.#post();
      this.port.postMessage(null);
    };
  }

  process([channels]) {
    if (this.#ended) return false;
    const length = channels[0]?.length ?? 0;
    for (let index = 0; index < length; index++) {
      let sum = 0;
      for (const channel of channels) sum += channel[index];
      const value = Math.max(-1, Math.min(1, sum / channels.length));
      this.#samples[this.#count++] = Math.round(value * 32767);
      if (this.#count === SIZE) this.#post();
    }
    return true;
  }

  #post() {
    const samples = this.#samples.slice(0, this.#count);
    this.#count = 0;
    if (samples.length) this.port.postMessage(samples, [samples.buffer]);
  }
}

registerProcessor("capture", Capture);
