/** The tab "Recordings": files go up one after the other, and come back as text. */

import { byId, formatBytes, formatNumber, setText } from "./dom.js";
import { credentials, errorOf, unreachable } from "./server.js";
import { addCard, failedCard, transcriptCard } from "./transcript.js";

const waiting = [];
let sending = null;
let done = 0;
let most = Infinity;

/** Listen to the file field and to files that are dropped. */
export function startRecordings() {
  const drop = byId("drop");
  const field = byId("files");
  field.addEventListener("change", () => {
    add([...field.files]);
    field.value = ""; // so that the same file can be chosen again
  });
  byId("stop").addEventListener("click", () => {
    waiting.length = 0;
    sending?.abort();
  });
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
    add([...event.dataTransfer.files]);
  });
}

/** Refuse files of more bytes than the server takes, before they are sent. */
export function limitFiles(bytesAtMost) {
  most = bytesAtMost;
}

function add(files) {
  setText(byId("recordings-notice"), "");
  waiting.push(...files);
  if (!sending) next();
}

/** Send the next file, if there is one. */
async function next() {
  const file = waiting.shift();
  if (!file) {
    byId("progress-card").hidden = true;
    done = 0;
    return;
  }
  if (file.size > most) {
    fail(file, `The file has ${formatBytes(file.size)}; at most ${formatBytes(most)} are accepted here. Send it in parts.`);
    return;
  }
  const request = (sending = new XMLHttpRequest());
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    sending = null;
    fail(file, "The file cannot be read. Choose it again; a folder cannot be sent.");
    return;
  }
  request.open("POST", "/transcribe");
  const headers = { ...credentials(), "Content-Type": "application/octet-stream" };
  for (const [header, value] of Object.entries(headers)) request.setRequestHeader(header, value);
  const place = `${formatNumber(done + 1)} of ${formatNumber(done + 1 + waiting.length)}`;
  const named = done + waiting.length ? `${file.name} (${place})` : file.name;
  request.upload.addEventListener("progress", (event) => progress(`Sending ${named}`, event.loaded / event.total));
  request.upload.addEventListener("load", () => progress(`Listening to ${named}`, null));
  request.addEventListener("load", () => finish(request, file));
  request.addEventListener("error", () => end(() => fail(file, unreachable().message)));
  request.addEventListener("abort", () => {
    end(next);
    setText(byId("recordings-notice"), "Stopped. Nothing is kept on the server.");
  });
  byId("progress-card").hidden = false;
  progress(`Sending ${named}`, null);
  request.send(file);
}

/** Show how far a step is, from 0 to 1, or null where that is not known. */
function progress(step, share) {
  const bar = byId("progress");
  if (share === null) bar.removeAttribute("value");
  else bar.value = share;
  setText(byId("progress-label"), step);
  setText(byId("recordings-status"), `${step}.`);
}

function finish(request, file) {
  end(() => {
    if (request.status !== 200) {
      fail(file, errorOf(request.status, request.responseText, request.getResponseHeader("Retry-After")).message);
      return;
    }
    const answer = JSON.parse(request.responseText);
    show(transcriptCard(file, file.name, answer));
    setText(byId("recordings-status"), `${file.name}: ${answer.text || "no word was understood"}`);
  });
}

function end(then) {
  sending = null;
  then();
}

function fail(file, message) {
  setText(byId("recordings-status"), `${file.name}: ${message}`);
  show(failedCard(file.name, message));
}

/** Put a card in front of the others, and go on with the next file. */
function show(card) {
  done += 1;
  addCard("transcripts", card);
  next();
}
