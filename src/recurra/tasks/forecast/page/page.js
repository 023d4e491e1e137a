/** The page of a model that forecasts series of numbers. */

import { startPage } from "./app.js";
import { chartOf, formatterOf, shortNumber } from "./chart.js";
import { byId, createElement, formatBytes, formatNumber, setText } from "./dom.js";
import { LatestRequest, errorText } from "./latest.js";
import { contributionRows, latestOf, readFigure, signed, summaryOf, weightsOf } from "./parts.js";
import { fetchJson } from "./server.js";
import { NoSeries, seriesOf } from "./table.js";

/** Milliseconds without typing before a request is sent, the longest delay, and the pause before an explanation. */
const DEBOUNCE = 200;
const MAX_DELAY = 800;
const PAUSE = 400;
const MOST_ROWS = 60;
const MOST_NAMED = 12;
const EXAMPLE_SEASONS = 8;

let covariates = { past: [], future: [], static: [] };
let most = Infinity;
let season = 1;
let frequency = null;
let columns = {};
let found = [];
let answered = null;

const answers = new LatestRequest(
  async ({ series }, signal) => (await fetchJson("/forecast", { json: { series: [series] }, signal })).outputs[0],
  { succeeded, failed },
);
const explanations = new LatestRequest(
  ({ series }, signal) => fetchJson("/explain", { json: { series }, signal }),
  { succeeded: explained, failed },
);

function failed(error, seconds) {
  byId("answer").hidden = byId("drawn").hidden = byId("made").hidden = true;
  byId("answer-empty").hidden = false;
  setText(byId("series-status"), "");
  byId("chart").setAttribute("aria-busy", "false");
  setText(byId("series-notice"), errorText(error, seconds));
}

/** Read what is in the field, and ask for the forecast of the chosen series. */
function read() {
  let notice = "";
  try {
    found = seriesOf(byId("numbers").value, covariates, columns);
    for (const { series } of found) if (series.times && areCounts(series.times)) delete series.times;
    if (byId("numbers").value.trim() && !found.some(({ series }) => series.values.length)) notice = "There is no value yet.";
  } catch (error) {
    if (!(error instanceof NoSeries)) throw error;
    found = [];
    notice = error.message;
  }
  const which = byId("which");
  const chosen = which.value;
  which.replaceChildren(...found.map(({ name }) => new Option(name, name)));
  which.value = found.some(({ name }) => name === chosen) ? chosen : (found[0]?.name ?? "");
  byId("which-line").hidden = found.length < 2;
  setText(byId("series-notice"), notice);
  ask();
}

/** Return whether times are the numbers of steps, one after the other, of a model whose times are dates. */
function areCounts(times) {
  const dates = frequency !== null && Number.isNaN(Number(frequency));
  return dates && times.every((time, step) => /^\d{1,5}$/.test(time) && Number(time) === Number(times[0]) + step);
}

function ask() {
  explanations.cancel();
  byId("made").hidden = true;
  const one = found.find(({ name }) => name === byId("which").value) ?? found[0];
  if (one?.series.values.length) {
    byId("chart").setAttribute("aria-busy", "true");
    answers.request(one, DEBOUNCE, MAX_DELAY);
    return;
  }
  answers.cancel();
  setText(byId("series-status"), "");
  byId("answer").hidden = byId("drawn").hidden = true;
  byId("answer-empty").hidden = false;
}

function succeeded({ forecast, places }, given) {
  const one = inPlace(given, places);
  setText(byId("series-notice"), "");
  byId("answer-empty").hidden = true;
  byId("answer").hidden = byId("drawn").hidden = false;
  answered = { forecast, name: one.name };
  const [next] = forecast;
  const when = typeof next.ds === "number" ? "the next step" : next.ds;
  setText(byId("figure"), shortNumber(next.y));
  setText(byId("caption"), `${when}, between ${shortNumber(next.lo)} and ${shortNumber(next.hi)} with four chances in five`);
  setText(byId("series-status"), `${shortNumber(next.y)} for ${when}`);
  byId("chart").setAttribute("aria-busy", "false");
  draw(forecast, one);
  explanations.request({ ...one, series: given.series, drawn: one.series }, PAUSE);
}

/** Draw a forecast; network: writes what the network adds to a step, where the parts are known. */
function draw(forecast, { series, times }, network = () => "") {
  byId("chart").replaceChildren(chartOf(series.values, forecast, times?.slice(0, series.values.length)));
  const written = formatterOf(forecast);
  byId("rows").replaceChildren(
    ...forecast.slice(0, MOST_ROWS).map((step) => {
      const head = createElement("th", "", String(step.ds));
      head.scope = "row";
      const numbers = ["y", "lo", "hi", "smoothing"].map((key) => (key in step ? written(step[key]) : ""));
      return createElement("tr", "", head, ...[...numbers, network(step)].map((text) => createElement("td", "number", text)));
    }),
  );
}

