/** The page of a model that translates: the translation, and the attention of each of its words. */

import { startPage } from "./app.js";
import { byId, formatNumber, createElement, formatPercent, setText, wellFormed } from "./dom.js";
import { remember, startHistory } from "./history.js";
import { LatestRequest, errorText } from "./latest.js";
import { fetchJson } from "./server.js";

/** Milliseconds without typing before a request is sent. */
const DEBOUNCE = 400;
const NAMED = 3;
/** A smaller share is not named. */
const LEAST = 0.01;

const translation = new LatestRequest(
  async (text, signal) =>
    (await fetchJson("/translate", { json: { texts: [text], attention: true }, signal })).outputs[0],
  { succeeded: show, failed: (error, seconds) => setText(byId("reply-notice"), errorText(error, seconds)) },
);

function read() {
  const text = wellFormed(byId("text").value);
  if (text.trim()) {
    translation.request(text, DEBOUNCE);
    return;
  }
  translation.cancel();
  byId("translation").hidden = byId("attended").hidden = true;
  byId("reply-empty").hidden = false;
  setText(byId("reply-notice"), "");
}

function show(output, text) {
  byId("translation").textContent = output.translation || "(nothing)";
  byId("translation").hidden = false;
  byId("reply-empty").hidden = true;
  remember(text, output.translation || "(nothing)");
  byId("reply-status").textContent = output.translation;
  setText(byId("reply-notice"), output.truncated ? "The text is longer than the model reads, and was truncated." : "");
  const { attention } = output;
  byId("attended").hidden = !attention?.target.length;
  if (attention?.target.length) showAttention(attention);
}

function showAttention({ weights, ...words }) {
  const [source, target] = [words.source, words.target].map((side) => side.map((word) => word.trim() || "␣"));
  byId("source").replaceChildren(...source.flatMap((word) => [createElement("mark", "for", word), " "]));
  const marks = [...byId("source").querySelectorAll("mark")];
  const buttons = target.map((word, index) => {
    const button = createElement("button", "", word);
    button.type = "button";
    for (const name of ["click", "focus", "pointerenter"]) button.addEventListener(name, () => choose(index));
    return button;
  });
  byId("target").replaceChildren(...buttons.flatMap((button) => [button, " "]));
  choose(0);

  function choose(index) {
    buttons.forEach((button, other) => button.setAttribute("aria-pressed", String(other === index)));
    marks.forEach((mark, column) => mark.style.setProperty("--s", weights[index][column].toFixed(3)));
    const ranked = source.map((word, column) => [word, weights[index][column]]).sort((one, other) => other[1] - one[1]);
    const from = ranked.filter(([, weight]) => weight >= LEAST).slice(0, NAMED).map(([word, weight]) => `“${word}” ${formatPercent(weight)} %`);
    setText(byId("attended-status"), `“${target[index]}”: ${from.join(", ")}.`);
  }
}

startPage({
  routes: ["/translate"],
  start() {
    byId("text").addEventListener("input", read);
    startHistory((text) => {
      byId("text").value = text;
      byId("text").focus();
      read();
    });
  },
  update: read,
  lead: () => "Translates a text.",
  network: ({ network }) => `${String(network.cell).toUpperCase()} with attention`,
  facts: (model) => [
    ["Reads", `${formatNumber(model.max_tokens)} subwords of a text, and writes as many at most`],
    ["Beam width", formatNumber(model.beam)],
    ["Vocabulary", `${formatNumber(model.network.vocabulary)} subwords`],
  ],
  figure: ["Texts translated", (change) => change.steps, (steps) => formatNumber(steps)],
});
