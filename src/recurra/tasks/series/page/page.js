/** The page of a model that answers series of numbers. */

import { startPage } from "./app.js";
import { byId, createElement, formatBytes, formatNumber, formatPercent, setText } from "./dom.js";
import { LatestRequest, errorText } from "./latest.js";
import { MOST_LINES, figureOf, signed, stepsOf } from "./lines.js";
import { NoSeries, seriesOf } from "./numbers.js";
import { fetchJson } from "./server.js";

/** Milliseconds without typing before a request is sent, the longest delay, and the pause before an explanation. */
const DEBOUNCE = 150;
const MAX_DELAY = 600;
const PAUSE = 400;
const MOST_LABELS = 6;
const MOST_WINDOWS = 8;
const MOST_NAMED = 12;
const RANDOM_STEPS = 60;

let channels = [];
let means = [];
let most = Infinity;
let drawn = [];

const answers = new LatestRequest(
  async (series, signal) => (await fetchJson("/predict", { json: { series: [series] }, signal })).outputs[0],
  { succeeded: answered, failed },
);
const explanations = new LatestRequest(
  (series, signal) => fetchJson("/explain", { json: { series }, signal }),
  { succeeded: explained, failed },
);

function failed(error, seconds) {
  byId("lines").setAttribute("aria-busy", "false");
  setText(byId("series-notice"), errorText(error, seconds));
}

/** Read what is in the field, and ask for its answer. */
function read() {
  if (!channels.length) return;
  explanations.cancel();
  let series = [];
  let notice = "";
  try {
    series = seriesOf(byId("numbers").value, channels);
  } catch (error) {
    if (!(error instanceof NoSeries)) throw error;
    notice = error.message;
  }
  setText(byId("series-notice"), notice);
  if (series.length) {
    answers.request(series, DEBOUNCE, MAX_DELAY);
    return;
  }
  answers.cancel();
  byId("answer").hidden = byId("drawn").hidden = true;
  byId("answer-empty").hidden = false;
}

function answered(answer, series) {
  setText(byId("series-notice"), "");
  byId("answer-empty").hidden = true;
  byId("answer").hidden = byId("drawn").hidden = false;
  const isLabel = "label" in answer;
  const title = isLabel ? String(answer.label) : formatNumber(answer.number, 4);
  const chance = isLabel ? Math.max(...Object.values(answer.probabilities)) : null;
  byId("figure").replaceChildren(createElement("bdi", isLabel ? "series-label" : "", title));
  setText(byId("caption"), isLabel ? `${formatPercent(chance)} % probable` : "predicted");
  byId("chances").replaceChildren(...(isLabel ? bars(answer.probabilities) : []));
  setText(byId("series-status"), isLabel ? `${title}, ${formatPercent(chance)} % probable` : title);
  drawn = series;
  byId("lines").replaceChildren(...channels.slice(0, MOST_LINES).map((name, place) => figureOf(name, column(series, place))));
  byId("lines").setAttribute("aria-busy", "true");
  byId("windows").hidden = true;
  setText(byId("meaning"), "");
  explanations.request(series, PAUSE);
}

function bars(probabilities) {
  const ranked = Object.entries(probabilities).sort(([, one], [, other]) => other - one);
  return ranked.slice(0, MOST_LABELS).map(([label, chance], index) => {
    const bar = createElement("span");
    bar.style.setProperty("--p", chance);
    return createElement(
      "li",
      index ? "" : "first",
      createElement("bdi", "", label),
      createElement("span", "", `${formatPercent(chance)} %`),
      createElement("span", "track", bar),
    );
  });
}

function column(series, place) {
  return series.map((step) => step[place]);
}

