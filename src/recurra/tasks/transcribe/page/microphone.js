/** The tab "Microphone": what is said goes to the server as it is said, and comes back as text. */

import { byId, setText } from "./dom.js";
import { RequestError, fetchJson, openSocket } from "./server.js";
import { addCard, formatTime, removeCard, transcriptCard } from "./transcript.js";
import { wavOf } from "./wav.js";

const KEPT = "What you say goes to this server and is not kept there.";
const NOT_HERE = "This browser gives this page no microphone. It does over HTTPS, and on the machine that the server runs on.";
/** What to say of an error of getUserMedia, by its name. */
const REFUSALS = {
  NotAllowedError: "The microphone was not allowed. Allow it for this page in the browser, and start again.",
  NotFoundError: "No microphone was found. Connect one and start again, or send a recording.",
  NotReadableError: "The microphone cannot be read; another program may be using it.",
};

/** The stream that is open; null where there is none. */
let current = null;
let count = 0;

/** Listen to the button. */
export function startMicrophone() {
  byId("listen").addEventListener("click", () => {
    if (current) current.end();
    else listen();
  });
}

/** Adapt the tab to a model, as GET /model describes it. */
export function listenWith({ streams }) {
  const again = "This model hears both ways, so its text so far may change until the end.";
  setText(byId("microphone-note"), streams ? KEPT : `${again} ${KEPT}`);
}

async function listen() {
  const button = byId("listen");
  button.disabled = true;
  setText(byId("microphone-notice"), "");
  try {
    current = await openStream();
    byId("clock").textContent = formatTime(0);
    byId("level").style.setProperty("--p", "0");
    button.textContent = "Stop";
    byId("meter").hidden = false;
    for (const card of [...byId("spoken").children]) removeCard(card);
    byId("spoken-legend").hidden = true;
    byId("hearing").hidden = false;
    show("", "");
    setText(byId("microphone-status"), "Listening.");
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    close(error.message);
  } finally {
    button.disabled = false;
  }
}

/** Open microphone and socket. Throws RequestError, with what to tell. */
async function openStream() {
  const microphone = await openMicrophone();
  const context = new AudioContext();
  const stop = () => {
    for (const track of microphone.getTracks()) track.stop();
    context.close();
  };
  try {
    await context.audioWorklet.addModule("/static/capture.js");
    await context.resume();
    const socket = await openedSocket();
    return new Stream(microphone, context, socket, stop);
  } catch (error) {
    stop();
    throw error;
  }
}

async function openMicrophone() {
  if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) throw new RequestError(0, NOT_HERE, null);
  try {
    const audio = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw new RequestError(0, REFUSALS[error.name] ?? `The microphone cannot be used: ${error.message}`, null);
  }
}

/** Return an open socket. A browser does not say why it has none, so the server is asked something else. */
async function openedSocket() {
  const socket = openSocket("/transcribe/stream");
  const opened = await new Promise((resolve) => {
    socket.addEventListener("open", () => resolve(true));
    socket.addEventListener("close", () => resolve(false));
  });
  if (opened) return socket;
  await fetchJson("/model");
  throw new RequestError(0, "The server takes no further stream now. Try again in a minute.", null);
}

/** One stream: the microphone's sound to the server, and the server's text onto the page. */
class Stream {
  #socket;
  #node;
  #stop;
  #rate;
  #sound = [];
  #samples = 0;

  constructor(microphone, context, socket, stop) {
    this.#socket = socket;
    this.#stop = stop;
    this.#rate = context.sampleRate;
    socket.send(JSON.stringify({ rate: context.sampleRate }));
    socket.addEventListener("message", (event) => this.#read(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      if (current === this) this.#close("The connection was lost. What was heard until then is below.");
    });
    this.#node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
    this.#node.port.onmessage = ({ data }) => this.#send(data);
    context.createMediaStreamSource(microphone).connect(this.#node);
  }

  /** Send what was said, and then ask for the whole. */
  end() {
    byId("listen").disabled = true;
    this.#node.port.postMessage("end");
  }

  #send(samples) {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (samples === null) {
      this.#socket.send(JSON.stringify({ end: true }));
      return;
    }
    this.#sound.push(samples);
    this.#samples += samples.length;
    this.#socket.send(samples);
    let peak = 0;
    for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
    byId("level").style.setProperty("--p", Math.sqrt(peak / 32768).toFixed(2));
    byId("clock").textContent = formatTime(this.#samples / this.#rate);
  }

  #read(message) {
    if (message.error) {
      this.#close(message.error.message);
    } else if (message.final) {
      this.#close("");
      const sound = wavOf(this.#sound, this.#rate);
      addCard("spoken", transcriptCard(sound, `speech-${++count}.wav`, message));
      byId("hearing").hidden = true; // the card has it all
      setText(byId("microphone-status"), `Heard: ${message.text || "no word"}`);
    } else {
      show(message.stable, message.changing);
    }
  }

  #close(notice) {
    current = null;
    this.#stop();
    this.#socket.close();
    close(notice);
  }
}

/** Show that nothing is listened to any more. */
function close(notice) {
  const button = byId("listen");
  button.disabled = false;
  button.textContent = "Start listening";
  byId("meter").hidden = true;
  setText(byId("microphone-notice"), notice);
  setText(byId("microphone-status"), "");
}

function show(stable, changing) {
  setText(byId("stable"), stable);
  setText(byId("changing"), stable && changing ? ` ${changing}` : changing);
  byId("said").hidden = !(stable || changing);
  byId("said-empty").hidden = Boolean(stable || changing);
}
