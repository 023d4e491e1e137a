/** A table that somebody chose: CSV, TSV or JSON lines, read whole into memory and checked. */

import { records } from "./csv.js";
import { formatBytes, formatNumber } from "./dom.js";

/** What is read here at most; larger files are for the command line. */
export const MOST_BYTES = 16 * 2 ** 20;
export const MOST_ROWS = 20_000;
const DELIMITERS = [",", "\t", ";", "|"];
const ELSEWHERE = "For a larger one there is `recurra predict` on the command line.";
const ACCEPTED = "A table is read as CSV, TSV or JSON lines, in UTF-8, with the names of its columns.";

/** Why a file cannot be answered, in words. */
export class FileFault extends Error {}

/** Return {columns: names, rows: [[cells: text, or null where there is none]]} of a File. Throws FileFault. */
export async function readTable(file) {
  if (file.size > MOST_BYTES) {
    throw new FileFault(`The file has ${formatBytes(file.size)}; at most ${formatBytes(MOST_BYTES)} are read here. ${ELSEWHERE}`);
  }
  const text = decoded(await bytesOf(file));
  if (text.trim() === "") throw new FileFault(`The file is empty. ${ACCEPTED}`);
  const table = /\.(jsonl|ndjson)$/i.test(file.name) || text.trimStart().startsWith("{") ? ofLines(text) : ofRecords(text, file.name);
  if (table.rows.length === 0) throw new FileFault(`The file has a header and no rows. ${ACCEPTED}`);
  if (table.rows.length > MOST_ROWS) {
    const counts = `${formatNumber(table.rows.length)} rows; at most ${formatNumber(MOST_ROWS)} are answered here`;
    throw new FileFault(`The file has ${counts}. ${ELSEWHERE}`);
  }
  return table;
}

async function bytesOf(file) {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new FileFault("The file cannot be read. Choose it again; a folder is not read.");
  }
}

function decoded(bytes) {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new FileFault("The file is in UTF-16. Save it in UTF-8: a spreadsheet calls that “CSV UTF-8”.");
  }
  const beginning = String.fromCharCode(...bytes.slice(0, 4));
  if (beginning.startsWith("PK") || beginning === "PAR1" || bytes.includes(0)) {
    throw new FileFault(`The file is a workbook, an archive or another file that is not text. ${ACCEPTED}`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new FileFault("The file is not in UTF-8. Save it in UTF-8: a spreadsheet calls that “CSV UTF-8”.");
  }
}

function ofRecords(text, name) {
  const [columns, ...rows] = records(text, true, delimiterOf(text, name));
  const twice = columns.find((column, index) => columns.indexOf(column) < index);
  if (twice !== undefined) throw new FileFault(`Two columns are named “${twice}”. Give each a name of its own.`);
  const uneven = rows.findIndex((row) => row.length !== columns.length);
  if (uneven >= 0) {
    const found = `Row ${formatNumber(uneven + 1)} after the header has ${formatNumber(rows[uneven].length)} fields, and the header`;
    throw new FileFault(`${found} ${formatNumber(columns.length)}. Put quotes around fields that hold the delimiter or a line end.`);
  }
  return { columns, rows };
}

/** Return what stands between the fields: of a .tsv a tab, else what the header has most of. */
function delimiterOf(text, name) {
  if (/\.(tsv|tab)$/i.test(name)) return "\t";
  const fields = DELIMITERS.map((delimiter) => records(text.slice(0, 2 ** 16), true, delimiter)[0].length);
  return DELIMITERS[fields.indexOf(Math.max(...fields))];
}

function ofLines(text) {
  const objects = [];
  text.split("\n").forEach((line, index) => {
    if (line.trim() !== "") objects.push(objectOf(line, index + 1));
  });
  const columns = [...new Set(objects.flatMap(Object.keys))];
  return { columns, rows: objects.map((object) => columns.map((column) => cellOf(object[column]))) };
}

function objectOf(line, number) {
  let value;
  try {
    value = JSON.parse(line);
  } catch {
    throw new FileFault(`Line ${formatNumber(number)} is not JSON. Each line of JSON lines is an object, such as {"text": "…"}.`);
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new FileFault(`Line ${formatNumber(number)} is not an object. Each line of JSON lines is one, such as {"text": "…"}.`);
  }
  return value;
}

function cellOf(value) {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
