/** The page of a model that continues a prompt, shown while it is written. */

import { startPage } from "./app.js";
import { byId, formatNumber, createElement, setText, wellFormed } from "./dom.js";
import { errorText } from "./latest.js";
import { RequestError, fetchStream } from "./server.js";
import { samplingSettings, showDefaults, showSeed } from "./sampling.js";

const SYMBOLS = { char: "characters", word: "words and punctuation", bpe: "subwords" };
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
  const how = samplingSettings();
  if (running || how === null) return;
  const controller = (running = new AbortController());
  const prompt = wellFormed(byId("prompt").value);
  const text = document.createTextNode("");
  byId("text").replaceChildren(createElement("span", "quiet", prompt), text);
  byId("written").hidden = false;
  setWorking(true);
  setText(byId("write-notice"), "");
  try {
    const json = { prompt, tokens: Number(byId("tokens").value), ...how };
    const answer = await fetchStream("/generate", { json, signal: controller.signal }, (piece) => text.appendData(piece));
    text.data = answer.text;
    showSeed(answer);
    showUnknown(answer.unknown);
    byId("write-status").textContent = `Written: ${answer.text}`;
  } catch (error) {
    if (error.name !== "AbortError" && !(error instanceof RequestError)) throw error;
    byId("written").hidden = text.data === "";
    setText(byId("write-notice"), error.name === "AbortError" ? "Stopped." : errorText(error));
  } finally {
    running = null;
    setWorking(false);
  }
}

function setWorking(at) {
  byId("stop").hidden = !at;
  byId("send").disabled = at;
  byId("text").setAttribute("aria-busy", String(at));
}

function showUnknown(unknown) {
  if (!unknown.length) return;
  const named = unknown.slice(0, MOST_NAMED).map((part) => `“${part}”`);
  const more = unknown.length > MOST_NAMED ? " and more" : "";
  setText(byId("write-notice"), `Unknown to the model: ${named.join(", ")}${more}.`);
}

startPage({
  routes: ["/generate"],
  start,
  update(model) {
    byId("level").textContent = SYMBOLS[model.level];
    byId("tokens").max = model.limits.max_written;
    showDefaults(model);
  },
  lead: () => "Continues a text, symbol by symbol.",
  network: ({ network }) => `${String(network.cell).toUpperCase()}, read forward`,
  facts: (model) => [["Writes", `${SYMBOLS[model.level]}, ${formatNumber(model.symbols)} different ones`]],
  figure: ["Symbols written", (change) => change.steps, (steps) => formatNumber(steps)],
});
