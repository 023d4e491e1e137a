/** The page of a model that writes: it writes while one watches. */

import { startPage } from "./app.js";
import { byId, counted, made, tell, wellFormed } from "./dom.js";
import { sentence } from "./newest.js";
import { Refusal, askWritten } from "./server.js";
import { settings, suitSettings, tellSeed } from "./settings.js";

const SYMBOLS = { char: "characters", word: "words and signs", bpe: "pieces of words" };
const MOST_NAMED = 10;

let running = null;

function start() {
  byId("write-form").addEventListener("submit", (event) => {
    event.preventDefault();
    write();
  });
  byId("write-form").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    byId("write-form").requestSubmit();
  });
  byId("stop").addEventListener("click", () => running?.abort());
}

async function write() {
  const how = settings();
  if (running || how === null) return;
  const controller = (running = new AbortController());
  const prompt = wellFormed(byId("prompt").value);
  const text = document.createTextNode("");
  byId("text").replaceChildren(made("span", "quiet", prompt), text);
  byId("written").hidden = false;
  working(true);
  tell(byId("write-notice"), "");
  try {
    const json = { prompt, tokens: Number(byId("tokens").value), ...how };
    const answer = await askWritten("/generate", { json, signal: controller.signal }, (piece) => text.appendData(piece));
    text.data = answer.text;
    tellSeed(answer);
    tellUnknown(answer.unknown);
    byId("write-status").textContent = `Written: ${answer.text}`;
  } catch (error) {
    if (error.name !== "AbortError" && !(error instanceof Refusal)) throw error;
    byId("written").hidden = text.data === "";
    tell(byId("write-notice"), error.name === "AbortError" ? "Stopped." : sentence(error));
  } finally {
    running = null;
    working(false);
  }
}

function working(at) {
  byId("stop").hidden = !at;
  byId("send").disabled = at;
  byId("text").setAttribute("aria-busy", String(at));
}

function tellUnknown(unknown) {
  if (!unknown.length) return;
  const named = unknown.slice(0, MOST_NAMED).map((part) => `“${part}”`);
  const more = unknown.length > MOST_NAMED ? " and more" : "";
  tell(byId("write-notice"), `Unknown to the model, and read as such: ${named.join(", ")}${more}.`);
}

startPage({
  start,
  meet(model) {
    byId("level").textContent = SYMBOLS[model.level];
    byId("tokens").max = model.limits.max_written;
    suitSettings(model);
  },
  lead: () => "Goes on with a text, symbol by symbol.",
  network: ({ network }) => `${String(network.cell).toUpperCase()}, read forward`,
  facts: (model) => [["Writes", `${SYMBOLS[model.level]}, ${counted(model.symbols)} different ones`]],
  figure: ["Symbols written", (change) => change.steps, (steps) => counted(steps)],
});
