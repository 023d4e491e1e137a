/** The page of a model that answers texts with numbers. */

import { answerColumns } from "./answers.js";
import { startPage } from "./app.js";
import { batchWith, startBatch } from "./batch.js";
import { byId, formatNumber, formatPercent, setText } from "./dom.js";
import { givenRow, lengthOf, showFields, startFields, writeRow } from "./fields.js";
import { remember, startHistory } from "./history.js";
import { LatestRequest, errorText } from "./latest.js";
import { drawScale, formatValue } from "./scale.js";
import { fetchJson } from "./server.js";
import { notesOn, showWords } from "./contributions.js";

/** Milliseconds without typing before a request is sent, and the longest delay. */
const DEBOUNCE = 90;
const MAX_DELAY = 300;
/** Milliseconds from a prediction to the request for its explanation; more for a long text, which takes longer. */
const WORDS_DEBOUNCE = 350;
const WORDS_MAX_DELAY = 1500;
const SETTLED = 1200;
const NO_WORDS = "The text has no words for the model to read.";
const NOTHING_KNOWN = "The model knows no word of this text: the number says little about it.";

let model = null;
let announcement = 0;

const prediction = new LatestRequest(
  async (row, signal) => (await fetchJson("/predict", { json: { inputs: [row] }, signal })).outputs[0],
  { succeeded: showReply, failed: (error, seconds) => setText(byId("reply-notice"), errorText(error, seconds)) },
);

const explanation = new LatestRequest(
  (input, signal) => fetchJson("/explain", { json: { input }, signal }),
  {
    succeeded: showExplanation,
    failed: (error, seconds) => {
      byId("explained").hidden = false;
      byId("words").hidden = true;
      setText(byId("explained-notice"), errorText(error, seconds));
    },
  },
);

/** Request the number of the text in the field. */
function read() {
  const row = givenRow();
  explanation.cancel();
  byId("coloured").setAttribute("aria-busy", "true");
  if (row !== null) {
    prediction.request(row, DEBOUNCE, MAX_DELAY);
    return;
  }
  prediction.cancel();
  clearTimeout(announcement);
  byId("reply").hidden = byId("explained").hidden = true;
  byId("reply-empty").hidden = false;
  setText(byId("reply-notice"), "");
  setText(byId("explained-notice"), "");
}

function showReply(output, row) {
  const [value, lo, hi] = [output.value, output.lo, output.hi].map(formatValue);
  byId("value").textContent = value;
  byId("between").textContent = `between ${lo} and ${hi}, in ${share()} of such cases`;
  if (model) {
    drawScale(byId("scale"), output, model.targets);
    const { lowest, highest } = model.targets;
    setText(byId("scale-note"), `The scale is that of the training targets, ${formatValue(lowest)} to ${formatValue(highest)}.`);
  }
  byId("reply-empty").hidden = true;
  byId("reply").hidden = false;
  setText(byId("reply-notice"), output.tokens === 0 ? NO_WORDS : output.nothing_known ? NOTHING_KNOWN : "");
  clearTimeout(announcement);
  announcement = setTimeout(() => {
    setText(byId("reply-status"), `${value}, between ${lo} and ${hi}.`);
    remember(row, `${value} (${lo} to ${hi})`);
  }, SETTLED);
  explanation.request(row, Math.min(WORDS_MAX_DELAY, WORDS_DEBOUNCE + lengthOf(row) / 10));
}

function showExplanation(answer) {
  showWords(answer);
  byId("coloured").removeAttribute("aria-busy");
  byId("explained").hidden = byId("words").hidden = false;
  setText(byId("explained-notice"), notesOn(answer, model));
}

function share() {
  return model ? `${formatNumber(100 * model.targets.level)} %` : "most";
}

function errorOf({ mae, mae_ci95: interval, rows }) {
  if (mae === undefined) return "";
  const between = interval ? ` (95 % interval ${interval.map(formatValue).join(" to ")})` : "";
  return `${formatValue(mae)}${between}${rows ? `, of ${formatNumber(rows)} held-out rows` : ""}`;
}

startPage({
  routes: ["/predict", "/explain"],
  timed: ["/predict"],
  start() {
    startFields(read);
    startHistory((row) => {
      writeRow(row);
      read();
    });
    startBatch(answerColumns);
  },
  update(summary) {
    model = summary;
    showFields(summary);
    batchWith(summary);
    read();
  },
  lead({ targets, metrics }) {
    const error = metrics.mae === undefined ? "" : ` It is off by ${formatValue(metrics.mae)} on average for texts that it had not seen.`;
    return `Answers a text with a number from ${formatValue(targets.lowest)} to ${formatValue(targets.highest)}.${error}`;
  },
  network({ network }) {
    return `${String(network.cell).toUpperCase()}, read ${network.direction === "both" ? "both ways" : "forward"}`;
  },
  facts(summary) {
    const { coverage } = summary.metrics;
    return [
      ["Numbers in training", `${formatValue(summary.targets.lowest)} to ${formatValue(summary.targets.highest)}`],
      ["Mean absolute error", errorOf(summary.metrics)],
      ["Intervals", coverage === undefined ? "" : `${formatPercent(coverage)} % of held-out numbers lie in theirs`],
      ["Reads", summary.max_tokens ? `${formatNumber(summary.max_tokens)} words and punctuation marks of a text` : "texts of any length"],
      ["Vocabulary", `${formatNumber(summary.network.vocabulary)} words`],
    ];
  },
  figure: [
    "Texts in a batch",
    (change) => (change.runs ? change.rows / change.runs : null),
    (rows) => formatNumber(rows, 1),
  ],
});