function explained(explanation, one) {
  const { drawn: series, times } = one;
  draw(explanation.forecast, { series, times }, (step) => signed(step.network, explanation));
  setText(byId("made-of"), summaryOf(explanation));
  setText(byId("latest"), latestOf(explanation));
  byId("weights").replaceChildren(...weightsOf(explanation));
  byId("read").hidden = !explanation.share;
  byId("pieces").replaceChildren(readFigure(series.values, times, explanation));
  byId("contributions").replaceChildren(...contributionRows(times, explanation));
  byId("made").hidden = false;
}

/** Return a series with its values, and their times, at their steps: null where a step has none. */
function inPlace({ series, name, times }, places) {
  if (!places?.length) return { series, name, times };
  const count = Math.max(...places.slice(0, series.values.length)) + 1;
  const [values, when] = [Array(count).fill(null), Array(count).fill("")];
  series.values.forEach((value, row) => {
    values[places[row]] = value;
    when[places[row]] = times[row];
  });
  return { series: { ...series, values }, name, times: when };
}

/** Save the whole forecast as a file. */
function save() {
  const quoted = (text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const rows = answered.forecast.map(({ ds, y, lo, hi }) => [quoted(answered.name), quoted(String(ds)), y, lo, hi].join(","));
  const content = `unique_id,ds,y,lo,hi\n${rows.join("\n")}\n`;
  const link = createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type: "text/csv" }));
  link.download = "forecast.csv";
  link.click();
  URL.revokeObjectURL(link.href);
}

async function open(file) {
  if (!file) return;
  if (file.size > most) {
    setText(byId("series-notice"), `The file has ${formatBytes(file.size)}; at most ${formatBytes(most)} are read here.`);
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

/** Fill in a rising line with a season and some noise. */
function fillExample() {
  const steps = Math.max(24, EXAMPLE_SEASONS * season);
  const ahead = covariates.future.length ? steps : 0;
  const names = [...covariates.past, ...covariates.future, ...covariates.static];
  const lines = Array.from({ length: steps + ahead }, (_, step) => {
    const wave = season > 1 ? Math.sin((2 * Math.PI * step) / season) : 0;
    const value = step < steps ? (100 + (60 * step) / steps + 15 * wave + 6 * (Math.random() - 0.5)).toFixed(1) : "";
    return names.length ? [step + 1, value, ...names.map(() => "0")].join(", ") : value;
  });
  byId("numbers").value = [...(names.length ? [["ds", "y", ...names].join(", ")] : []), ...lines].join("\n");
  read();
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
  routes: ["/forecast", "/explain"],
  timed: ["/forecast"],
  start() {
    byId("numbers").addEventListener("input", read);
    byId("which").addEventListener("change", ask);
    byId("example").addEventListener("click", fillExample);
    byId("save").addEventListener("click", save);
    startFiles();
  },
  update(model) {
    ({ covariates, season, frequency, columns } = model);
    most = model.limits.max_body;
    const names = [...covariates.past, ...covariates.future, ...covariates.static];
    const wanted = names.length ? `, with a first line that names the columns: ds, y, ${listed(names)}` : ": a value, or a time and a value between commas, tabs or spaces";
    setText(byId("numbers-note"), `One step a line${wanted}. Nothing is kept on the server.`);
    read();
  },
  lead({ metrics, horizon }) {
    const { mase } = metrics.test ?? metrics;
    const error = mase ? ` Held out, its error was ${mase.toFixed(2)} times that of repeating the last season.` : "";
    return `Forecasts series of numbers, ${formatNumber(horizon)} step${horizon === 1 ? "" : "s"} ahead.${error}`;
  },
  network({ network }) {
    return `${network.members} × ${String(network.cell).toUpperCase()} on segments, beside exponential smoothing`;
  },
  facts: (model) => [
    ["Frequency", model.frequency ?? ""],
    ["Season", model.season > 1 ? `${formatNumber(model.season)} steps` : "none"],
    ["Steps ahead", formatNumber(model.horizon)],
    ["Covariates", listed(Object.values(model.covariates).flat())],
  ],
  figure: ["Parts computed", (change) => change.steps, (steps) => formatNumber(steps)],
});

function listed(names) {
  return names.slice(0, MOST_NAMED).join(", ") + (names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "");
}