function explained(explanation) {
  const lines = byId("lines");
  lines.setAttribute("aria-busy", "false");
  const named = Object.keys(explanation.windows[0].channels);
  const found = named.flatMap((channel) =>
    explanation.windows.map(({ from, to, channels: each }) => ({ channel, from, to, contribution: each[channel] })),
  );
  const largest = Math.max(...found.map(({ contribution }) => Math.abs(contribution))) || 1;
  lines.replaceChildren(
    ...named.map((name) =>
      figureOf(name, column(drawn, channels.indexOf(name)), found.filter(({ channel }) => channel === name), largest),
    ),
  );
  found.sort((one, other) => Math.abs(other.contribution) - Math.abs(one.contribution));
  byId("strongest").replaceChildren(
    ...found.slice(0, MOST_WINDOWS).map((window) => {
      const head = createElement("th", "", createElement("bdi", "", window.channel));
      head.scope = "row";
      const number = createElement("td", "number", signed(window.contribution));
      return createElement("tr", "", head, createElement("td", "", stepsOf(window)), number);
    }),
  );
  byId("windows").hidden = false;
  const { target } = explanation;
  const whose = target === undefined ? "the number" : `the log-odds of ${target}`;
  setText(byId("pro"), target === undefined ? "makes it larger" : `speaks for ${target}`);
  setText(byId("contra"), target === undefined ? "makes it smaller" : "speaks against it");
  const chosen = named.length < channels.length ? ` The ${named.length} channels that contribute most are shown.` : "";
  setText(
    byId("meaning"),
    `A contribution is by how much ${whose} would fall if the window and its neighbours had the mean of the training series.${chosen}`,
  );
}

async function open(file) {
  if (!file) return;
  if (file.size > most) {
    const limit = `${formatBytes(most)} are read here`;
    setText(byId("series-notice"), `The file has ${formatBytes(file.size)}; at most ${limit}.`);
    return;
  }
  try {
    byId("numbers").value = await file.text();
  } catch {
    setText(byId("series-notice"), "The file cannot be read. Choose it again; a folder cannot be opened.");
    return;
  }
  read();
}

/** Fill in a random walk around the means of the training series. */
function fillRandom() {
  const values = means.map(() => 0);
  const lines = Array.from({ length: RANDOM_STEPS }, () =>
    values
      .map((value, place) => {
        values[place] = 0.8 * value + Math.random() - 0.5;
        return (means[place] + values[place]).toPrecision(5);
      })
      .join(", "),
  );
  byId("numbers").value = [channels.length > 1 && plainNames() ? channels.join(", ") : "", ...lines].filter(Boolean).join("\n");
  read();
}

function plainNames() {
  return channels.every((name) => /^[^\s,;"]+$/.test(name) && Number.isNaN(Number(name)));
}

function startFiles() {
  byId("file").addEventListener("change", (event) => {
    open(event.target.files[0]);
    event.target.value = ""; // so that the same file can be chosen again
  });
  // A file that misses the field would replace the page.
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
  }
  byId("series").addEventListener("drop", (event) => {
    if (event.dataTransfer?.files.length) open(event.dataTransfer.files[0]);
  });
}

startPage({
  routes: ["/predict", "/explain"],
  timed: ["/predict"],
  start() {
    byId("numbers").addEventListener("input", read);
    byId("random").addEventListener("click", fillRandom);
    startFiles();
  },
  update(model) {
    ({ channels, means } = model);
    most = model.limits.max_body;
    setText(
      byId("numbers-note"),
      `One step a line, ${channels.length === 1 ? "with its value" : `with its values of ${listed(channels)}`}, ` +
        "between commas, tabs or spaces; nothing where one is missing. A first line may name them. Nothing is kept on the server.",
    );
    read();
  },
  lead({ kind, metrics }) {
    const { accuracy } = metrics.test ?? metrics;
    if (kind === "regress") return "Predicts a number from a series of numbers.";
    return `Labels series of numbers.${accuracy ? ` Right on ${formatPercent(accuracy)} % of held-out series.` : ""}`;
  },
  network({ network }) {
    const beside = network.dilations?.length ? ", with random convolutions" : "";
    return `${String(network.cell).toUpperCase()}, read ${network.direction === "both" ? "both ways" : "forward"}${beside}`;
  },
  facts: (model) => [
    ["Labels", model.kind === "regress" ? "" : listed(model.labels.map(String))],
    ["Channels", listed(model.channels)],
    ["Missing values", { mask: "may be there, and are marked", "forward-fill": "the last known value", refuse: "are refused" }[model.missing]],
    ["Streams", `up to ${formatNumber(Math.min(model.stream_steps, model.limits.max_steps))} steps`],
  ],
  figure: ["Parts computed", (change) => change.steps, (steps) => formatNumber(steps)],
});

function listed(names) {
  return names.slice(0, MOST_NAMED).join(", ") + (names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "");
}
