/** The page of a model that tags words. */

import { startPage } from "./app.js";
import { byId, formatNumber, createElement, formatPercent, setText, wellFormed } from "./dom.js";
import { remember, startHistory } from "./history.js";
import { LatestRequest, errorText } from "./latest.js";
import { fetchJson } from "./server.js";

/** Milliseconds without typing before a request is sent, and the longest delay. */
const DEBOUNCE = 120;
const MAX_DELAY = 500;
const MOST_NAMED = 40;

const tags = new LatestRequest(
  async (texts, signal) => (await fetchJson("/tag", { json: { texts }, signal })).outputs,
  { succeeded: show, failed: (error, seconds) => setText(byId("reply-notice"), errorText(error, seconds)) },
);

function read() {
  const lines = wellFormed(byId("text").value).split("\n");
  const texts = lines.filter((line) => line.trim());
  if (texts.length) {
    tags.request(texts, DEBOUNCE, MAX_DELAY);
    return;
  }
  tags.cancel();
  byId("tagged").hidden = true;
  setText(byId("reply-notice"), "");
}

function show(outputs, texts) {
  const sentences = outputs.map(({ tokens, tags: predicted }) => {
    const words = tokens.map((word, index) =>
      createElement("li", "", createElement("bdi", "", word), createElement("span", "small quiet", predicted[index])),
    );
    return createElement("ol", "sentence", ...words);
  });
  byId("sentences").replaceChildren(...sentences);
  byId("tagged").hidden = false;
  remember(texts.join("\n"), outputs.map(({ tags: predicted }) => predicted.join(" ")).join(" · "));
  setText(byId("reply-notice"), "");
  const count = outputs.reduce((sum, { tokens }) => sum + tokens.length, 0);
  byId("reply-status").textContent = `${formatNumber(count)} word${count === 1 ? "" : "s"} tagged.`;
}

startPage({
  routes: ["/tag"],
  start() {
    byId("text").addEventListener("input", read);
    startHistory((text) => {
      byId("text").value = text;
      byId("text").focus();
      read();
    });
  },
  update: read,
  lead({ metrics }) {
    const { accuracy } = metrics.test ?? metrics;
    return `Tags each word of a sentence.${accuracy ? ` Right on ${formatPercent(accuracy)} % of held-out words.` : ""}`;
  },
  network: ({ network }) => `${String(network.cell).toUpperCase()}, read both ways`,
  facts: (model) => [
    ["Tags", model.labels.slice(0, MOST_NAMED).join(", ") + (model.labels.length > MOST_NAMED ? " …" : "")],
    ["Predicts", model.chained ? "the tags of a sentence jointly (CRF)" : "the tag of each word independently"],
    ["Vocabulary", `${formatNumber(model.words)} words`],
  ],
  figure: ["Sentences tagged", (change) => change.steps, (steps) => formatNumber(steps)],
});
