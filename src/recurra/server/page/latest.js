/** Requests of which only the latest counts. */

import { formatNumber } from "./dom.js";
import { RequestError } from "./server.js";

const MAX_PAUSE = 10;

/** Return what to show for a request that failed. seconds: until it is retried, null where it is not. */
export function errorText(error, seconds = null) {
  if (error.status === 401) return `${error.message} Enter one above.`;
  return seconds === null ? error.message : `${error.message} Retrying in ${formatNumber(seconds)} s.`;
}

/**
 * Sends a request when its input has not changed for a moment. A newer request aborts the older one, whose answer is
 * then never shown. A rejected one is retried after the time that the server states, and one without a response again and again.
 *
 * send(input, signal): promise of an answer. succeeded(answer, input). failed(error, seconds): seconds until it is
 * retried, null where it is not.
 */
export class LatestRequest {
  #send;
  #succeeded;
  #failed;
  #timer = 0;
  #running = null;
  #waitingSince = null;
  #failures = 0;

  constructor(send, { succeeded, failed }) {
    this.#send = send;
    this.#succeeded = succeeded;
    this.#failed = failed;
  }

  /** Send after `wait` ms without a newer request, but no later than `most` ms after the first that was delayed. */
  request(input, wait, most = Infinity) {
    const now = performance.now();
    this.#waitingSince ??= now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#run(input), Math.max(0, Math.min(wait, this.#waitingSince + most - now)));
  }

  /** Send nothing any more, and abort what is running. */
  cancel() {
    clearTimeout(this.#timer);
    this.#waitingSince = null;
    this.#failures = 0;
    this.#running?.abort();
  }

  async #run(input) {
    this.#waitingSince = null;
    this.#running?.abort();
    const running = (this.#running = new AbortController());
    try {
      const answer = await this.#send(input, running.signal);
      if (running.signal.aborted) return;
      this.#failures = 0;
      this.#succeeded(answer, input);
    } catch (error) {
      if (running.signal.aborted) return;
      if (!(error instanceof RequestError)) throw error;
      const seconds = error.retry === null ? null : this.#pause(error.retry);
      if (seconds !== null && this.#waitingSince === null) {
        this.#timer = setTimeout(() => this.#run(input), seconds * 1000);
      }
      this.#failed(error, seconds);
    }
  }

  /** Return the seconds to wait: as stated by the server, longer after each failure. */
  #pause(retry) {
    return Math.max(retry, Math.min(MAX_PAUSE, 2 ** this.#failures++));
  }
}
