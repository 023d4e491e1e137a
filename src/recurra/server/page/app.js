/** What the pages of all tasks share: tabs, heading, and the form for an API key. */

import { byId, setText } from "./dom.js";
import { showFacts, startModel, watchModel } from "./model.js";
import { RequestError, fetchJson, events, useKey } from "./server.js";

const tabs = [...document.querySelectorAll("[role=tab]")];
const MOVES = {
  ArrowRight: (tab) => tabs[(tabs.indexOf(tab) + 1) % tabs.length],
  ArrowLeft: (tab) => tabs.at(tabs.indexOf(tab) - 1),
  Home: () => tabs[0],
  End: () => tabs.at(-1),
};
/** The keys that the server accepts: printable ASCII. */
const KEY = /^[\x21-\x7e]+$/;
const LONGEST_PAUSE = 10;

let tries = 0;

function choose(tab, { focus = false } = {}) {
  for (const other of tabs) {
    const selected = other === tab;
    other.setAttribute("aria-selected", String(selected));
    other.tabIndex = selected ? 0 : -1;
    byId(other.getAttribute("aria-controls")).hidden = !selected;
  }
  if (focus) tab.focus();
  const name = tab.getAttribute("aria-controls");
  history.replaceState(null, "", `#/${name}`);
  watchModel(name === "model");
}

/** Show the tab of a name. */
export function showTab(name) {
  choose(byId(`tab-${name}`));
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
  const linked = tabs.find((tab) => `#/${tab.getAttribute("aria-controls")}` === location.hash);
  if (linked) choose(linked);
}

/** Fetch what the model is, again and again until the server can answer. */
async function loadModel(task) {
  try {
    const model = await fetchJson("/model");
    tries = 0;
    byId("key-form").hidden = true;
    document.title = `${model.name}: Recurra`;
    byId("name").textContent = model.name;
    byId("lead").textContent = task.lead(model);
    showFacts(model);
    task.update(model);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (error.status === 401) return;
    byId("lead").textContent = error.message;
    if (error.retry !== null) setTimeout(() => loadModel(task), 1000 * Math.max(error.retry, Math.min(LONGEST_PAUSE, 2 ** tries++)));
  }
}

function startKey(task) {
  events.addEventListener("key-required", (event) => {
    byId("foot").hidden = true; // a link sends no key
    const shown = !byId("key-form").hidden;
    byId("key-form").hidden = false;
    requestKey(event.detail ? "The server rejected that key. Enter another one." : "This server requires an API key.");
    if (!shown && document.activeElement === document.body) byId("key").focus();
  });
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    setText(byId("key-status"), "");
    const key = byId("key").value.trim();
    byId("key").value = "";
    if (!KEY.test(key)) {
      requestKey("A key has ASCII letters, digits and punctuation only, and no spaces.");
      return;
    }
    useKey(key);
    loadModel(task);
  });
}

function requestKey(reason) {
  byId("key-reason").textContent = reason;
  setText(byId("key-status"), reason);
}

/**
 * Start the page. task: what a task's page has of its own: start() adds listeners to its tabs, update(model) adapts them
 * to the answer of GET /model, lead(model) describes the model in a sentence, network(model) and facts(model) in the tab
 * "The model"; `figure` is its own tile among the figures. routes: those whose requests are counted; timed: those of
 * them whose durations are shown (default: all).
 */
export function startPage(task) {
  startKey(task);
  task.start();
  startModel(task);
  startTabs();
  loadModel(task);
}
