/** The page of a model that gives several labels. */

import { answerColumns } from "./answers.js";
import { startPage } from "./app.js";
import { batchWith, startBatch } from "./batch.js";
import { formatNumber, formatPercent } from "./dom.js";
import { readWith, startReading } from "./labels.js";

startPage({
  routes: ["/predict", "/explain"],
  timed: ["/predict"],
  start() {
    startReading();
    startBatch(answerColumns);
  },
  update(model) {
    batchWith(model);
    readWith(model);
  },
  lead({ labels, metrics }) {
    const { micro_f1: f1 } = metrics;
    const score = f1 === undefined ? "" : ` Micro F1 of ${formatPercent(f1)} % on texts that it had not seen.`;
    return `Gives a text any of ${formatNumber(labels.length)} labels, or none.${score}`;
  },
  network({ network }) {
    return `${String(network.cell).toUpperCase()}, read ${network.direction === "both" ? "both ways" : "forward"}`;
  },
  facts(model) {
    return [
      ["Labels", model.labels.join(", ")],
      ["Micro F1", score(model.metrics)],
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

function score({ micro_f1: share, micro_f1_ci95: interval, rows }) {
  if (share === undefined) return "";
  const between = interval ? ` (95 % interval ${interval.map(formatPercent).join(" to ")})` : "";
  return `${formatPercent(share)} %${between}${rows ? ` of ${formatNumber(rows)} held-out rows` : ""}`;
}
