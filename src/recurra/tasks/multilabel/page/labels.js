/** The tab "Try it": the labels of a text while it is typed, their thresholds, and what the words contribute to one. */

import { barsShown, startBars } from "./bars.js";
import { byId, createElement, formatNumber, formatPercent, setText } from "./dom.js";
import { givenRow, lengthOf, showFields, startFields, writeRow } from "./fields.js";
import { remember, startHistory } from "./history.js";
import { LatestRequest, errorText } from "./latest.js";
import { fetchJson } from "./server.js";
import { notesOn, showWords } from "./words.js";

/** Milliseconds without typing before a request is sent, and the longest delay. */
const DEBOUNCE = 90;
const MAX_DELAY = 300;
/** Milliseconds from an answer to the request for its explanation; more for a long text, which takes longer. */
const WORDS_DEBOUNCE = 350;
const WORDS_MAX_DELAY = 1500;
const SETTLED = 1200;
/** Bars that are shown at least, the most probable ones; labels that are given are shown besides. */
const MOST_BARS = 12;
const NO_WORDS = "The text has no words for the model to read.";
const NOTHING_KNOWN = "The model knows no word of this text: the labels say little about it.";

let model = null;
let output = null;
/** The threshold of all labels; null: as trained. */
let common = null;
/** The label that is explained; null: the most probable one. */
let chosen = null;
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

/** Listen to the text field and to the threshold. */
export function startReading() {
  startFields(read);
  startBars(showLabels);
  startHistory((row) => {
    writeRow(row);
    read();
  });
  byId("threshold").addEventListener("input", () => setCommon(Number(byId("threshold").value)));
  byId("as-trained").addEventListener("click", () => setCommon(null));
  if (givenRow() !== null) read();
}

/** Adapt the tab to a model, as GET /model describes it, and predict again. */
export function readWith(summary) {
  model = summary;
  showFields(summary);
  if (!summary.labels.map(String).includes(chosen)) chosen = null;
  setCommon(null);
  read();
}

/** Show thresholds: `value` for all labels, or those of the model for null. */
function setCommon(value) {
  common = value;
  byId("as-trained").disabled = value === null;
  byId("threshold-value").textContent = value === null ? "" : value.toFixed(2);
  byId("threshold").setAttribute("aria-valuetext", value === null ? "as trained" : value.toFixed(2));
  setText(byId("threshold-note"), value === null ? asTrained() : `One for all labels, here on the page alone.`);
  if (!output) return;
  showLabels();
  announce();
}

/** Say which labels are given once that has stayed for a moment, and remember them. */
function announce() {
  const row = givenRow();
  clearTimeout(announcement);
  announcement = setTimeout(() => {
    setText(byId("reply-status"), `${byId("given").textContent}.`);
    remember(row, byId("given").textContent);
  }, SETTLED);
}

function asTrained() {
  const values = model?.thresholds ?? [];
  if (values.length === 0) return "";
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const between = most - least < 0.0005 ? `${least.toFixed(3)} for all labels` : `${least.toFixed(3)} to ${most.toFixed(3)}`;
  return `As trained: ${between}. Move the slider to see other answers.`;
}

/** Request the labels of the text in the field. */
function read() {
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
  output = null;
  byId("reply").hidden = true;
  byId("reply-empty").hidden = false;
  byId("explained").hidden = true;
  setText(byId("reply-notice"), "");
  setText(byId("explained-notice"), "");
}

function showReply(answer) {
  output = answer;
  showLabels();
  byId("reply-empty").hidden = true;
  byId("reply").hidden = false;
  setText(byId("reply-notice"), answer.tokens === 0 ? NO_WORDS : answer.nothing_known ? NOTHING_KNOWN : "");
  announce();
  explain();
}

/** Request what the words contribute to the chosen label, or to the most probable one. */
function explain() {
  const row = givenRow();
  const wait = Math.min(WORDS_MAX_DELAY, WORDS_DEBOUNCE + lengthOf(row) / 10);
  explanation.request({ input: row, target: chosen ?? ranked()[0].label }, wait);
}

/** Return label, probability, threshold and whether it is given, the most probable first. */
function ranked() {
  const entries = Object.entries(output.probabilities).map(([label, probability]) => {
    const threshold = common ?? output.thresholds[label];
    return { label, probability, threshold, given: probability >= threshold };
  });
  return entries.sort((one, other) => other.probability - one.probability);
}

function showLabels() {
  const all = ranked();
  const given = all.filter((entry) => entry.given).map((entry) => entry.label);
  setText(byId("given"), given.length ? given.join(", ") : "No label");
  const shown = barsShown(all, MOST_BARS, (entry) => entry.given || entry.label === chosen);
  byId("bars").replaceChildren(...shown.map(bar));
  const rest = all.length - shown.length;
  setText(byId("others"), rest > 0 ? `${formatNumber(rest)} less probable labels are not shown.` : "");
}

/** Return one label as a bar with its threshold marked; it is a button that has the label explained. */
function bar({ label, probability, threshold, given }, place) {
  const filled = createElement("span");
  filled.style.setProperty("--p", probability.toFixed(4));
  const mark = createElement("i", "mark");
  mark.style.setProperty("--at", threshold.toFixed(4));
  const track = createElement("div", "track", filled, mark);
  track.setAttribute("aria-hidden", "true");
  const name = createElement("button", "link", createElement("bdi", "", label));
  name.type = "button";
  name.setAttribute("aria-pressed", String(label === chosen));
  name.addEventListener("click", () => {
    chosen = chosen === label ? null : label;
    showLabels();
    byId("bars").querySelectorAll(".link")[place].focus({ preventScroll: true }); // it was made anew
    explain();
  });
  const percent = createElement("span", "share", `${formatPercent(probability)} %`);
  const limit = `threshold ${formatPercent(threshold)} %${given ? ", given" : ""}`;
  percent.title = limit;
  percent.append(createElement("span", "hidden", `, ${limit}`));
  return createElement("li", given ? "first" : "", name, percent, track);
}

function showExplanation(answer) {
  showWords(answer, true);
  byId("coloured").removeAttribute("aria-busy");
  byId("explained").hidden = byId("words").hidden = false;
  setText(byId("explained-notice"), notesOn(answer, model));
}
