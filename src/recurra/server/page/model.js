/** The tab "The model": live figures, what the model is, and the report of its training. */

import { byId, formatNumber, createSvg, createElement, setText } from "./dom.js";
import { Minute, quantile, snapshot } from "./figures.js";
import { RequestError, fetchJson, fetchText, events, hasKey } from "./server.js";

const EVERY = 3000;
const POINTS = 19;

/** Caption, the figure of a change over time, and its format. */
const TILES = [
  ["Requests", ({ requests, seconds }) => (seconds ? requests / seconds : null), (rate) => `${formatNumber(rate, 1)}/s`],
  ["Typical answer (p50)", (change) => quantile(change.buckets, 0.5), duration],
  ["Slow answer (p99)", (change) => quantile(change.buckets, 0.99), duration],
  ["Waiting in the queue", (change) => change.queue, (requests) => formatNumber(requests)],
  null, // the task's own
  ["Rejected or timed out", (change) => change.dropped, (requests) => formatNumber(requests)],
];

const minute = new Minute();
let watching = false;
let timer = 0;
let shownReport = null;
let task = null;

/** Prepare the tiles and the link to the report. chosen: the page's task, see `startPage`. */
export function startModel(chosen) {
  task = chosen;
  TILES[TILES.indexOf(null)] = task.figure;
  for (const [caption] of TILES) {
    const spark = createSvg(
      "svg",
      { class: "spark", viewBox: "0 0 100 20", preserveAspectRatio: "none", "aria-hidden": "true" },
      createSvg("line", { x1: 0, y1: 20, x2: 100, y2: 20 }),
      createSvg("polyline", { points: "" }),
    );
    const value = createElement("dd", "value", "–");
    const note = createElement("dd", "note", createElement("span"), spark);
    byId("figures").append(createElement("div", "", createElement("dt", "", caption), value, note));
  }
  document.addEventListener("visibilitychange", refresh);
  events.addEventListener("key-given", refresh);
  byId("report-link").addEventListener("click", openReport);
}

/** Start or stop updating the figures. */
export function watchModel(chosen) {
  watching = chosen;
  refresh();
}

async function refresh() {
  clearTimeout(timer);
  if (!watching || document.visibilityState !== "visible") return;
  try {
    minute.add(snapshot(await fetchText("/metrics"), performance.now() / 1000, { timed: task.routes, ...task }));
    showFigures();
    showFacts(await fetchJson("/model"));
    setText(byId("model-notice"), "");
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    setText(byId("model-notice"), `${error.message} ${error.status === 401 ? "Enter one above." : "Retrying."}`);
    if (error.status === 401) return;
  }
  clearTimeout(timer);
  timer = setTimeout(refresh, EVERY);
}

function showFigures() {
  const recent = minute.recent;
  const span = recent.seconds === null ? "since the server's start" : "in the last minute";
  [...byId("figures").children].forEach((tile, index) => {
    const [, figure, unit] = TILES[index];
    const [value, note] = [tile.querySelector(".value"), tile.querySelector(".note span")];
    const figureValue = index === 3 ? minute.last.queue : figure(recent);
    value.textContent = figureValue === null ? "–" : unit(figureValue);
    note.textContent = index === 3 ? "now" : span;
    if (index === 0) {
      value.textContent = formatNumber(minute.last.requests);
      note.textContent = figureValue === null ? span : `${unit(figureValue)} ${span}`;
    }
    tile.querySelector("polyline").setAttribute("points", line(minute.series(figure)));
  });
}

/** Return the points of a sparkline; moments without a value are left out. */
function line(values) {
  const highest = Math.max(...values.map((value) => value ?? 0), 0) || 1;
  return values
    .map((value, index) => [100 - ((values.length - 1 - index) * 100) / (POINTS - 1), value])
    .filter(([, value]) => value !== null)
    .map(([x, value]) => `${x.toFixed(1)},${(20 - (19 * value) / highest).toFixed(1)}`)
    .join(" ");
}

function duration(seconds) {
  return seconds >= 1 ? `${formatNumber(seconds, 1)} s` : `${formatNumber(1000 * seconds, seconds < 0.01 ? 1 : 0)} ms`;
}

/** Show the answer of GET /model, and the report unless it is shown already. */
export function showFacts(model) {
  const { network, loading } = model;
  const cell = task.network(model);
  byId("network").textContent = cell;
  const layers = `${formatNumber(network.layers)} layer${network.layers > 1 ? "s" : ""}`;
  const vectors = network.embedding ? `, vectors of ${formatNumber(network.embedding)}` : "";
  const facts = [
    ...task.facts(model),
    ["Network", `${cell}; ${layers} of ${formatNumber(network.hidden)} units${vectors}`],
    ["Size", `${formatNumber(model.parameters)} parameters`],
    ["Trained", moment(model.created)],
    ["Loaded", `${moment(loading.loaded_at)}${loading.reloads ? `, ${formatNumber(loading.reloads)} times again` : ""}`],
    ["Last error", loading.last_error && `A new model could not be loaded; this one stays in use. ${loading.last_error}`],
    ["Digest", model.digest.slice(0, 16)],
  ];
  const known = facts.filter(([, fact]) => fact);
  const rows = known.flatMap(([name, fact]) => [createElement("dt", "", name), createElement("dd", "", fact)]);
  byId("facts").replaceChildren(...rows);
  byId("report").hidden = byId("report-link").hidden = !model.report;
  byId("report-lead").textContent = model.report ? "Its training report." : "This model has no report.";
  if (watching && model.report && shownReport !== model.digest) frameReport(model.digest);
}

function moment(stamp) {
  const date = new Date(stamp);
  if (Number.isNaN(date.getTime())) return "at an unknown time";
  return date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** Show the report of the model with this digest. A frame cannot send the key, so its address has a ticket. */
async function frameReport(digest) {
  shownReport = digest;
  try {
    byId("report").src = (await fetchJson("/report/ticket")).url;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    shownReport = null;
  }
}

/** With a key, the address of the report is valid for a minute only, so it is fetched when it is opened. */
async function openReport(event) {
  if (!hasKey()) return;
  event.preventDefault();
  try {
    window.open((await fetchJson("/report/ticket")).url, "_blank", "noopener");
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    setText(byId("model-notice"), error.message);
  }
}
