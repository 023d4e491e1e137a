/** The tab "Score a file": a CSV goes up, and comes back with the answers. */

import { countRecords, likelyText, records } from "./csv.js";
import { byId, formatBytes, formatNumber, createElement, formatPercent, setText } from "./dom.js";
import { unreachable, credentials, errorOf } from "./server.js";

/** Of a file's beginning, enough for its header and some rows. */
const HEAD_BYTES = 65536;
const SHOWN_ROWS = 5;
const SAMPLES = 3;
/** Bytes that an answer adds to a row, about. */
const ADDED_BYTES = 24;
/** Columns that the server adds behind the others: label, probability, cut or not. */
const ADDED = 3;

let file = null;
let columns = [];
let rowBytes = 100;
let sending = null;
let link = null;
let most = Infinity;

/** Listen to the file field and to files that are dropped. */
export function startScoring() {
  const drop = byId("drop");
  byId("file").addEventListener("change", () => choose(byId("file").files[0]));
  byId("column").addEventListener("change", showSample);
  byId("score-form").addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  byId("cancel").addEventListener("click", () => sending?.abort());
  // A file that misses the field would replace the page.
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (event) => {
      if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
    });
  }
  drop.addEventListener("dragover", () => drop.classList.add("over"));
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    drop.classList.remove("over");
    choose(event.dataTransfer.files[0]);
  });
}

/** Refuse files of more bytes than the server takes, before they are sent. */
export function limitFiles(bytesAtMost) {
  most = bytesAtMost;
}

async function choose(chosen) {
  if (!chosen) return;
  sending?.abort();
  file = chosen;
  byId("file-name").textContent = file.name;
  byId("file-size").textContent = formatBytes(file.size);
  byId("chosen").hidden = false;
  byId("scored").hidden = byId("score-form").hidden = true;
  setText(byId("score-notice"), "");
  if (file.size > most) {
    const sizes = `The file has ${formatBytes(file.size)}; at most ${formatBytes(most)} are accepted here.`;
    setText(byId("score-notice"), `${sizes} Send it in several parts.`);
    return;
  }
  const whole = file.size <= HEAD_BYTES;
  let head;
  try {
    head = records(await file.slice(0, HEAD_BYTES).text(), whole);
  } catch {
    setText(byId("score-notice"), "The file cannot be read. Choose it again; a folder cannot be sent.");
    return;
  }
  if (head.length === 0) {
    const fault = whole ? "The file is empty." : `The file has no header within its first ${formatBytes(HEAD_BYTES)}.`;
    setText(byId("score-notice"), fault);
    return;
  }
  rowBytes = Math.max(1, Math.min(file.size, HEAD_BYTES) / head.length);
  columns = head;
  showColumns();
}

function showColumns() {
  const [names] = columns;
  const likely = likelyText(names);
  const options = names.map((name, index) => {
    const option = createElement("option", "", name || `(column ${index + 1}, without a name)`);
    option.value = String(index);
    option.disabled = name === "";
    return option;
  });
  if (likely < 0) {
    const none = createElement("option", "", "Choose a column");
    none.value = "";
    options.unshift(none);
  }
  byId("column").replaceChildren(...options);
  byId("column").required = true;
  byId("column").value = likely < 0 ? "" : String(likely);
  byId("score-form").hidden = false;
  showSample();
  if (names.length === 1 && /[;\t|]/.test(names[0])) {
    const header = "The header is one column. The server expects commas between fields;";
    setText(byId("score-notice"), `${header} save the file that way if it uses others.`);
  }
}

function showSample() {
  const index = byId("column").value;
  const texts = index === "" ? [] : columns.slice(1, 1 + SAMPLES).map((record) => record[Number(index)] ?? "");
  byId("sample").replaceChildren(...texts.map((text) => createElement("li", "", shorten(text))));
  byId("sample").hidden = byId("sample-title").hidden = texts.length === 0;
}

function shorten(text) {
  const element = createElement("span", "clipped", text.length > 300 ? `${text.slice(0, 300)}…` : text);
  element.dir = "auto";
  return element;
}

/** Send the file; the browser reads it from the disk as it goes, and keeps the answer as a Blob. */
function send() {
  const chosen = Number(byId("column").value);
  const request = (sending = new XMLHttpRequest());
  const name = columns[0][chosen];
  request.open("POST", `/score?text=${encodeURIComponent(name)}`);
  request.responseType = "blob";
  const headers = { ...credentials(), "Content-Type": "text/csv" };
  for (const [header, value] of Object.entries(headers)) request.setRequestHeader(header, value);
  request.upload.addEventListener("progress", (event) => progress("Sending", event.loaded / event.total));
  request.upload.addEventListener("load", () => progress("Reading", null));
  request.addEventListener("progress", (event) => {
    if (request.status === 200) progress("Scoring", event.loaded / (file.size * (1 + ADDED_BYTES / rowBytes)));
  });
  const sent = file;
  request.addEventListener("load", () => finish(request, sent, chosen));
  request.addEventListener("error", () => {
    const begun = request.status === 200;
    end(begun ? "The response was interrupted. Score the file again." : `${unreachable().message} Score the file again when it does.`);
  });
  request.addEventListener("abort", () => end(sending === request ? "Stopped. Nothing is kept on the server." : ""));
  byId("scored").hidden = true;
  setText(byId("score-notice"), "");
  byId("send").disabled = true;
  byId("progress-card").hidden = false;
  progress("Sending", null);
  request.send(file);
}

/** Show how far a step is, from 0 to 1, or null where that is not known. */
function progress(step, share) {
  const bar = byId("progress");
  if (share === null) bar.removeAttribute("value");
  else bar.value = Math.min(step === "Scoring" ? 0.99 : 1, share);
  setText(byId("progress-label"), step);
  setText(byId("score-status"), `${step}.`);
}

function end(message) {
  sending = null;
  byId("send").disabled = false;
  byId("progress-card").hidden = true;
  setText(byId("score-status"), "");
  setText(byId("score-notice"), message);
}

async function finish(request, sent, chosen) {
  const answer = request.response;
  if (request.status !== 200) {
    end(errorOf(request.status, await answer.text(), request.getResponseHeader("Retry-After")).message);
    return;
  }
  end("");
  if (link) URL.revokeObjectURL(link);
  link = URL.createObjectURL(answer);
  const download = byId("download");
  download.href = link;
  download.download = `${sent.name.replace(/\.csv$/i, "")}-scored.csv`;
  const [count, head] = await Promise.all([countRecords(answer), answer.slice(0, HEAD_BYTES).text()]);
  if (file !== sent) return;
  const rows = count - 1;
  byId("scored-title").textContent = rows === 1 ? "1 row is scored" : `${formatNumber(rows)} rows are scored`;
  showRows(records(head, answer.size <= HEAD_BYTES).slice(1, 1 + SHOWN_ROWS), chosen);
  byId("scored").hidden = false;
  byId("scored").focus({ preventScroll: true });
  setText(byId("score-status"), `${formatNumber(rows)} rows are scored.`);
}

function showRows(rows, chosen) {
  const shown = rows.map((row) => {
    const [label, probability] = row.slice(-ADDED);
    return createElement(
      "tr",
      "",
      createElement("td", "", shorten(row[chosen])),
      createElement("td", "", createElement("bdi", "", label)),
      createElement("td", "number", probability === "" ? "nothing known" : `${formatPercent(Number(probability))} %`),
    );
  });
  byId("scored-rows").replaceChildren(...shown);
}
