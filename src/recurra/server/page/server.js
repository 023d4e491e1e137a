/**
 * Requests to the server that this page came from. The API key stays in this module's memory.
 *
 * `events` has "key-required" (detail: whether a key was sent and rejected) and "key-given".
 */

export const events = new EventTarget();

let key = "";

/**
 * A request that failed. status: of HTTP, 0 for no response; message: the server's; retry: seconds after which to retry,
 * or null where that is of no use.
 */
export class RequestError extends Error {
  constructor(status, message, retry) {
    super(message);
    this.status = status;
    this.retry = retry;
  }
}

/** Use a key from now on. */
export function useKey(given) {
  key = given;
  events.dispatchEvent(new Event("key-given"));
}

/** Return whether requests send a key. */
export function hasKey() {
  return key !== "";
}

/** Return the headers that every request has. */
export function credentials() {
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** Return a WebSocket to a path. A browser sends no headers with it, so the key goes with the subprotocols. */
export function openSocket(path) {
  const address = new URL(path, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const encoded = btoa(key).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return new WebSocket(address, key ? ["recurra", `recurra.key.${encoded}`] : ["recurra"]);
}

/** Return the error of a server that does not respond. */
export function unreachable() {
  return new RequestError(0, "The server does not respond.", 1);
}

/** Return the error in a response, and prompt the user for a key where one is required. */
export function errorOf(status, content, retryAfter) {
  let message = `The server responded with status ${status}.`;
  try {
    message = String(JSON.parse(content).error.message);
  } catch {
    // Not from the server itself but from a proxy: its status must do.
  }
  if (status === 401) {
    message = key ? "The server rejected the key." : "The server requires an API key.";
    events.dispatchEvent(new CustomEvent("key-required", { detail: key !== "" }));
  }
  const retry = status === 429 || status === 503 ? Math.max(1, Number(retryAfter) || 1) : null;
  return new RequestError(status, message, retry);
}

/** Return the response to a request. Throws RequestError, or AbortError after `signal`. */
export async function send(path, { json, signal } = {}) {
  const options = { headers: credentials(), signal, cache: "no-store", credentials: "same-origin" };
  if (json !== undefined) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(json);
  }
  const response = await reached(fetch(path, options));
  if (response.ok) return response;
  throw errorOf(response.status, await reached(response.text()), response.headers.get("Retry-After"));
}

/** Return the JSON of the response to a request. Throws like `send`. */
export async function fetchJson(path, options) {
  return reached((await send(path, options)).json());
}

/** Return the text of the response to a request. Throws like `send`. */
export async function fetchText(path, options) {
  return reached((await send(path, options)).text());
}

/**
 * Stream an answer: call `onPiece` with each piece of text and return the whole. Throws like `send`, also for a response
 * that is interrupted.
 */
export async function fetchStream(path, { json, signal }, onPiece) {
  const response = await send(path, { json: { ...json, stream: true }, signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reached(reader.read());
    if (done) throw new RequestError(0, "The response was interrupted.", null);
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const message = JSON.parse(event.slice("data: ".length));
      if ("answer" in message) return message.answer;
      if ("error" in message) throw new RequestError(message.error.status, message.error.message, null);
      onPiece(message.piece);
    }
  }
}

async function reached(promise) {
  try {
    return await promise;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw unreachable();
  }
}
