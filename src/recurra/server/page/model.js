/** The tab "The model": live figures, what the model is, and the report of its training. */

import { byId, counted, drawn, made, tell } from "./dom.js";
import { Minute, quantile, snapshot } from "./figures.js";
import { Refusal, askJson, askText, events, hasKey } from "./server.js";

const EVERY = 3000;
const POINTS = 19;

/** Caption, the figure of a change over time, and how to write it. */
const TILES = [
  ["Requests", ({ requests, seconds }) => (seconds ? requests / seconds : null), (rate) => `${counted(rate, 1)}/s`],
  ["Typical answer (p50)", (change) => quantile(change.buckets, 0.5), duration],
  ["Slow answer (p99)", (change) => quantile(change.buckets, 0.99), duration],
  ["Waiting in the queue", (change) => change.queue, (requests) => counted(requests)],
  null, // of the task
  ["Refused or given up", (change) => change.dropped, (requests) => counted(requests)],
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
    const spark = drawn(
      "svg",
      { class: "spark", viewBox: "0 0 100 20", preserveAspectRatio: "none", "aria-hidden": "true" },
      drawn("line", { x1: 0, y1: 20, x2: 100, y2: 20 }),
      drawn("polyline", { points: "" }),
    );
    const value = made("dd", "value", "–");
    const note = made("dd", "note", made("span"), spark);
    byId("figures").append(made("div", "", made("dt", "", caption), value, note));
  }
  document.addEventListener("visibilitychange", refresh);
  events.addEventListener("key-given", refresh);
  byId("report-link").addEventListener("click", openReport);
}

/** Read figures from now on, or no more. */
export function watchModel(chosen) {
  watching = chosen;
  refresh();
}

async function refresh() {
  clearTimeout(timer);
  if (!watching || document.visibilityState !== "visible") return;
  try {
    minute.add(snapshot(await askText("/metrics"), performance.now() / 1000));
    showFigures();
    showFacts(await askJson("/model"));
    tell(byId("model-notice"), "");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    tell(byId("model-notice"), `${error.message} ${error.status === 401 ? "Enter one above." : "Asking again."}`);
    if (error.status === 401) return;
  }
  clearTimeout(timer);
  timer = setTimeout(refresh, EVERY);
}

function showFigures() {
  const recent = minute.recent;
  const span = recent.seconds === null ? "since the server's start" : "in the last minute";
  [...byId("figures").children].forEach((tile, place) => {
    const [, figure, unit] = TILES[place];
    const [value, note] = [tile.querySelector(".value"), tile.querySelector(".note span")];
    const found = place === 3 ? minute.last.queue : figure(recent);
    value.textContent = found === null ? "–" : unit(found);
    note.textContent = place === 3 ? "now" : span;
    if (place === 0) {
      value.textContent = counted(minute.last.requests);
      note.textContent = found === null ? span : `${unit(found)} ${span}`;
    }
    tile.querySelector("polyline").setAttribute("points", line(minute.series(figure)));
  });
}

/** Return the points of a sparkline; moments without a value are left out. */
function line(values) {
  const highest = Math.max(...values.map((value) => value ?? 0), 0) || 1;
  return values
    .map((value, place) => [100 - ((values.length - 1 - place) * 100) / (POINTS - 1), value])
    .filter(([, value]) => value !== null)
    .map(([x, value]) => `${x.toFixed(1)},${(20 - (19 * value) / highest).toFixed(1)}`)
    .join(" ");
}

function duration(seconds) {
  return seconds >= 1 ? `${counted(seconds, 1)} s` : `${counted(1000 * seconds, seconds < 0.01 ? 1 : 0)} ms`;
}

/** Show what GET /model tells, and the report where it is another model's than the one on show. */
export function showFacts(model) {
  const { network, loading } = model;
  const cell = task.network(model);
  byId("network").textContent = cell;
  const layers = `${counted(network.layers)} layer${network.layers > 1 ? "s" : ""}`;
  const facts = [
    ...task.facts(model),
    ["Network", `${cell}; ${layers} of ${counted(network.hidden)} units, vectors of ${counted(network.embedding)}`],
    ["Size", `${counted(model.parameters)} parameters`],
    ["Trained", moment(model.created)],
    ["Loaded", `${moment(loading.loaded_at)}${loading.reloads ? `, ${counted(loading.reloads)} times again` : ""}`],
    ["Last fault", loading.last_error && `The model could not be loaded again; this one stays. ${loading.last_error}`],
    ["Digest", model.digest.slice(0, 16)],
  ];
  const known = facts.filter(([, fact]) => fact);
  const rows = known.flatMap(([name, fact]) => [made("dt", "", name), made("dd", "", fact)]);
  byId("facts").replaceChildren(...rows);
  byId("report").hidden = byId("report-link").hidden = !model.report;
  byId("report-lead").textContent = model.report ? "The report of its training." : "This model came without a report.";
  if (watching && model.report && shownReport !== model.digest) frameReport(model.digest);
}

function moment(stamp) {
  const date = new Date(stamp);
  if (Number.isNaN(date.getTime())) return "at an unknown time";
  return date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** Show the report of the model with this digest. A frame cannot send the key: the server gives it an address. */
async function frameReport(digest) {
  shownReport = digest;
  try {
    byId("report").src = (await askJson("/report/ticket")).url;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    shownReport = null;
  }
}

/** Where a key is needed, the address of the report is good for a minute, so it is asked for when it is wanted. */
async function openReport(event) {
  if (!hasKey()) return;
  event.preventDefault();
  try {
    window.open((await askJson("/report/ticket")).url, "_blank", "noopener");
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    tell(byId("model-notice"), error.message);
  }
}
