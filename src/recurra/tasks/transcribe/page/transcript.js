/** The card of one recording: its words, which play when they are clicked, and files to save. */

import { byId, createElement, formatNumber, formatPercent, setText } from "./dom.js";
import { RequestError, credentials, errorOf, unreachable } from "./server.js";

/** Formats of subtitles, and the types of their files. */
const SUBTITLES = { srt: "text/plain", vtt: "text/vtt" };
const links = new WeakMap();

/** Return a time for people: 3.4 s, or 1:02. */
export function formatTime(seconds) {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Return the card of a recording. sound: a Blob with it; name: of it; answer: what the server says of it. */
export function transcriptCard(sound, name, answer) {
  const audio = createElement("audio");
  audio.controls = true;
  audio.preload = "metadata";
  audio.src = URL.createObjectURL(sound);
  audio.setAttribute("aria-label", `Play ${name}`);
  const notice = createElement("p", "notice");
  notice.setAttribute("role", "status");
  const card = createElement(
    "section",
    "card transcript",
    createElement("h3", "", createElement("bdi", "", name)),
    createElement("p", "small quiet", summary(answer)),
    audio,
    words(answer.words, audio, notice, name),
    saving(sound, name, answer, notice),
    notice,
  );
  links.set(card, audio.src);
  card.setAttribute("aria-label", name);
  return card;
}

/** Return the card of a recording that could not be written down. */
export function failedCard(name, message) {
  const card = createElement(
    "section",
    "card transcript",
    createElement("h3", "", createElement("bdi", "", name)),
    createElement("p", "notice", message),
  );
  card.setAttribute("aria-label", name);
  return card;
}

/** Take a card off the page, and its sound out of memory. */
export function removeCard(card) {
  if (links.has(card)) URL.revokeObjectURL(links.get(card));
  card.remove();
}

function summary({ seconds, words: spoken, confidence }) {
  const count = `${formatNumber(spoken.length)} word${spoken.length === 1 ? "" : "s"}`;
  const sure = confidence === null ? "" : `, ${formatPercent(confidence)} % sure on average`;
  return `${formatTime(seconds)}, ${count}${sure}`;
}

/** Return the words as buttons, of which one is in the tab order; the arrow keys lead to the others. */
function words(spoken, audio, notice, name) {
  if (spoken.length === 0) return createElement("p", "quiet", "No word was understood.");
  const buttons = spoken.map((word, index) => {
    const button = createElement("button", "sure", createElement("bdi", "", word.text));
    button.type = "button";
    button.tabIndex = index ? -1 : 0;
    button.style.setProperty("--s", (1 - word.confidence).toFixed(3));
    button.title = `${formatPercent(word.confidence)} % sure, from ${word.start.toFixed(2)} to ${word.end.toFixed(2)} s`;
    button.addEventListener("click", () => play(audio, word.start, notice));
    return button;
  });
  const line = createElement("p", "text heard", ...buttons.flatMap((button) => [button, " "]));
  line.dir = "auto";
  line.setAttribute("role", "group");
  line.setAttribute("aria-label", `Words of ${name}`);
  line.addEventListener("keydown", (event) => move(event, buttons));
  line.addEventListener("focusin", (event) => {
    for (const button of buttons) button.tabIndex = button === event.target ? 0 : -1;
  });
  audio.addEventListener("timeupdate", () => {
    spoken.forEach((word, index) => {
      const now = !audio.paused && word.start <= audio.currentTime && audio.currentTime < word.end;
      buttons[index].classList.toggle("now", now);
    });
  });
  return line;
}

function move(event, buttons) {
  const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
  if (!(event.key in steps) || event.ctrlKey || event.altKey || event.metaKey) return;
  const next = buttons[buttons.indexOf(document.activeElement) + steps[event.key]];
  event.preventDefault();
  next?.focus();
}

async function play(audio, start, notice) {
  setText(notice, "");
  try {
    audio.currentTime = start;
    await audio.play();
  } catch (error) {
    if (error.name !== "AbortError") setText(notice, "This browser cannot play the recording.");
  }
}

/** Return the row of buttons that save the transcript. */
function saving(sound, name, answer, notice) {
  const stem = name.replace(/\.[^.]*$/, "");
  const json = createElement("button", "", "JSON");
  json.addEventListener("click", () => {
    const { model, text, confidence, seconds, words: spoken } = answer;
    const content = JSON.stringify({ file: name, model, text, confidence, seconds, words: spoken }, null, 1);
    save(new Blob([`${content}\n`], { type: "application/json" }), `${stem}.json`);
  });
  const subtitles = Object.entries(SUBTITLES).map(([form, type]) => {
    const button = createElement("button", "", form.toUpperCase());
    button.addEventListener("click", async () => {
      button.disabled = true;
      setText(notice, "");
      try {
        save(new Blob([await fetchSubtitles(sound, form)], { type }), `${stem}.${form}`);
      } catch (error) {
        if (!(error instanceof RequestError)) throw error;
        setText(notice, error.message);
      } finally {
        button.disabled = false;
      }
    });
    return button;
  });
  const buttons = [...subtitles, json];
  for (const button of buttons) {
    button.type = "button";
    button.setAttribute("aria-label", `Save ${name} as ${button.textContent}`);
  }
  return createElement("div", "row saving", createElement("span", "small quiet", "Save as"), ...buttons);
}

/** Return the subtitles of a recording; the server writes it down again for them. */
async function fetchSubtitles(sound, form) {
  let response;
  try {
    const headers = { ...credentials(), "Content-Type": "application/octet-stream" };
    response = await fetch(`/transcribe?subtitles=${form}`, { method: "POST", body: sound, headers, cache: "no-store" });
  } catch {
    throw unreachable();
  }
  const content = await response.text();
  if (response.ok) return content;
  throw errorOf(response.status, content, response.headers.get("Retry-After"));
}

function save(blob, name) {
  const link = createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Put a card in front of the others of a list, and show what the shades mean once there are some. */
export function addCard(list, card) {
  byId(list).prepend(card);
  if (card.querySelector(".heard")) byId(`${list}-legend`).hidden = false;
}
