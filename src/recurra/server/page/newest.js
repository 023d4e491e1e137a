/** One question at a time: the newest. */

import { counted } from "./dom.js";
import { Refusal } from "./server.js";

const LONGEST_PAUSE = 10;

/** Return what to tell about a request that got no answer. seconds: until it is asked again, null where it is not. */
export function sentence(refusal, seconds = null) {
  if (refusal.status === 401) return `${refusal.message} Enter one above.`;
  return seconds === null ? refusal.message : `${refusal.message} Asking again in ${counted(seconds)} s.`;
}

/**
 * Asks a question when its input has rested a moment. A newer question ends the older one, whose answer is then never
 * shown. A refused one is asked again when the server says, and a server that is away is tried again and again.
 *
 * question(input, signal): promise of an answer. shown(answer, input). refused(refusal, seconds): seconds until it is
 * asked again, null where it is not.
 */
export class Newest {
  #question;
  #shown;
  #refused;
  #timer = 0;
  #running = null;
  #waitingSince = null;
  #refusals = 0;

  constructor(question, { shown, refused }) {
    this.#question = question;
    this.#shown = shown;
    this.#refused = refused;
  }

  /** Ask after `wait` ms without a newer request, but no later than `most` ms after the first that was put off. */
  request(input, wait, most = Infinity) {
    const now = performance.now();
    this.#waitingSince ??= now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(input), Math.max(0, Math.min(wait, this.#waitingSince + most - now)));
  }

  /** Ask nothing any more, and end what is being asked. */
  cancel() {
    clearTimeout(this.#timer);
    this.#waitingSince = null;
    this.#refusals = 0;
    this.#running?.abort();
  }

  async #ask(input) {
    this.#waitingSince = null;
    this.#running?.abort();
    const running = (this.#running = new AbortController());
    try {
      const answer = await this.#question(input, running.signal);
      if (running.signal.aborted) return;
      this.#refusals = 0;
      this.#shown(answer, input);
    } catch (error) {
      if (running.signal.aborted) return;
      if (!(error instanceof Refusal)) throw error;
      const seconds = error.retry === null ? null : this.#pause(error.retry);
      if (seconds !== null && this.#waitingSince === null) {
        this.#timer = setTimeout(() => this.#ask(input), seconds * 1000);
      }
      this.#refused(error, seconds);
    }
  }

  /** Return the seconds to wait: as the server says, longer each time that it was no use. */
  #pause(retry) {
    return Math.max(retry, Math.min(LONGEST_PAUSE, 2 ** this.#refusals++));
  }
}
