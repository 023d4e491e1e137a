/**
 * Requests to the server that this page came from. The API key stays in this module's memory.
 *
 * `events` tells "key-wanted" (detail: whether a key was sent and refused) and "key-given".
 */

export const events = new EventTarget();

let key = "";

/**
 * A request that got no answer. status: of HTTP, 0 where the server is away; message: the server's sentence;
 * retry: seconds after which to ask again, or null where asking again is no use.
 */
export class Refusal extends Error {
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

/** Return whether requests bring a key. */
export function hasKey() {
  return key !== "";
}

/** Return the headers that every request has. */
export function credentials() {
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** Return the Refusal of a server that does not answer. */
export function away() {
  return new Refusal(0, "The server does not answer.", 1);
}

/** Return the Refusal that an answer's status and body tell, and have a key asked for where it is one. */
export function refusal(status, content, retryAfter) {
  let message = `The server answered with status ${status}.`;
  try {
    message = String(JSON.parse(content).error.message);
  } catch {
    // An answer of something in between, such as a proxy: its status must do.
  }
  if (status === 401) {
    message = key ? "The server refuses the key." : "The server answers with an API key only.";
    events.dispatchEvent(new CustomEvent("key-wanted", { detail: key !== "" }));
  }
  const retry = status === 429 || status === 503 ? Math.max(1, Number(retryAfter) || 1) : null;
  return new Refusal(status, message, retry);
}

/** Return the response to a request. Throws Refusal, or AbortError after `signal`. */
export async function ask(path, { json, signal } = {}) {
  const options = { headers: credentials(), signal, cache: "no-store", credentials: "same-origin" };
  if (json !== undefined) {
    options.method = "POST";
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(json);
  }
  const response = await reached(fetch(path, options));
  if (response.ok) return response;
  throw refusal(response.status, await reached(response.text()), response.headers.get("Retry-After"));
}

/** Return the JSON that a request is answered with. Throws like `ask`. */
export async function askJson(path, options) {
  return reached((await ask(path, options)).json());
}

/** Return the text that a request is answered with. Throws like `ask`. */
export async function askText(path, options) {
  return reached((await ask(path, options)).text());
}

/**
 * Ask for an answer that comes in pieces, each of which goes to `taken`; return the whole. Throws like `ask`, also where
 * the answer breaks off.
 */
export async function askWritten(path, { json, signal }, taken) {
  const response = await ask(path, { json: { ...json, stream: true }, signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reached(reader.read());
    if (done) throw new Refusal(0, "The answer broke off.", null);
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const said = JSON.parse(event.slice("data: ".length));
      if ("answer" in said) return said.answer;
      if ("error" in said) throw new Refusal(said.error.status, said.error.message, null);
      taken(said.piece);
    }
  }
}

async function reached(promise) {
  try {
    return await promise;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw away();
  }
}
