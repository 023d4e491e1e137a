/** The page of a server: its tabs, its heading, and the API key where the server wants one. */

import { byId, counted, percent, tell } from "./dom.js";
import { showFacts, startModel, watchModel } from "./model.js";
import { readWith, startReading } from "./reading.js";
import { limitFiles, startScoring } from "./scoring.js";
import { Refusal, askJson, events, useKey } from "./server.js";

const tabs = [...document.querySelectorAll("[role=tab]")];
const MOVES = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
const LONGEST_PAUSE = 10;

let tries = 0;

function choose(tab, { focus = false } = {}) {
  for (const each of tabs) {
    const chosen = each === tab;
    each.setAttribute("aria-selected", String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    byId(each.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (focus) tab.focus();
  const name = tab.getAttribute("aria-controls");
  history.replaceState(null, "", `#${name}`);
  watchModel(name === "model");
}

function startTabs() {
  for (const tab of tabs) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      if (!(event.key in MOVES) || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      const move = MOVES[event.key];
      const place = Number.isFinite(move) ? (tabs.indexOf(tab) + move + tabs.length) % tabs.length : move < 0 ? 0 : tabs.length - 1;
      choose(tabs[place], { focus: true });
    });
  }
  const named = tabs.find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash);
  if (named) choose(named);
}

/** Ask what the model is, again and again while the server cannot tell. */
async function meet() {
  try {
    const model = await askJson("/model");
    tries = 0;
    byId("key-form").hidden = true;
    showHeading(model);
    showFacts(model);
    limitFiles(model.limits.max_upload);
    readWith(model);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 401) return;
    byId("lead").textContent = error.message;
    if (error.retry !== null) setTimeout(meet, 1000 * Math.max(error.retry, Math.min(LONGEST_PAUSE, 2 ** tries++)));
  }
}

function showHeading(model) {
  document.title = `${model.name}: Recurra`;
  byId("name").textContent = model.name;
  const { labels, metrics } = model;
  const named = labels.length <= 4 ? labels.join(", ").replace(/, ([^,]*)$/, " or $1") : `one of ${counted(labels.length)} labels`;
  const judged = metrics?.accuracy === undefined ? "" : ` Right about ${percent(metrics.accuracy)} % of texts that it had not seen.`;
  byId("lead").textContent = `Says of a text: ${named}.${judged}`;
}

function startKey() {
  events.addEventListener("key-wanted", (event) => {
    const reason = event.detail ? "The server refuses that key. Another one?" : "This server answers with an API key only.";
    byId("key-reason").textContent = reason;
    byId("foot").hidden = true; // a link brings no key
    const shown = !byId("key-form").hidden;
    byId("key-form").hidden = false;
    tell(byId("key-status"), reason);
    if (!shown && document.activeElement === document.body) byId("key").focus();
  });
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    tell(byId("key-status"), "");
    useKey(byId("key").value.trim());
    byId("key").value = "";
    meet();
  });
}

startKey();
startReading();
startModel();
startScoring();
startTabs();
meet();
