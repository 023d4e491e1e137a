/** The page of a server, whatever its model does: its tabs, its heading, and the API key where the server wants one. */

import { byId, tell } from "./dom.js";
import { showFacts, startModel, watchModel } from "./model.js";
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
async function meet(task) {
  try {
    const model = await askJson("/model");
    tries = 0;
    byId("key-form").hidden = true;
    document.title = `${model.name}: Recurra`;
    byId("name").textContent = model.name;
    byId("lead").textContent = task.lead(model);
    showFacts(model);
    task.meet(model);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 401) return;
    byId("lead").textContent = error.message;
    if (error.retry !== null) setTimeout(() => meet(task), 1000 * Math.max(error.retry, Math.min(LONGEST_PAUSE, 2 ** tries++)));
  }
}

function startKey(task) {
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
    meet(task);
  });
}

function wantKey(reason) {
  byId("key-reason").textContent = reason;
  tell(byId("key-status"), reason);
}

/**
 * Begin. task: what the page of a task brings: start() listens to its tabs, meet(model) suits them to what GET /model
 * tells, lead(model) says in a sentence what the model does, network(model) and facts(model) describe it, and `figure`
 * is the tile of its own among the figures.
 */
export function startPage(task) {
  startKey(task);
  task.start();
  startModel(task);
  startTabs();
  meet(task);
}
