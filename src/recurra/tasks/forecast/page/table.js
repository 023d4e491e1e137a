/** From the text of a long table to series: one step a line, with its time, its value and covariates. */

const MISSING = new Set(["", "nan", "na", "n/a", "null", "none", "?"]);
const ID = "unique_id";
const TIMES = ["ds", "date", "datetime", "timestamp", "time", "period", "month", "quarter", "week", "day", "year", ""];
const TARGET = "y";
const MOST_NAMED = 8;

/** What is wrong with a text, for people. */
export class NoSeries extends Error {}

/**
 * Return the series of a text by name, in order: [{name, values, times, past, future, static}] as `/forecast` takes
 * them, `times` beside them; none for a text without lines. Throws NoSeries.
 *
 * covariates: {past, future, static}, the names that the model reads. columns: {id, time, target}, those that it was
 * trained on, which count where the first line has them. A first line that is no numbers has the names of
 * the columns; without one, a line is a value, or a time and a value. A series ends with its last value: lines after it
 * hold covariates of steps to come.
 */
export function seriesOf(text, covariates, columns = {}) {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/).map((line, index) => [line, index + 1]);
  const rows = lines.filter(([line]) => line.trim()).map(([line, number]) => [fieldsOf(line), number]);
  if (!rows.length) return [];
  const wanted = [...covariates.past, ...covariates.future, ...covariates.static];
  const head = rows[0][0];
  const named = head.every((field) => !isNumber(field) || field === "") && head.some((field) => !isTime(field));
  const places = named ? placesOf(head, wanted, columns) : placesWithout(head, wanted);
  const found = new Map();
  for (const [fields, number] of named ? rows.slice(1) : rows) {
    if (fields.length !== head.length) {
      throw new NoSeries(`Line ${number} has ${counted(fields.length)}, and the first line ${counted(head.length)}.`);
    }
    const name = places.id === -1 ? "" : fields[places.id];
    if (!found.has(name)) found.set(name, []);
    found.get(name).push({ fields, number });
  }
  return [...found].map(([name, steps]) => oneSeries(name, inOrder(steps, places.time), places, covariates));
}

function oneSeries(name, steps, places, { past, future, static: fixed }) {
  const values = steps.map(({ fields, number }) => valueOf(fields[places.target], number));
  const end = values.findLastIndex((value) => value !== null) + 1;
  const column = (names) => ({ fields, number }) => names.map((it) => valueOf(fields[places.others.get(it)], number));
  const series = { values: values.slice(0, end) };
  if (name) series.name = name;
  if (places.time !== -1 && end) series.times = steps.slice(0, future.length ? steps.length : end).map(({ fields }) => fields[places.time]);
  if (past.length) series.past = steps.slice(0, end).map(column(past));
  if (future.length) series.future = steps.map(column(future));
  if (fixed.length) series.static = column(fixed)(steps[0]);
  return { series, name, times: places.time === -1 ? null : steps.map(({ fields }) => fields[places.time]) };
}

/** Return steps in order of time where all times are dates or all are numbers; as they are otherwise. */
function inOrder(steps, time) {
  if (time === -1) return steps;
  const texts = steps.map(({ fields }) => fields[time]);
  const keys = texts.every((text) => text && isNumber(text)) ? texts.map(Number) : texts;
  const order = steps.map((_, place) => place).sort((one, other) => (keys[one] < keys[other] ? -1 : keys[one] > keys[other] ? 1 : 0));
  return order.map((place) => steps[place]);
}

/** Return the parts of a line: between tabs, semicolons or commas outside quotes, else between spaces. */
function fieldsOf(line) {
  const outside = line.replace(/"(?:[^"]|"")*"/g, "");
  const separator = ["\t", ";", ","].find((sign) => outside.includes(sign));
  if (!separator) return line.trim().split(/\s+/).map(unquoted);
  const parts = [""];
  let quoted = false;
  for (const sign of line) {
    if (sign === '"') quoted = !quoted;
    if (sign === separator && !quoted) parts.push("");
    else parts[parts.length - 1] += sign;
  }
  return parts.map(unquoted);
}

function unquoted(part) {
  return part.trim().replace(/^"(.*)"$/, "$1").replaceAll('""', '"');
}

function isNumber(field) {
  return MISSING.has(field.toLowerCase()) || Number.isFinite(Number(field));
}

function isTime(field) {
  return /^\d{4}-\d\d/.test(field);
}

/** Return a number, null for a missing one. Throws NoSeries for what is neither. */
function valueOf(field, line) {
  if (MISSING.has(field.toLowerCase())) return null;
  const number = Number(field);
  if (!Number.isFinite(number)) throw new NoSeries(`Line ${line} has “${field.slice(0, 20)}”, which is no number.`);
  return number;
}

/** Return which columns hold what, by the names of the first line. */
function placesOf(head, wanted, columns) {
  const plain = head.map((name) => name.toLowerCase());
  const missing = wanted.filter((name) => !head.includes(name));
  if (missing.length) throw new NoSeries(`The first line does not name ${listed(missing)}, which the model reads.`);
  const others = new Map(wanted.map((name) => [name, head.indexOf(name)]));
  const known = (name, usual) => (name && head.includes(name) ? head.indexOf(name) : usual);
  const id = known(columns.id, head.indexOf(ID));
  const time = known(columns.time, TIMES.map((name) => plain.indexOf(name)).find((place) => place !== -1) ?? -1);
  const free = head.map((_, place) => place).filter((place) => place !== id && place !== time && ![...others.values()].includes(place));
  const target = known(columns.target, head.includes(TARGET) ? head.indexOf(TARGET) : free.length === 1 ? free[0] : undefined);
  if (target === undefined && free.length) {
    throw new NoSeries(`It is not clear which column holds the values: ${listed(free.map((place) => head[place]))}. Call it y, and that of the series unique_id.`);
  }
  if (target === undefined) throw new NoSeries("No column holds the values. The first line may name them: unique_id, ds, y.");
  return { id, time, target, others };
}

function placesWithout(head, wanted) {
  if (wanted.length) throw new NoSeries(`The model reads ${listed(wanted)}: name the columns in a first line, as in ds, y, ${wanted[0]}.`);
  if (head.length > 2) throw new NoSeries(`Line 1 has ${counted(head.length)}; without names in a first line it is a value, or a time and a value.`);
  return { id: -1, time: head.length === 2 ? 0 : -1, target: head.length - 1, others: new Map() };
}

function listed(names) {
  const shown = names.slice(0, MOST_NAMED).join(", ");
  return names.length > MOST_NAMED ? `${shown} and ${names.length - MOST_NAMED} more` : shown;
}

function counted(count) {
  return `${count} field${count === 1 ? "" : "s"}`;
}
