/** The tab "Many texts": a table that is chosen or dropped is answered row by row, shown with all numbers, and saved. */

import { answersTo } from "./answer_rows.js";
import { showTab } from "./app.js";
import { beginTable, showTable, startTable } from "./batch_table.js";
import { csvOf, freeNames, sixDigits } from "./csv_writer.js";
import { byId, createElement, formatBytes, formatNumber, setText } from "./dom.js";
import { RequestError } from "./server.js";
import { FileFault, readTable } from "./table_file.js";
import { namesRead, proposedText, rowReader, textShown } from "./table_rows.js";

/** Milliseconds between two drawings of the table while it grows. */
const REDRAW = 400;

let model = null;
let columnsOf = null;
let table = null;
let name = "";
/** The file that was chosen last; one that is still being read when another is chosen counts no more. */
let latest = null;
let running = null;
let link = null;

/**
 * Listen to files. columns(model): of the answers, in the order in which they are saved; each has the name of its column, its
 * kind (text, percent, number or flag) and value(output), and where the table shows it a title and, of a number, shown(value).
 */
export function startBatch(columns) {
  columnsOf = columns;
  startTable();
  const drop = byId("batch-drop");
  byId("batch-file").addEventListener("change", () => choose(byId("batch-file").files[0]));
  byId("batch-form").addEventListener("submit", (event) => {
    event.preventDefault();
    answer();
  });
  byId("batch-stop").addEventListener("click", () => running?.abort());
  // Anywhere on the page: a file that misses the field would replace it.
  for (const kind of ["dragover", "dragleave", "drop"]) {
    window.addEventListener(kind, (event) => {
      const file = event.dataTransfer?.types.includes("Files") && !takenElsewhere();
      drop.classList.toggle("over", file && kind === "dragover");
      if (!file || kind === "dragleave") return;
      event.preventDefault();
      if (kind === "drop") {
        showTab("batch");
        choose(event.dataTransfer.files[0]);
      }
    });
  }
}

/** Adapt the tab to a model, as GET /model describes it. */
export function batchWith(summary) {
  model = summary;
  const names = namesRead(summary);
  setText(byId("batch-reads"), names.length === 0 ? "" : `The model reads the columns ${names.join(", ")}.`);
}

/** Return whether another tab that takes files is open. */
function takenElsewhere() {
  const other = byId("score");
  return other !== null && !other.hidden;
}

async function choose(file) {
  if (!file) return;
  running?.abort();
  latest = file;
  [table, name] = [null, file.name];
  byId("batch-name").textContent = file.name;
  byId("batch-size").textContent = formatBytes(file.size);
  byId("batch-chosen").hidden = false;
  byId("batch-form").hidden = byId("batch-answered").hidden = true;
  setText(byId("batch-notice"), "");
  try {
    const read = await readTable(file);
    if (latest !== file) return;
    if (model === null) throw new FileFault("The server has not said yet what the model reads. Choose the file again in a moment.");
    if (namesRead(model).length > 0) rowReader(model, read, null);
    table = read;
    showForm();
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    if (latest === file) setText(byId("batch-notice"), error.message);
  }
}

/** Ask for the column of texts, unless the model names those that it reads. */
function showForm() {
  const named = namesRead(model).length > 0;
  const proposed = proposedText(table);
  const options = table.columns.map((column, index) => {
    const option = createElement("option", "", column || `(column ${index + 1}, without a name)`);
    option.value = String(index);
    return option;
  });
  if (proposed < 0) options.unshift(Object.assign(createElement("option", "", "Choose a column"), { value: "" }));
  const select = byId("batch-column");
  select.replaceChildren(...options);
  select.required = !named;
  select.value = proposed < 0 ? "" : String(proposed);
  byId("batch-which").hidden = select.hidden = named;
  byId("batch-form").hidden = false;
  setText(byId("batch-status"), `${rowsOf(table.rows.length)} in ${name}.`);
}

function rowsOf(count) {
  return `${formatNumber(count)} row${count === 1 ? "" : "s"}`;
}

