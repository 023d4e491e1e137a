/** The page of a model that chats. The talk is kept here: each request brings its last turns. */

import { startPage } from "./app.js";
import { byId, counted, made, tell, wellFormed } from "./dom.js";
import { sentence } from "./newest.js";
import { Refusal, askWritten } from "./server.js";
import { settings, suitSettings, tellSeed } from "./settings.js";

const turns = [];
/** Turns of which the model reads something; the rest need not be sent. */
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
  byId("anew").addEventListener("click", anew);
  byId("stop").addEventListener("click", () => running?.abort());
}

async function send() {
  const field = byId("turn");
  const said = wellFormed(field.value).trim();
  const how = settings();
  if (running || !said || how === null) return;
  const controller = (running = new AbortController());
  const own = shown("you", said);
  const reply = shown("model", "");
  turns.push(said);
  field.value = "";
  working(true);
  const words = reply.querySelector(".words");
  let written = "";
  try {
    const json = { turns: turns.slice(-2 * context), ...how };
    const answer = await askWritten("/chat", { json, signal: controller.signal }, (piece) => {
      written += piece;
      words.append(piece);
      follow();
    });
    if (controller.signal.aborted) return;
    settle(reply, answer);
  } catch (error) {
    if (error.name !== "AbortError" && !(error instanceof Refusal)) throw error;
    if (running !== controller) return; // the talk began anew
    if (error.name === "AbortError" && written.trim()) {
      turns.push(written);
      reply.append(made("p", "small quiet", "Stopped."));
    } else {
      own.remove();
      reply.remove();
      turns.pop();
      if (!field.value) field.value = said;
      if (error instanceof Refusal) tell(byId("talk-notice"), `${sentence(error)} Your turn is in the field again.`);
    }
  } finally {
    if (running === controller) {
      running = null;
      working(false);
    }
  }
}

function settle(reply, answer) {
  turns.push(answer.reply);
  const words = reply.querySelector(".words");
  words.textContent = answer.reply;
  if (!answer.reply) words.append(made("span", "quiet", "(It says nothing.)"));
  const read = answer.turns_read === 1 ? "your last turn" : `the last ${counted(answer.turns_read)} turns`;
  const cut = answer.truncated ? ", not all of their words" : "";
  for (const note of byId("turns").querySelectorAll(".note")) note.remove(); // one is enough
  reply.append(made("p", "small quiet note", `It read ${read}${cut}.`));
  tellSeed(answer);
  byId("talk-status").textContent = answer.reply ? `It says: ${answer.reply}` : "It says nothing.";
  follow();
}

/** Put a turn at the end of the talk and return its element. */
function shown(who, text) {
  const words = made("p", "words", text);
  words.dir = "auto";
  const turn = made("li", who, made("span", "hidden", who === "you" ? "You: " : "The model: "), words);
  byId("turns").append(turn);
  byId("turns-empty").hidden = true;
  follow();
  return turn;
}

function follow() {
  byId("turns").scrollTop = byId("turns").scrollHeight;
}

function working(at) {
  byId("stop").hidden = !at;
  byId("send").disabled = at;
  byId("turns").setAttribute("aria-busy", String(at));
  if (at) tell(byId("talk-notice"), "");
}

function anew() {
  const before = running;
  running = null;
  before?.abort();
  turns.length = 0;
  byId("turns").replaceChildren();
  byId("turns-empty").hidden = false;
  tell(byId("talk-notice"), "");
  byId("talk-status").textContent = "The talk begins anew.";
  working(false);
  byId("turn").focus();
}

startPage({
  start,
  meet(model) {
    context = model.context;
    suitSettings(model);
  },
  lead: ({ context }) => `Replies to what you say. It reads the last ${counted(context)} turns of a talk.`,
  network: ({ network }) => `${String(network.cell).toUpperCase()} with attention`,
  facts: (model) => [
    ["Reads", `the last ${counted(model.context)} turns, ${counted(model.max_tokens)} pieces of words at most`],
    ["Vocabulary", `${counted(model.network.vocabulary)} pieces of words`],
  ],
  figure: ["Pieces written", (change) => change.steps, (steps) => counted(steps)],
});
