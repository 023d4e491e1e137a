/** From the text of a table to a series: one step a line, with the values of its channels. */

const MISSING = new Set(["", "nan", "na", "n/a", "null", "none", "?"]);
const MOST_NAMED = 8;

/** What is wrong with a text, for people. */
export class NoSeries extends Error {}

/**
 * Return the steps of a series, null where a value is missing; none for a text without lines. Throws NoSeries.
 * channels: the model's. A first line that is no numbers has the names of the columns.
 */
export function seriesOf(text, channels) {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  while (lines.length && !lines.at(-1).trim()) lines.pop();
  let first = 0;
  while (first < lines.length && !lines[first].trim()) first++;
  if (first === lines.length) return [];
  const head = fields(lines[first]);
  const named = head.some((field) => valueOf(field) === undefined);
  const places = named ? placesOf(head, channels) : channels.map((_, place) => place);
  const begin = named ? first + 1 : first;
  const steps = lines.slice(begin).map((line, index) => [fields(line), begin + index + 1]);
  if (channels.length === 1 && !named && steps.length === 1) {
    return steps[0][0].map((field) => [checked(field, steps[0][1])]); // the only channel, in one line
  }
  return steps.map(([found, number]) => {
    if (found.length !== (named ? head.length : channels.length)) {
      const wanted = named ? `the first line names ${head.length}` : `the model reads ${listed(channels)}`;
      throw new NoSeries(`Line ${number} has ${counted(found.length)}; ${wanted}.`);
    }
    return places.map((place) => checked(found[place], number));
  });
}

/** Return the parts of a line: between tabs, semicolons or commas, whichever it has, else between spaces. */
function fields(line) {
  const separator = ["\t", ";", ","].find((sign) => line.includes(sign));
  const parts = separator ? line.split(separator) : line.trim().split(/\s+/);
  return parts.map((part) => part.trim().replace(/^"(.*)"$/, "$1"));
}

/** Return a number, null for a missing one, undefined for what is neither. */
function valueOf(field) {
  if (MISSING.has(field.toLowerCase())) return null;
  const number = Number(field);
  return Number.isFinite(number) ? number : undefined;
}

function checked(field, line) {
  const value = valueOf(field);
  if (value === undefined) throw new NoSeries(`Line ${line} has “${field.slice(0, 20)}”, which is no number.`);
  return value;
}

/** Return where each channel is among the names of the first line. */
function placesOf(head, channels) {
  const places = channels.map((name) => head.indexOf(name));
  if (!places.includes(-1)) return places;
  if (head.length === channels.length && places.every((place) => place === -1)) return channels.map((_, place) => place);
  const missing = channels.filter((name) => !head.includes(name));
  throw new NoSeries(`The first line does not name ${listed(missing)}. The model reads ${listed(channels)}.`);
}

function listed(names) {
  const shown = names.slice(0, MOST_NAMED).join(", ");
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown;
}

function counted(count) {
  return `${count} value${count === 1 ? "" : "s"}`;
}