/** Answer the rows of the table, and show them as they come. */
async function answer() {
  running?.abort();
  const own = (running = new AbortController());
  const [columns, source, from] = [columnsOf(model), table, name];
  const read = rowReader(model, source, Number(byId("batch-column").value));
  const given = source.rows.map(read);
  const rows = given.map((row, index) => ({ number: index + 1, text: textShown(row), ...unread(columns, row) }));
  let redrawn = performance.now();
  let end = "";
  setText(byId("batch-notice"), "");
  byId("batch-send").disabled = true;
  byId("batch-answered").hidden = byId("batch-progress-card").hidden = false;
  byId("batch-save").hidden = true;
  beginTable(columns, rows);
  progress(rows, from);
  byId("batch-stop").focus({ preventScroll: true });
  try {
    for await (const part of answersTo(given, model.limits, own.signal)) {
      for (const { index, output, error } of part) Object.assign(rows[index], outcome(columns, output, error));
      progress(rows, from);
      if (performance.now() - redrawn < REDRAW) continue;
      showTable();
      redrawn = performance.now();
    }
  } catch (error) {
    if (!(error instanceof RequestError || error instanceof FileFault) && !own.signal.aborted) throw error;
    end = own.signal.aborted ? "Stopped." : error.message;
  }
  if (running === own) finish(columns, source, rows, from, end);
}

/** Return the answer to a row that is not sent: none where it has no text, and none yet elsewhere. */
function unread(columns, row) {
  const values = row === null ? columns.map(({ kind }) => (kind === "flag" ? false : null)) : null;
  return { values, known: row !== null, error: null };
}

/** Return the values of an answer; like a file from the command line it has no answer where nothing known was read. */
function outcome(columns, output, error) {
  if (error !== null) return { values: null, known: true, error };
  const known = !output.nothing_known;
  const values = columns.map(({ kind, value }) => (known || kind === "flag" ? value(output) : null));
  if (values.includes(undefined)) throw new FileFault("The model was replaced meanwhile. Choose the file again.");
  return { values, known, error: null };
}

function done(rows) {
  return rows.filter((row) => row.values !== null || row.error !== null).length;
}

function progress(rows, from) {
  byId("batch-progress").max = rows.length;
  byId("batch-progress").value = done(rows);
  setText(byId("batch-label"), `${formatNumber(done(rows))} of ${rowsOf(rows.length)}`);
  byId("batch-title").textContent = from;
}

function finish(columns, source, rows, from, end) {
  running = null;
  const focused = byId("batch-progress-card").contains(document.activeElement);
  byId("batch-send").disabled = false;
  byId("batch-progress-card").hidden = true;
  showTable();
  const refused = rows.filter((row) => row.error !== null).length;
  const answered = done(rows) - refused;
  const told = `${formatNumber(answered)} of ${rowsOf(rows.length)} ${rows.length === 1 ? "is" : "are"} answered.`;
  const why = refused > 0 ? `${rowsOf(refused)} ${refused === 1 ? "is" : "are"} refused; the table says why.` : "";
  setText(byId("batch-notice"), [end, end || why ? told : "", why].filter(Boolean).join(" "));
  setText(byId("batch-status"), told);
  byId("batch-title").textContent = answered === rows.length ? `${from}: ${rowsOf(rows.length)} answered` : `${from}: ${told}`;
  save(columns, source, rows, from);
  if (focused) byId("batch-answered").focus({ preventScroll: true });
}

/** Offer the whole table as a CSV, with the answers behind its columns. */
function save(columns, source, rows, from) {
  if (link) URL.revokeObjectURL(link);
  const faulty = rows.some((row) => row.error !== null);
  const names = freeNames([...columns.map((column) => column.name), ...(faulty ? ["error"] : [])], source.columns);
  const records = rows.map((row, index) => {
    const answers = columns.map((column, place) => cellOf(column, row.values?.[place] ?? null));
    return [...source.rows[index], ...answers, ...(faulty ? [row.error] : [])];
  });
  link = URL.createObjectURL(new Blob([csvOf([[...source.columns, ...names], ...records])], { type: "text/csv" }));
  byId("batch-save").href = link;
  byId("batch-save").download = `${from.replace(/\.[^.]*$/, "")}-answered.csv`;
  byId("batch-save").hidden = false;
}

function cellOf({ kind, saved }, value) {
  if (value === null) return "";
  if (kind === "flag") return value ? "True" : "False";
  return kind === "text" ? (saved ?? String)(value) : sixDigits(value);
}
