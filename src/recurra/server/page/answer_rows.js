/** Answers many rows by POST /predict, a few at a time, so that the server's other clients come in between. */

import { RequestError, fetchJson } from "./server.js";

const MOST_AT_ONCE = 64;
/** A body may have this share of the server's limit. */
const ROOM = 0.9;
const RETRIES = 20;
/** Statuses of a request whose rows are at fault, not the server: too large, and not to be processed. */
const OF_ROWS = [413, 422];

/**
 * Yield [{index, output, error}] of a few rows, again and again: output as POST /predict answers, or the server's words on
 * why it does not. limits: those of GET /model. Throws RequestError where the server answers no more, AbortError after `signal`.
 */
export async function* answersTo(rows, limits, signal) {
  for (const part of parts(rows, limits)) yield await answered(part, signal);
}

/** Yield the rows that are not null as [[index, row]], so many that a request may have them. */
function* parts(rows, { max_inputs: mostInputs, max_body: mostBytes }) {
  const most = Math.min(MOST_AT_ONCE, mostInputs);
  let part = [];
  let bytes = 0;
  for (const [index, row] of rows.entries()) {
    if (row === null) continue;
    const size = new TextEncoder().encode(JSON.stringify(row)).length;
    if (part.length === most || (part.length > 0 && bytes + size > ROOM * mostBytes)) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push([index, row]);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

/** Return the answers to some rows; where the server refuses them, each half by itself, down to the row at fault. */
async function answered(part, signal) {
  try {
    const { outputs } = await patiently(part.map(([, row]) => row), signal);
    return part.map(([index], place) => ({ index, output: outputs[place], error: null }));
  } catch (error) {
    if (!(error instanceof RequestError) || !OF_ROWS.includes(error.status)) throw error;
    if (part.length === 1) return [{ index: part[0][0], output: null, error: error.message }];
  }
  const half = part.length >> 1;
  return [...(await answered(part.slice(0, half), signal)), ...(await answered(part.slice(half), signal))];
}

/** Send rows, again after the time that a busy server gives. */
async function patiently(inputs, signal) {
  for (let tries = 0; ; tries++) {
    try {
      return await fetchJson("/predict", { json: { inputs }, signal });
    } catch (error) {
      if (!(error instanceof RequestError) || error.retry === null || tries === RETRIES) throw error;
      await pause(1000 * error.retry, signal);
    }
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
