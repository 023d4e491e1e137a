/** Tables of delimited text: their records, and which column is likely to hold the text. */

/** The server's rule: the first name wins; of the others only one may be present. */
const TEXT_NAMES = (
  "text review reviews sentence comment content message body tweet utterance question document phrase post " +
  "review_text reviewtext comment_text full_text texts"
).split(" ");

/**
 * Return the records of the beginning of a table, quotes doubled within quotes. Blank lines are no records.
 * whole: whether `text` is all of the file; else its last record, which may be cut, is left out. delimiter: between fields.
 */
export function records(text, whole, delimiter = ",") {
  const table = [];
  let record = [];
  let field = "";
  let quoted = false;
  let begun = false;
  const endField = () => {
    record.push(field);
    [field, quoted, begun] = ["", false, false];
  };
  const endRecord = () => {
    if (record.length || field || begun) {
      endField();
      table.push(record);
    }
    record = [];
  };
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[index + 1] === '"') field += text[++index];
      else quoted = false;
    } else if (character === '"' && field === "" && !begun) quoted = begun = true;
    else if (character === delimiter) endField();
    else if (character === "\n" || character === "\r") {
      if (character === "\r" && text[index + 1] === "\n") index++;
      endRecord();
    } else field += character;
  }
  if (whole) endRecord();
  return table;
}

/** Return the index of the column that holds the text, or -1 where it is not obvious. */
export function likelyText(columns) {
  const plain = columns.map((name) => name.trim().toLowerCase().replaceAll(" ", "_"));
  const first = plain.indexOf(TEXT_NAMES[0]);
  if (first >= 0) return first;
  const others = plain.flatMap((name, index) => (TEXT_NAMES.includes(name) ? [index] : []));
  if (others.length === 1) return others[0];
  return columns.length === 1 ? 0 : -1;
}

/** Return how many records a CSV has, without reading it into memory at once. */
export async function countRecords(blob) {
  const reader = blob.stream().getReader();
  let [count, quoted, inRecord] = [0, false, false];
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    for (const byte of value) {
      if (byte === 0x22) quoted = !quoted;
      if (byte === 0x0a && !quoted) {
        count++;
        inRecord = false;
      } else inRecord = true;
    }
  }
  return count + Number(inRecord);
}
