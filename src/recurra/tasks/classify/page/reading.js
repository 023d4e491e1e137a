/** The tab "Try it": the prediction for a text while it is typed, and then what its words contribute. */

import { barsShown, startBars } from "./bars.js";
import { byId, formatNumber, createElement, formatPercent, setText } from "./dom.js";
import { givenRow, lengthOf, showFields, startFields, writeRow, writeText } from "./fields.js";
import { examplesFor } from "./examples.js";
import { remember, startHistory } from "./history.js";
import { keyOf } from "./label_keys.js";
import { LatestRequest, errorText } from "./latest.js";
import { fetchJson } from "./server.js";
import { notesOn, showWords, targetOf } from "./words.js";

/** Milliseconds without typing before a request is sent, and the longest delay. */
const DEBOUNCE = 90;
const MAX_DELAY = 300;
/** Milliseconds from a prediction to the request for its explanation; more for a long text, which takes longer. */
const WORDS_DEBOUNCE = 350;
const WORDS_MAX_DELAY = 1500;
const SETTLED = 1200;
const MOST_BARS = 6;
const NO_WORDS = "The text has no words for the model to read.";
const NOTHING_KNOWN = "The model knows no word of this text: the prediction says little about it.";
const NOT_SURE = "No label is likely enough for this model to answer.";

let model = null;
let output = null;
let announcement = 0;

const prediction = new LatestRequest(
  async (row, signal) => (await fetchJson("/predict", { json: { inputs: [row] }, signal })).outputs[0],
  { succeeded: showReply, failed: (error, seconds) => setText(byId("reply-notice"), errorText(error, seconds)) },
);

const explanation = new LatestRequest(
  (json, signal) => fetchJson("/explain", { json, signal }),
  {
    succeeded: showExplanation,
    failed: (error, seconds) => {
      byId("explained").hidden = false;
      byId("words").hidden = true;
      setText(byId("explained-notice"), errorText(error, seconds));
    },
  },
);

/** Listen to the text field. */
export function startReading() {
  startFields(read);
  startBars(showLabels);
  startHistory((row) => {
    writeRow(row);
    read();
  });
  showExamples([]);
  if (givenRow() !== null) read();
}

/** Adapt the tab to a model, as GET /model describes it, and predict again. */
export function readWith(summary) {
  model = summary;
  showFields(summary);
  showExamples(summary.labels);
  read();
}

/** Request the prediction for the text in the field. */
export function read() {
  const row = givenRow();
  explanation.cancel();
  byId("coloured").setAttribute("aria-busy", "true");
  if (row === null) {
    prediction.cancel();
    clearTimeout(announcement);
    clear();
  } else {
    prediction.request(row, DEBOUNCE, MAX_DELAY);
  }
}

function clear() {
  byId("reply").hidden = true;
  byId("reply-empty").hidden = false;
  byId("explained").hidden = true;
  setText(byId("reply-notice"), "");
  setText(byId("explained-notice"), "");
}

function showReply(answer, row) {
  output = answer;
  const { label, probability } = showLabels();
  byId("probability").textContent = formatPercent(probability);
  byId("label").textContent = output.label === null ? `${label}?` : label;
  byId("reply-empty").hidden = true;
  byId("reply").hidden = false;
  setText(byId("reply-notice"), output.tokens === 0 ? NO_WORDS : output.nothing_known ? NOTHING_KNOWN : output.label === null ? NOT_SURE : "");
  clearTimeout(announcement);
  announcement = setTimeout(() => {
    byId("reply-status").textContent = `${label}, ${formatPercent(probability)} %.`;
    remember(row, `${byId("label").textContent} ${formatPercent(probability)} %`);
  }, SETTLED);
  const wait = Math.min(WORDS_MAX_DELAY, WORDS_DEBOUNCE + lengthOf(row) / 10);
  explanation.request({ input: row, target: targetOf(output.probabilities) }, wait);
}

/** Show the bars of the answer: of few labels all, in their order. Return the label that stands first, and its probability. */
function showLabels() {
  const entries = Object.entries(output.probabilities);
  const ranked = [...entries].sort((one, other) => other[1] - one[1]);
  const label = output.label === null ? ranked[0][0] : keyOf(output.label, output.probabilities);
  const shown = barsShown(ranked, MOST_BARS, ([name]) => name === label);
  showBars(entries.length <= MOST_BARS ? entries : shown, label);
  const rest = ranked.slice(shown.length);
  const share = rest.reduce((sum, entry) => sum + entry[1], 0);
  setText(byId("others"), rest.length ? `${formatNumber(rest.length)} more labels share ${formatPercent(share)} %.` : "");
  return { label, probability: output.probabilities[label] };
}

/** Fill the bars, and use again those that are there, so that they move. */
function showBars(entries, label) {
  const bars = byId("bars");
  while (bars.children.length > entries.length) bars.lastElementChild.remove();
  while (bars.children.length < entries.length) {
    const track = createElement("div", "track", createElement("span"));
    track.setAttribute("aria-hidden", "true");
    bars.append(createElement("li", "", createElement("bdi"), createElement("span", "share"), track));
  }
  entries.forEach(([name, probability], index) => {
    const bar = bars.children[index];
    bar.classList.toggle("first", name === label);
    bar.querySelector("bdi").textContent = name;
    bar.querySelector(".share").textContent = `${formatPercent(probability)} %`;
    bar.querySelector(".track span").style.setProperty("--p", probability.toFixed(4));
  });
}

function showExplanation(answer) {
  showWords(answer);
  byId("coloured").removeAttribute("aria-busy");
  byId("explained").hidden = byId("words").hidden = false;
  setText(byId("explained-notice"), notesOn(answer, model));
}

function showExamples(labels) {
  const buttons = examplesFor(labels).map(([name, text]) => {
    const button = createElement("button", "", name);
    button.type = "button";
    button.addEventListener("click", () => {
      writeText(text);
      read();
    });
    return button;
  });
  const group = byId("examples-title").parentElement;
  group.replaceChildren(byId("examples-title"), ...buttons);
}
