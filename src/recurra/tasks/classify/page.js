/** The page of a model that labels texts. */

import { startPage } from "./app.js";
import { counted, percent } from "./dom.js";
import { readWith, startReading } from "./reading.js";
import { limitFiles, startScoring } from "./scoring.js";

startPage({
  start() {
    startReading();
    startScoring();
  },
  meet(model) {
    limitFiles(model.limits.max_upload);
    readWith(model);
  },
  lead({ labels, metrics }) {
    const few = [labels.slice(0, -1).join(", "), labels.at(-1)].join(" or ");
    const said = labels.length <= 4 ? few : `one of ${counted(labels.length)} labels`;
    const { accuracy } = metrics;
    const judged = accuracy === undefined ? "" : ` Right about ${percent(accuracy)} % of texts that it had not seen.`;
    return `Says of a text: ${said}.${judged}`;
  },
  network({ network }) {
    return `${String(network.cell).toUpperCase()}, read ${network.direction === "both" ? "both ways" : "forward"}`;
  },
  facts(model) {
    return [
      ["Labels", model.labels.join(", ")],
      ["Accuracy", accuracy(model.metrics)],
      ["Reads", model.max_tokens ? `${counted(model.max_tokens)} words and signs of a text` : "texts of any length"],
      ["Vocabulary", `${counted(model.network.vocabulary)} words`],
    ];
  },
  figure: [
    "Texts in a batch",
    (change) => (change.runs ? change.rows / change.runs : null),
    (rows) => counted(rows, 1),
  ],
});

function accuracy({ accuracy: share, accuracy_ci95: interval, rows }) {
  if (share === undefined) return "";
  const between = interval ? ` (95 % interval ${interval.map(percent).join(" to ")})` : "";
  return `${percent(share)} %${between}${rows ? ` of ${counted(rows)} held-out rows` : ""}`;
}
