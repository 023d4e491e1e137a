/** The tab "Try it": the answer to a text while it is typed, and then what its words contribute. */

import { byId, counted, made, percent, tell, wellFormed } from "./dom.js";
import { examplesFor } from "./examples.js";
import { Newest, sentence } from "./newest.js";
import { askJson } from "./server.js";
import { notesOn, showWords, targetOf } from "./words.js";

/** Milliseconds: typing rests so long before it is asked; it is asked anyway after so long. */
const REST = 90;
const AT_LATEST = 300;
/** Milliseconds from an answer to the question for its words, and more for a long text, which costs the server more. */
const WORDS_REST = 350;
const WORDS_MOST = 1500;
const SETTLED = 1200;
const MOST_BARS = 6;

let model = null;
let told = 0;

const prediction = new Newest(
  async (text, signal) => (await askJson("/predict", { json: { inputs: [text] }, signal })).outputs[0],
  { shown: showReply, refused: (refusal, seconds) => tell(byId("reply-notice"), sentence(refusal, seconds)) },
);

const explanation = new Newest(
  (json, signal) => askJson("/explain", { json, signal }),
  {
    shown: showExplanation,
    refused: (refusal, seconds) => {
      byId("explained").hidden = false;
      byId("words").hidden = true;
      tell(byId("explained-notice"), sentence(refusal, seconds));
    },
  },
);

/** Listen to the text field. */
export function startReading() {
  byId("text").addEventListener("input", read);
  showExamples([]);
  if (byId("text").value) read();
}

/** Suit the tab to a model, as GET /model tells it, and ask again. */
export function readWith(summary) {
  model = summary;
  showExamples(summary.labels);
  read();
}

/** Ask for the text that stands in the field. */
export function read() {
  const text = wellFormed(byId("text").value);
  explanation.cancel();
  byId("coloured").setAttribute("aria-busy", "true");
  if (text.trim() === "") {
    prediction.cancel();
    clearTimeout(told);
    clear();
  } else {
    prediction.request(text, REST, AT_LATEST);
  }
}

function clear() {
  byId("reply").hidden = true;
  byId("reply-empty").hidden = false;
  byId("explained").hidden = true;
  tell(byId("reply-notice"), "");
  tell(byId("explained-notice"), "");
}

function showReply(output, text) {
  const ranked = Object.entries(output.probabilities).sort((one, other) => other[1] - one[1]);
  const [label, probability] = ranked[0];
  byId("probability").textContent = percent(probability);
  byId("label").textContent = label;
  const few = ranked.length <= MOST_BARS;
  showBars(few ? Object.entries(output.probabilities) : ranked.slice(0, MOST_BARS), label);
  const rest = ranked.slice(MOST_BARS);
  const share = rest.reduce((sum, entry) => sum + entry[1], 0);
  tell(byId("others"), few ? "" : `${counted(rest.length)} more labels share ${percent(share)} %.`);
  byId("reply-empty").hidden = true;
  byId("reply").hidden = false;
  tell(byId("reply-notice"), output.tokens === 0 ? "The text has no words for the model to read." : "");
  clearTimeout(told);
  told = setTimeout(() => (byId("reply-status").textContent = `${label}, ${percent(probability)} %.`), SETTLED);
  const wait = Math.min(WORDS_MOST, WORDS_REST + text.length / 10);
  explanation.request({ input: text, target: targetOf(output.probabilities) }, wait);
}

/** Fill the bars, and use again those that are there, so that they move. */
function showBars(entries, label) {
  const bars = byId("bars");
  while (bars.children.length > entries.length) bars.lastElementChild.remove();
  while (bars.children.length < entries.length) {
    const track = made("div", "track", made("span"));
    track.setAttribute("aria-hidden", "true");
    bars.append(made("li", "", made("bdi"), made("span", "share"), track));
  }
  entries.forEach(([name, probability], place) => {
    const bar = bars.children[place];
    bar.classList.toggle("first", name === label);
    bar.querySelector("bdi").textContent = name;
    bar.querySelector(".share").textContent = `${percent(probability)} %`;
    bar.querySelector(".track span").style.setProperty("--p", probability.toFixed(4));
  });
}

function showExplanation(answer) {
  showWords(answer);
  byId("coloured").removeAttribute("aria-busy");
  byId("explained").hidden = byId("words").hidden = false;
  tell(byId("explained-notice"), notesOn(answer, model));
}

function showExamples(labels) {
  const buttons = examplesFor(labels).map(([name, text]) => {
    const button = made("button", "", name);
    button.type = "button";
    button.addEventListener("click", () => {
      byId("text").value = text;
      read();
    });
    return button;
  });
  const group = byId("examples-title").parentElement;
  group.replaceChildren(byId("examples-title"), ...buttons);
}
