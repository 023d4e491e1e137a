/** The page of a model that chats. The dialogue is kept here: each request sends its last turns. */

import { startPage } from "./app.js";
import { byId, formatNumber, createElement, setText, wellFormed } from "./dom.js";
import { errorText } from "./latest.js";
import { RequestError, fetchStream } from "./server.js";
import { samplingSettings, showDefaults, showSeed } from "./sampling.js";

const turns = [];
/** Turns that the model reads; earlier ones need not be sent. */
let context = 3;
let running = null;

function start() {
  byId("talk-form").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  byId("turn").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    byId("talk-form").requestSubmit();
  });
  byId("anew").addEventListener("click", startOver);
  byId("stop").addEventListener("click", () => running?.abort());
}

async function send() {
  const field = byId("turn");
  const message = wellFormed(field.value).trim();
  const how = samplingSettings();
  if (running || !message || how === null) return;
  const controller = (running = new AbortController());
  const own = addTurn("you", message);
  const reply = addTurn("model", "");
  turns.push(message);
  field.value = "";
  setWorking(true);
  const words = reply.querySelector(".words");
  let written = "";
  try {
    const json = { turns: turns.slice(-2 * context), ...how };
    const answer = await fetchStream("/chat", { json, signal: controller.signal }, (piece) => {
      written += piece;
      words.append(piece);
      follow();
    });
    if (controller.signal.aborted) return;
    settle(reply, answer);
  } catch (error) {
    if (error.name !== "AbortError" && !(error instanceof RequestError)) throw error;
    if (running !== controller) return; // a new dialogue was started
    if (error.name === "AbortError" && written.trim()) {
      turns.push(written);
      reply.append(createElement("p", "small quiet", "Stopped."));
    } else {
      own.remove();
      reply.remove();
      turns.pop();
      if (!field.value) field.value = message;
      if (error instanceof RequestError) setText(byId("talk-notice"), `${errorText(error)} Your message is in the field again.`);
    }
  } finally {
    if (running === controller) {
      running = null;
      setWorking(false);
    }
  }
}

function settle(reply, answer) {
  turns.push(answer.reply);
  const words = reply.querySelector(".words");
  words.textContent = answer.reply;
  if (!answer.reply) words.append(createElement("span", "quiet", "(Empty reply.)"));
  const read = answer.turns_read === 1 ? "your last message" : `the last ${formatNumber(answer.turns_read)} turns`;
  const cut = answer.truncated ? ", truncated" : "";
  for (const note of byId("turns").querySelectorAll(".note")) note.remove(); // one is enough
  reply.append(createElement("p", "small quiet note", `It read ${read}${cut}.`));
  showSeed(answer);
  byId("talk-status").textContent = answer.reply ? `Reply: ${answer.reply}` : "Empty reply.";
  follow();
}

/** Add a turn to the dialogue and return its element. */
function addTurn(who, text) {
  const words = createElement("p", "words", text);
  words.dir = "auto";
  const turn = createElement("li", who, createElement("span", "hidden", who === "you" ? "You: " : "The model: "), words);
  byId("turns").append(turn);
  byId("turns-empty").hidden = true;
  follow();
  return turn;
}

function follow() {
  byId("dialogue").scrollTop = byId("dialogue").scrollHeight;
}

function setWorking(at) {
  byId("stop").hidden = !at;
  byId("send").disabled = at;
  byId("dialogue").setAttribute("aria-busy", String(at));
  if (at) setText(byId("talk-notice"), "");
}

function startOver() {
  const before = running;
  running = null;
  before?.abort();
  turns.length = 0;
  byId("turns").replaceChildren();
  byId("turns-empty").hidden = false;
  setText(byId("talk-notice"), "");
  byId("talk-status").textContent = "A new dialogue.";
  setWorking(false);
  byId("turn").focus();
}

startPage({
  routes: ["/chat"],
  start,
  update(model) {
    context = model.context;
    showDefaults(model);
  },
  lead: ({ context }) => `Replies to a dialogue, of which it reads the last ${formatNumber(context)} turns.`,
  network: ({ network }) => `${String(network.cell).toUpperCase()} with attention`,
  facts: (model) => [
    ["Reads", `the last ${formatNumber(model.context)} turns, ${formatNumber(model.max_tokens)} subwords at most`],
    ["Vocabulary", `${formatNumber(model.network.vocabulary)} subwords`],
  ],
  figure: ["Subwords written", (change) => change.steps, (steps) => formatNumber(steps)],
});
