/** The page of a model that writes down speech. */

import { startPage } from "./app.js";
import { byId, formatNumber, formatPercent } from "./dom.js";
import { listenWith, startMicrophone } from "./microphone.js";
import { limitFiles, startRecordings } from "./recordings.js";

startPage({
  routes: ["/transcribe"],
  start() {
    startRecordings();
    startMicrophone();
  },
  update(model) {
    limitFiles(model.limits.max_upload);
    listenWith(model);
    const { max_seconds: seconds } = model.limits;
    const longest = seconds < 120 ? `${formatNumber(seconds)} seconds` : `${formatNumber(seconds / 60)} minutes`;
    byId("files-note").textContent =
      `WAV, FLAC, OGG, Opus or MP3, of ${longest} at most. Nothing is kept on the server.`;
  },
  lead({ metrics }) {
    const { wer } = metrics.test ?? metrics;
    return `Writes down what is said.${wer === undefined ? "" : ` Of held-out words, ${formatPercent(wer)} % went wrong.`}`;
  },
  network({ network }) {
    return `${String(network.cell).toUpperCase()}, heard ${network.direction === "both" ? "both ways" : "forward"}`;
  },
  facts(model) {
    const characters = [...model.characters].filter((character) => character.trim()).join(" ");
    return [
      ["Word error rate", errorRate(model.metrics.test ?? model.metrics)],
      ["Writes", model.words === null ? `any word of ${characters}` : `${formatNumber(model.words)} words, and no others`],
      ["Hears", `${formatNumber(model.rate)} samples a second; other rates are converted`],
    ];
  },
  figure: ["Pieces heard", (change) => change.steps, (steps) => formatNumber(steps)],
});

function errorRate({ wer, wer_ci95: interval, words }) {
  if (wer === undefined) return "";
  const between = interval ? ` (95 % interval ${interval.map(formatPercent).join(" to ")})` : "";
  return `${formatPercent(wer)} %${between}${words ? ` of ${formatNumber(words)} held-out words` : ""}`;
}
