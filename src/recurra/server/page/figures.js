/** The server's metrics in Prometheus' text format, and how they changed in the last minute. */

const SAMPLES = 20;

/** Return [{name, labels, value}] of the lines of /metrics. */
export function parsed(text) {
  const lines = [];
  for (const line of text.split("\n")) {
    const match = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (!match) continue;
    const labels = {};
    for (const [, name, value] of (match[2] ?? "").matchAll(/\b(\w+)="((?:[^"\\]|\\.)*)"/g)) labels[name] = value;
    lines.push({ name: match[1], labels, value: Number(match[3]) });
  }
  return lines;
}

/**
 * Return the figures of one moment that the page shows. routes: those to count, the others being the page's own
 * requests; timed: those of them that take about equally long. buckets: [[upper bound in seconds, requests up to it]].
 */
export function snapshot(text, seconds, { routes, timed }) {
  const lines = parsed(text);
  const sum = (name, counts = () => true) =>
    lines.reduce((total, line) => (line.name === name && counts(line.labels) ? total + line.value : total), 0);
  const buckets = new Map();
  for (const { name, labels, value } of lines) {
    if (name !== "recurra_request_seconds_bucket" || !timed.includes(labels.route)) continue;
    const bound = labels.le === "+Inf" ? Infinity : Number(labels.le);
    buckets.set(bound, (buckets.get(bound) ?? 0) + value);
  }
  return {
    seconds,
    requests: sum("recurra_requests_total", ({ route }) => routes.includes(route)),
    dropped: sum("recurra_dropped_requests_total"),
    queue: sum("recurra_queue_requests"),
    runs: sum("recurra_batch_rows_count"),
    rows: sum("recurra_batch_rows_sum"),
    steps: sum("recurra_steps_total"),
    buckets: [...buckets].sort((one, other) => one[0] - other[0]),
  };
}

/** Return the seconds within which a share of the requests was answered, null without any; linear within a bucket. */
export function quantile(buckets, share) {
  const all = buckets.at(-1)?.[1] ?? 0;
  if (!all) return null;
  let [low, before] = [0, 0];
  for (const [bound, upTo] of buckets) {
    if (upTo >= share * all) {
      return bound === Infinity ? low : low + ((bound - low) * (share * all - before)) / (upTo - before || 1);
    }
    [low, before] = [bound, upTo];
  }
  return low;
}

/** The moments of about a minute. */
export class Minute {
  #moments = [];

  /** Note a moment; one in which counts went down is of a server that was started again, and the first. */
  add(moment) {
    if (this.#moments.length && moment.requests < this.#moments.at(-1).requests) this.#moments = [];
    this.#moments.push(moment);
    if (this.#moments.length > SAMPLES) this.#moments.shift();
  }

  /** Return what changed over the minute, or since the server's start where nothing did. */
  get recent() {
    const change = between(this.#moments[0], this.#moments.at(-1));
    return change.requests > 0 ? change : { ...between(NOTHING, this.#moments.at(-1)), seconds: null };
  }

  /** Return [the value of `figure` for the change from each moment to the next]. */
  series(figure) {
    return this.#moments.slice(1).map((moment, index) => figure(between(this.#moments[index], moment)));
  }

  get last() {
    return this.#moments.at(-1);
  }
}

const NOTHING = { seconds: 0, requests: 0, dropped: 0, queue: 0, runs: 0, rows: 0, steps: 0, buckets: [] };

function between(before, after) {
  const earlier = new Map(before.buckets);
  return {
    seconds: after.seconds - before.seconds,
    requests: after.requests - before.requests,
    dropped: after.dropped - before.dropped,
    queue: after.queue,
    runs: after.runs - before.runs,
    rows: after.rows - before.rows,
    steps: after.steps - before.steps,
    buckets: after.buckets.map(([bound, upTo]) => [bound, upTo - (earlier.get(bound) ?? 0)]),
  };
}
