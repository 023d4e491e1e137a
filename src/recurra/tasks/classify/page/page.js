/** The page of a model that labels texts. */

import { answerColumns } from "./answers.js";
import { startPage } from "./app.js";
import { batchWith, startBatch } from "./batch.js";
import { formatNumber, formatPercent } from "./dom.js";
import { readWith, startReading } from "./reading.js";
import { limitFiles, startScoring } from "./scoring.js";

startPage({
  routes: ["/predict", "/explain", "/score", "/v2/models/{name}/infer"],
  timed: ["/predict", "/v2/models/{name}/infer"],
  start() {
    startReading();
    startBatch(answerColumns);
    startScoring();
  },
  update(model) {
    limitFiles(model.limits.max_upload);
    batchWith(model);
    readWith(model);
  },
  lead({ labels, metrics }) {
    const few = [labels.slice(0, -1).join(", "), labels.at(-1)].join(" or ");
    const choice = labels.length <= 4 ? few : `one of ${formatNumber(labels.length)} labels`;
    const { accuracy } = metrics;
    const score = accuracy === undefined ? "" : ` Right on ${formatPercent(accuracy)} % of texts that it had not seen.`;
    return `Labels a text as ${choice}.${score}`;
  },
  network({ network }) {
    return `${String(network.cell).toUpperCase()}, read ${network.direction === "both" ? "both ways" : "forward"}`;
  },
  facts(model) {
    return [
      ["Labels", model.labels.join(", ")],
      ["Accuracy", accuracy(model.metrics)],
      ["Reads", model.max_tokens ? `${formatNumber(model.max_tokens)} words and punctuation marks of a text` : "texts of any length"],
      ["Vocabulary", `${formatNumber(model.network.vocabulary)} words`],
    ];
  },
  figure: [
    "Texts in a batch",
    (change) => (change.runs ? change.rows / change.runs : null),
    (rows) => formatNumber(rows, 1),
  ],
});

function accuracy({ accuracy: share, accuracy_ci95: interval, rows }) {
  if (share === undefined) return "";
  const between = interval ? ` (95 % interval ${interval.map(formatPercent).join(" to ")})` : "";
  return `${formatPercent(share)} %${between}${rows ? ` of ${formatNumber(rows)} held-out rows` : ""}`;
}
