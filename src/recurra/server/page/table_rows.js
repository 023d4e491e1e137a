/** The rows of a table as POST /predict takes them: a text, or an object of the columns that the model reads. */

import { likelyText } from "./csv.js";
import { wellFormed } from "./dom.js";
import { FileFault } from "./table_file.js";

const NUMBER = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*$/;

/** Return the names of the columns that a model reads; none where it reads one text, whatever its column is called. */
export function namesRead({ columns, features = [] }) {
  return [...columns, ...features.map(({ name }) => name)];
}

/** Return the place of the column of texts in a table, or -1 where somebody has to choose it. */
export function proposedText(table) {
  return likelyText(table.columns);
}

/**
 * Return row(cells): what to send of a row, null where it has no text. chosen: place of the column of texts, of a model that reads one.
 * Throws FileFault for a table without a column that the model reads.
 */
export function rowReader(model, table, chosen) {
  if (model.columns.length === 0) return (cells) => filled(cells[chosen]);
  const places = placesOf(namesRead(model), table.columns);
  const kinds = new Map((model.features ?? []).map(({ name, kind }) => [name, kind]));
  return (cells) => {
    const texts = model.columns.map((name) => [name, filled(cells[places.get(name)])]);
    if (texts.every(([, text]) => text === null)) return null;
    const beside = [...kinds].map(([name, kind]) => [name, featureOf(filled(cells[places.get(name)]), kind)]);
    return Object.fromEntries([...texts, ...beside]);
  };
}

/** Return what the table shows of a row, its texts one after the other. */
export function textShown(row) {
  if (row === null || typeof row === "string") return row ?? "";
  return Object.values(row).filter((cell) => cell !== null).join(" · ");
}

function placesOf(names, columns) {
  const plain = (name) => name.trim().toLowerCase();
  const places = new Map(
    names.map((name) => {
      const exact = columns.indexOf(name);
      const alike = columns.flatMap((column, index) => (plain(column) === plain(name) ? [index] : []));
      return [name, exact >= 0 ? exact : alike.length === 1 ? alike[0] : -1];
    }),
  );
  const missing = names.filter((name) => places.get(name) < 0);
  if (missing.length > 0) {
    const wanted = missing.length === 1 ? `The file has no column ${quoted(missing)}` : `The file lacks the columns ${quoted(missing)}`;
    throw new FileFault(`${wanted}. The model reads ${quoted(names)}; the file has ${quoted(columns)}. Rename its columns.`);
  }
  return places;
}

/** Return a cell of a column beside the text; what is no number counts as missing where numbers are read. */
function featureOf(text, kind) {
  if (text === null || kind !== "number") return text;
  return NUMBER.test(text) ? Number(text) : null;
}

function filled(cell) {
  return cell === null || cell === undefined || cell.trim() === "" ? null : wellFormed(cell);
}

function quoted(names) {
  return names.map((name) => `“${name}”`).join(", ");
}
