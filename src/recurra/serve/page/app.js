/** The page of a server: its tabs, its heading, and the API key where the server wants one. */

import { byId, counted, percent, tell } from "./dom.js";
import { showFacts, startModel, watchModel } from "./model.js";
import { readWith, startReading } from "./reading.js";
import { limitFiles, startScoring } from "./scoring.js";
import { Refusal, askJson, events, useKey } from "./server.js";

const tabs = [...document.querySelectorAll("[role=tab]")];
const MOVES = {
  ArrowRight: (tab) => tabs[(tabs.indexOf(tab) + 1) % tabs.length],
  ArrowLeft: (tab) => tabs.at(tabs.indexOf(tab) - 1),
  Home: () => tabs[0],
  End: () => tabs.at(-1),
};
/** As the server has it. */
const KEY = /^[\x21-\x7e]+$/;
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
  history.replaceState(null, "", `#/${name}`);
  watchModel(name === "model");
}

function startTabs() {
  for (const tab of tabs) {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", (event) => {
      if (!(event.key in MOVES) || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      choose(MOVES[event.key](tab), { focus: true });
    });
  }
  const named = tabs.find((tab) => `#/${tab.getAttribute("aria-controls")}` === location.hash);
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
  const few = [labels.slice(0, -1).join(", "), labels.at(-1)].join(" or ");
  const said = labels.length <= 4 ? few : `one of ${counted(labels.length)} labels`;
  const { accuracy } = metrics;
  const judged = accuracy === undefined ? "" : ` Right about ${percent(accuracy)} % of texts that it had not seen.`;
  byId("lead").textContent = `Says of a text: ${said}.${judged}`;
}

function startKey() {
  events.addEventListener("key-wanted", (event) => {
    byId("foot").hidden = true; // a link brings no key
    const shown = !byId("key-form").hidden;
    byId("key-form").hidden = false;
    wantKey(event.detail ? "The server refuses that key. Another one?" : "This server answers with an API key only.");
    if (!shown && document.activeElement === document.body) byId("key").focus();
  });
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    tell(byId("key-status"), "");
    const key = byId("key").value.trim();
    byId("key").value = "";
    if (!KEY.test(key)) {
      wantKey("A key has plain letters, digits and signs only, and no spaces.");
      return;
    }
    useKey(key);
    meet();
  });
}

function wantKey(reason) {
  byId("key-reason").textContent = reason;
  tell(byId("key-status"), reason);
}

startKey();
startReading();
startModel();
startScoring();
startTabs();
meet();
