/* The recurrences of the cells, for one instruction set and one number format: included once for each pair, after
   the headers that define V, LANES and TILE (registers) and E, W and TERMS (numbers in memory). */

/* Where one row reads and writes at one step. */
typedef struct {
    const E *x;     /* the step's row of `projected` */
    E *out;         /* the step in `out`, or null */
    float *reduced; /* or null */
    int32_t *source_step;
    float *sum;     /* or null */
    int32_t step;   /* counted from the left */
} NAME(Cursor);
#define Cursor NAME(Cursor)

/* e^x to 1e-7 of its value (float) or 4e-6 (bfloat16 in memory): 2^n e^r, |r| <= ln 2 / 2 */
INLINE V NAME(exponential)(V x) {
    x = v_clamp(x, 87.0f);
    V n = v_round(x * v_set(1.44269504f));
#if TERMS == 2
    V r = v_fnma(n, v_set(0.693147181f), x);
    V p = v_fma(r, v_set(4.15e-2f), v_set(1.6658e-1f));
    p = v_fma(p, r, v_set(0.5f));
    p = v_fma(p, r, v_set(1.0f));
#else
    V r = v_fnma(n, v_set(0.693359375f), x);
    r = v_fnma(n, v_set(-2.12194440e-4f), r);
    V p = v_fma(r, v_set(1.9875691500e-4f), v_set(1.3981999507e-3f)); /* coefficients: Cephes, expf */
    p = v_fma(p, r, v_set(8.3334519073e-3f));
    p = v_fma(p, r, v_set(4.1665795894e-2f));
    p = v_fma(p, r, v_set(1.6666665459e-1f));
    p = v_fma(p, r, v_set(5.0000001201e-1f));
    p = v_fma(p, r, v_set(1.0f));
#endif
    p = v_fma(p, r, v_set(1.0f));
    return v_scale(p, n);
}

INLINE V NAME(reciprocal)(V x) {
#if TERMS == 2
    return v_approximate_reciprocal(x);
#else
    return v_reciprocal(x);
#endif
}

INLINE V NAME(sigmoid)(V x) { return NAME(reciprocal)(v_set(1.0f) + NAME(exponential)(-x)); }
INLINE V NAME(tanh)(V x) {
    return v_fnma(v_set(2.0f), NAME(reciprocal)(v_set(1.0f) + NAME(exponential)(x + x)), v_set(1.0f));
}

/* sums[r][v] += a[r] . weight[v] over `terms` terms; R rows, C vectors of columns. */
INLINE void NAME(product)(
    const int R, const int C, V sums[TILE][4], const E *a, int64_t stride, const E *weight, int64_t terms) {
    for (int64_t k = 0; k < terms; k += TERMS) {
        W w[4];
        for (int v = 0; v < C; v++) w[v] = w_load(weight + v * LANES * TERMS);
        for (int r = 0; r < R; r++) {
            W one = w_set(a + r * stride + k);
            for (int v = 0; v < C; v++) sums[r][v] = w_dot(w[v], one, sums[r][v]);
        }
        weight += C * LANES * TERMS;
    }
}

/* Set the cursors of the active rows to step t, and prefetch the first `prefetch` numbers that each row reads at the
   next step: they lie anywhere in `projected`, and the processor would wait for them. */
static void NAME(locate)(const Recurrence *job, int64_t t, int64_t rows, Cursor *cursors, int64_t prefetch) {
    for (int64_t k = 0; k < rows; k++) {
        int64_t b = job->row[k], step = job->backward ? job->length[k] - 1 - t : t, at = b * job->time + step;
        Cursor *cursor = cursors + k;
        cursor->x = (const E *)job->projected + job->index[at] * job->projected_stride;
        cursor->out = job->out ? (E *)job->out + b * job->out_row + step * job->out_step : 0;
        cursor->reduced = job->reduced ? job->reduced + b * job->reduced_row : 0;
        cursor->source_step = job->reduced ? job->source_step + b * job->reduced_row : 0;
        cursor->sum = job->sum ? job->sum + b * job->reduced_row : 0;
        cursor->step = (int32_t)step;
        if (prefetch && t + 1 < job->length[k]) {
            int64_t next = b * job->time + (job->backward ? step - 1 : step + 1);
            const E *x = (const E *)job->projected + job->index[next] * job->projected_stride;
            for (int64_t i = 0; i < prefetch; i += 64 / sizeof(E)) _mm_prefetch((const char *)(x + i), _MM_HINT_T0);
        }
    }
}

/* Write h, LANES units from `unit` on, to `previous` for the next step, to the output, and into the reductions. */
INLINE void NAME(emit)(
    const Recurrence *job, const Cursor *cursor, int64_t unit, V h, E *next, int first, int last) {
    if (next) e_store(next + unit, h);
    if (cursor->out) e_store(cursor->out + unit, h);
    if (cursor->sum) {
        V sum = h;
        if (!first) sum = sum + v_load(cursor->sum + unit);
        v_store(cursor->sum + unit, sum);
    }
    if (cursor->reduced) {
        if (job->take_max ? first : last) {
            v_store(cursor->reduced + unit, h);
            v_fill(cursor->source_step + unit, cursor->step);
        } else if (job->take_max) {
            v_keep_max(h, cursor->reduced + unit, cursor->source_step + unit, cursor->step);
        }
    }
}

/* Add to dh the gradient that reaches h from outside the recurrence. */
INLINE V NAME(add_output_gradient)(const Cursor *cursor, int64_t unit, V dh) {
    if (cursor->out) dh = dh + e_load(cursor->out + unit);
    if (cursor->sum) dh = dh + v_load(cursor->sum + unit);
    if (cursor->reduced) dh = dh + v_where_equal(cursor->reduced + unit, cursor->source_step + unit, cursor->step);
    return dh;
}

/* Step t in the packed arrays: its offset, those of the steps around it, and the rows that have step t + 1. */
typedef struct {
    int64_t t, rows, at, before, after, continuing;
    const Cursor *cursors;
} NAME(Step);
#define Step NAME(Step)

static Step NAME(step_of)(const Recurrence *job, int64_t t, const Cursor *cursors) {
    Step s = {t, job->active[t], 0, 0, 0, t + 1 < job->steps ? job->active[t + 1] : 0, cursors};
    s.at = job->recording ? job->offset[t] : (t & 1) * job->rows;
    s.before = job->recording ? (t ? job->offset[t - 1] : 0) : (1 - (t & 1)) * job->rows;
    s.after = job->recording ? job->offset[t + 1] : (1 - (t & 1)) * job->rows;
    return s;
}

#define FIRST_SUMS(C, BIAS) \
    V sums[TILE][4]; \
    for (int r = 0; r < R; r++) \
        for (int v = 0; v < (C); v++) sums[r][v] = v_load(BIAS)

INLINE void NAME(lstm_tile)(const int R, const Recurrence *job, const Step *s, int64_t k, int64_t unit) {
    const int64_t H = job->hidden;
    const E *previous = (const E *)job->previous + (s->at + k) * H;
    FIRST_SUMS(4, job->bias + v * H + unit);
    NAME(product)(R, 4, sums, previous, H, (const E *)job->weight + unit * H * 4, H);
    for (int r = 0; r < R; r++) {
        const Cursor *cursor = s->cursors + k + r;
        const E *x = cursor->x + unit;
        V i = NAME(sigmoid)(sums[r][0] + e_load(x));
        V f = NAME(sigmoid)(sums[r][1] + e_load(x + H));
        V g = NAME(tanh)(sums[r][2] + e_load(x + 2 * H));
        V o = NAME(sigmoid)(sums[r][3] + e_load(x + 3 * H));
        V c = i * g;
        if (s->t) c = v_fma(f, v_load(job->state + (s->before + k + r) * H + unit), c);
        v_store(job->state + (s->at + k + r) * H + unit, c);
        if (job->recording) {
            E *saved = (E *)job->saved + (s->at + k + r) * 4 * H + unit;
            e_store(saved, i);
            e_store(saved + H, f);
            e_store(saved + 2 * H, g);
            e_store(saved + 3 * H, o);
        }
        int continues = k + r < s->continuing;
        E *next = continues ? (E *)job->previous + (s->after + k + r) * H : 0;
        NAME(emit)(job, cursor, unit, o * NAME(tanh)(c), next, s->t == 0, !continues);
    }
}

INLINE void NAME(gru_tile)(const int R, const Recurrence *job, const Step *s, int64_t k, int64_t unit) {
    const int64_t H = job->hidden;
    const E *previous = (const E *)job->previous + (s->at + k) * H;
    FIRST_SUMS(3, job->bias + v * H + unit);
    NAME(product)(R, 3, sums, previous, H, (const E *)job->weight + unit * H * 3, H);
    for (int r = 0; r < R; r++) {
        const Cursor *cursor = s->cursors + k + r;
        const E *x = cursor->x + unit;
        V reset = NAME(sigmoid)(sums[r][0] + e_load(x));
        V z = NAME(sigmoid)(sums[r][1] + e_load(x + H));
        V n = NAME(tanh)(v_fma(reset, sums[r][2], e_load(x + 2 * H)));
        const int64_t now = s->t & 1; /* the state in full precision is kept for two steps alone */
        V before = s->t ? v_load(job->state + ((1 - now) * job->rows + k + r) * H + unit) : v_set(0);
        V h = v_fma(z, before - n, n);
        v_store(job->state + (now * job->rows + k + r) * H + unit, h);
        if (job->recording) {
            E *saved = (E *)job->saved + (s->at + k + r) * 4 * H + unit;
            e_store(saved, reset);
            e_store(saved + H, z);
            e_store(saved + 2 * H, n);
            e_store(saved + 3 * H, sums[r][2]);
        }
        int continues = k + r < s->continuing;
        E *next = continues ? (E *)job->previous + (s->after + k + r) * H : 0;
        NAME(emit)(job, cursor, unit, h, next, s->t == 0, !continues);
    }
}

INLINE void NAME(rnn_tile)(const int R, const int C, const Recurrence *job, const Step *s, int64_t k, int64_t unit) {
    const int64_t H = job->hidden;
    const E *previous = (const E *)job->previous + (s->at + k) * H;
    FIRST_SUMS(C, job->bias + unit + v * LANES);
    NAME(product)(R, C, sums, previous, H, (const E *)job->weight + unit * H, H);
    for (int r = 0; r < R; r++) {
        const Cursor *cursor = s->cursors + k + r;
        int continues = k + r < s->continuing;
        E *next = continues ? (E *)job->previous + (s->after + k + r) * H : 0;
        for (int v = 0; v < C; v++) {
            V h = NAME(tanh)(sums[r][v] + e_load(cursor->x + unit + v * LANES));
            if (job->recording) e_store((E *)job->saved + (s->at + k + r) * H + unit + v * LANES, h);
            NAME(emit)(job, cursor, unit + v * LANES, h, next, s->t == 0, !continues);
        }
    }
}

/* What a cell whose gates read the input alone writes of its candidate: z of minGRU, i / (f + i) of minLSTM, which is
   (1 + e^-f) / (2 + e^-f + e^-i) of the gates' inputs. Saves the gates where there is something to learn. */
INLINE V NAME(share)(const int cell, const E *x, int64_t H, E *saved) {
    if (cell == MINGRU) {
        V z = NAME(sigmoid)(e_load(x));
        if (saved) e_store(saved, z);
        return z;
    }
    const V one = v_set(1.0f);
    V i = one + NAME(exponential)(-e_load(x)), f = one + NAME(exponential)(-e_load(x + H));
    if (saved) {
        e_store(saved, NAME(reciprocal)(i));
        e_store(saved + H, NAME(reciprocal)(f));
    }
    return f * NAME(reciprocal)(f + i);
}

/* Nothing is multiplied by a matrix: gates and candidate, the last of the `blocks` of the input, are known. */
INLINE void NAME(scanned_row)(const int cell, const int blocks, const Recurrence *job, const Step *s, int64_t k) {
    const int64_t H = job->hidden, now = s->t & 1;
    const Cursor *cursor = s->cursors + k;
    const float *before = job->state + ((1 - now) * job->rows + k) * H;
    float *state = job->state + (now * job->rows + k) * H;
    int continues = k < s->continuing;
    E *next = continues && job->recording ? (E *)job->previous + (s->after + k) * H : 0;
    for (int64_t unit = 0; unit < H; unit += LANES) {
        E *saved = job->recording ? (E *)job->saved + (s->at + k) * blocks * H + unit : 0;
        V share = NAME(share)(cell, cursor->x + unit, H, saved);
        V n = e_load(cursor->x + (blocks - 1) * H + unit);
        if (saved) e_store(saved + (blocks - 1) * H, n);
        V h = s->t ? v_load(before + unit) : v_set(0);
        h = v_fma(share, n - h, h);
        v_store(state + unit, h);
        NAME(emit)(job, cursor, unit, h, next, s->t == 0, !continues);
    }
}

/* Do `call` for all active rows, in tiles of R. */
#if TILE == 6
#define IN_TILES(rows, call) do { \
        int64_t k = 0; \
        for (; k + 6 <= (rows); k += 6) { enum { R = 6 }; call; } \
        switch ((rows) - k) { \
        case 5: { enum { R = 5 }; call; } break; \
        case 4: { enum { R = 4 }; call; } break; \
        case 3: { enum { R = 3 }; call; } break; \
        case 2: { enum { R = 2 }; call; } break; \
        case 1: { enum { R = 1 }; call; } break; \
        default: break; \
        } \
    } while (0)
#else
#define IN_TILES(rows, call) do { \
        int64_t k = 0; \
        for (; k + 3 <= (rows); k += 3) { enum { R = 3 }; call; } \
        switch ((rows) - k) { \
        case 2: { enum { R = 2 }; call; } break; \
        case 1: { enum { R = 1 }; call; } break; \
        default: break; \
        } \
    } while (0)
#endif

/* Do `call` for groups of up to four vectors of units. */
#define IN_GROUPS(hidden, call) do { \
        int64_t unit = 0; \
        for (; unit + 4 * LANES <= (hidden); unit += 4 * LANES) { enum { C = 4 }; call; } \
        switch (((hidden) - unit) / LANES) { \
        case 3: { enum { C = 3 }; call; } break; \
        case 2: { enum { C = 2 }; call; } break; \
        case 1: { enum { C = 1 }; call; } break; \
        default: break; \
        } \
    } while (0)

/* Do `call` for each vector of units, in reverse order at every other step: the weights that a step used last are still
   in the nearest cache when the next one begins. */
#define ALTERNATELY(hidden, t, call) do { \
        for (int64_t n = 0; n < (hidden); n += LANES) { \
            int64_t unit = (t) & 1 ? (hidden) - LANES - n : n; \
            call; \
        } \
    } while (0)

static void NAME(lstm_step)(const Recurrence *job, const Step *s) {
    ALTERNATELY(job->hidden, s->t, IN_TILES(s->rows, NAME(lstm_tile)(R, job, s, k, unit)));
}

static void NAME(gru_step)(const Recurrence *job, const Step *s) {
    ALTERNATELY(job->hidden, s->t, IN_TILES(s->rows, NAME(gru_tile)(R, job, s, k, unit)));
}

static void NAME(rnn_step)(const Recurrence *job, const Step *s) {
    IN_GROUPS(job->hidden, IN_TILES(s->rows, NAME(rnn_tile)(R, C, job, s, k, unit)));
}

static void NAME(mingru_step)(const Recurrence *job, const Step *s) {
    for (int64_t k = 0; k < s->rows; k++) NAME(scanned_row)(MINGRU, 2, job, s, k);
}

static void NAME(minlstm_step)(const Recurrence *job, const Step *s) {
    for (int64_t k = 0; k < s->rows; k++) NAME(scanned_row)(MINLSTM, 3, job, s, k);
}

/* Blocks of H in a row of `projected`, in one of `saved`, and in the product of the gradients with W_hh. */
static int64_t NAME(input_blocks)(int cell) {
    return cell == LSTM ? 4 : cell == GRU || cell == MINLSTM ? 3 : cell == MINGRU ? 2 : 1;
}
static int64_t NAME(saved_blocks)(int cell) { return cell == GRU ? 4 : NAME(input_blocks)(cell); }
static int64_t NAME(product_blocks)(int cell) {
    return cell == MINGRU || cell == MINLSTM ? 0 : NAME(input_blocks)(cell);
}

int NAME(forward)(int cell, const Recurrence *job) {
    const int64_t columns = NAME(input_blocks)(cell) * job->hidden;
    Cursor *cursors = malloc((size_t)job->rows * sizeof *cursors);
    if (!cursors) return 1;
    memset(job->previous, 0, (size_t)(job->rows * job->hidden) * sizeof(E));
    if (job->out)
        for (int64_t k = 0; k < job->rows; k++)
            for (int64_t t = job->length[k]; t < job->time; t++)
                memset(
                    (E *)job->out + job->row[k] * job->out_row + t * job->out_step, 0, (size_t)job->hidden * sizeof(E));
    for (int64_t t = 0; t < job->steps; t++) {
        Step s = NAME(step_of)(job, t, cursors);
        NAME(locate)(job, t, s.rows, cursors, columns);
        if (cell == LSTM) NAME(lstm_step)(job, &s);
        else if (cell == GRU) NAME(gru_step)(job, &s);
        else if (cell == MINGRU) NAME(mingru_step)(job, &s);
        else if (cell == MINLSTM) NAME(minlstm_step)(job, &s);
        else NAME(rnn_step)(job, &s);
    }
    free(cursors);
    return 0;
}

/* Overwrite the saved gates of one step of row k with the gradients of their inputs, given those of h and c after it.
   Leave in grad_c (LSTM) or grad_h (GRU, minGRU, minLSTM) what reaches the state before it other than through W_hh. See nn/cells. */
INLINE void NAME(lstm_gradient)(const Recurrence *job, const Step *s, int64_t k, float *grad_h, float *grad_c) {
    const int64_t H = job->hidden;
    for (int64_t unit = 0; unit < H; unit += LANES) {
        const V one = v_set(1.0f);
        E *saved = (E *)job->saved + (s->at + k) * 4 * H + unit;
        V i = e_load(saved), f = e_load(saved + H), g = e_load(saved + 2 * H), o = e_load(saved + 3 * H);
        V dh = NAME(add_output_gradient)(s->cursors + k, unit, v_load(grad_h + unit));
        V c = NAME(tanh)(v_load(job->state + (s->at + k) * H + unit));
        V before = s->t ? v_load(job->state + (s->before + k) * H + unit) : v_set(0);
        V dho = dh * o;
        V dc = v_fma(v_fnma(c, c, one), dho, v_load(grad_c + unit));
        V dci = dc * i, dcf = dc * f;
        e_store(saved, dci * g * (one - i));
        e_store(saved + H, dcf * before * (one - f));
        e_store(saved + 2 * H, dci * v_fnma(g, g, one));
        e_store(saved + 3 * H, dho * c * (one - o));
        v_store(grad_c + unit, dcf);
    }
}

INLINE void NAME(gru_gradient)(const Recurrence *job, const Step *s, int64_t k, float *grad_h) {
    const int64_t H = job->hidden;
    for (int64_t unit = 0; unit < H; unit += LANES) {
        const V one = v_set(1.0f);
        E *saved = (E *)job->saved + (s->at + k) * 4 * H + unit;
        V reset = e_load(saved), z = e_load(saved + H), n = e_load(saved + 2 * H), from_h = e_load(saved + 3 * H);
        V dh = NAME(add_output_gradient)(s->cursors + k, unit, v_load(grad_h + unit));
        V before = e_load((const E *)job->previous + (s->at + k) * H + unit);
        V dhz = dh * z;
        V dn = (dh - dhz) * v_fnma(n, n, one);
        V dnr = dn * reset;
        v_store(job->grad_bias + unit, v_load(job->grad_bias + unit) + dnr);
        e_store(saved, dnr); /* n as W_hh sees it, r, z, n as W_ih sees it */
        e_store(saved + H, dnr * from_h * (one - reset));
        e_store(saved + 2 * H, dhz * (before - n) * (one - z));
        e_store(saved + 3 * H, dn);
        v_store(grad_h + unit, dhz);
    }
}

INLINE void NAME(scanned_gradient)(
    const int cell, const int blocks, const Recurrence *job, const Step *s, int64_t k, float *grad_h) {
    const int64_t H = job->hidden;
    for (int64_t unit = 0; unit < H; unit += LANES) {
        const V one = v_set(1.0f);
        E *saved = (E *)job->saved + (s->at + k) * blocks * H + unit;
        V first = e_load(saved), second = e_load(saved + H), n = e_load(saved + (blocks - 1) * H);
        V share = first;
        if (cell == MINLSTM) share = share * NAME(reciprocal)(first + second);
        V dh = NAME(add_output_gradient)(s->cursors + k, unit, v_load(grad_h + unit));
        V before = e_load((const E *)job->previous + (s->at + k) * H + unit);
        V dn = dh * share, dshare = dn * (n - before) * (one - share); /* with respect to the logarithm of the odds */
        if (cell == MINLSTM) {
            e_store(saved + H, dshare * (second - one));
            dshare = dshare * (one - first);
        }
        e_store(saved, dshare);
        e_store(saved + (blocks - 1) * H, dn);
        v_store(grad_h + unit, dh - dn);
    }
}

INLINE void NAME(rnn_gradient)(const Recurrence *job, const Step *s, int64_t k, float *grad_h) {
    for (int64_t unit = 0; unit < job->hidden; unit += LANES) {
        E *saved = (E *)job->saved + (s->at + k) * job->hidden + unit;
        V h = e_load(saved);
        V dh = NAME(add_output_gradient)(s->cursors + k, unit, v_load(grad_h + unit));
        e_store(saved, dh * v_fnma(h, h, v_set(1.0f)));
    }
}

/* grad_h[k..k+R] (+)= gradients of the gates' inputs . W_hh, for C vectors of units from `unit` on. */
INLINE void NAME(backward_tile)(
    const int R, const int C, const Recurrence *job, const Step *s, int64_t saved, int64_t terms, int add,
    float *grad_h, int64_t k, int64_t unit) {
    V sums[TILE][4];
    for (int r = 0; r < R; r++)
        for (int v = 0; v < C; v++)
            sums[r][v] = add ? v_load(grad_h + (k + r) * job->hidden + unit + v * LANES) : v_set(0);
    const E *gradients = (const E *)job->saved + (s->at + k) * saved;
    NAME(product)(R, C, sums, gradients, saved, (const E *)job->weight + unit * terms, terms);
    for (int r = 0; r < R; r++)
        for (int v = 0; v < C; v++) v_store(grad_h + (k + r) * job->hidden + unit + v * LANES, sums[r][v]);
}

int NAME(backward)(int cell, const Recurrence *job) {
    const int64_t H = job->hidden, size = job->rows * H;
    const int64_t saved = NAME(saved_blocks)(cell) * H, terms = NAME(product_blocks)(cell) * H;
    Cursor *cursors = malloc((size_t)job->rows * sizeof *cursors);
    float *grad_h = calloc((size_t)(2 * size), sizeof *grad_h), *grad_c = grad_h + size;
    if (!cursors || !grad_h) {
        free(cursors);
        free(grad_h);
        return 1;
    }
    for (int64_t t = job->steps - 1; t >= 0; t--) {
        Step s = NAME(step_of)(job, t, cursors);
        NAME(locate)(job, t, s.rows, cursors, 0);
        for (int64_t k = 0; k < s.rows; k++) {
            if (cell == LSTM) NAME(lstm_gradient)(job, &s, k, grad_h + k * H, grad_c + k * H);
            else if (cell == GRU) NAME(gru_gradient)(job, &s, k, grad_h + k * H);
            else if (cell == MINGRU) NAME(scanned_gradient)(MINGRU, 2, job, &s, k, grad_h + k * H);
            else if (cell == MINLSTM) NAME(scanned_gradient)(MINLSTM, 3, job, &s, k, grad_h + k * H);
            else NAME(rnn_gradient)(job, &s, k, grad_h + k * H);
        }
        if (t && terms)
            IN_TILES(
                s.rows,
                IN_GROUPS(H, NAME(backward_tile)(R, C, job, &s, saved, terms, cell == GRU, grad_h, k, unit)));
    }
    free(cursors);
    free(grad_h);
    return 0;
}

/* Return the addresses in `saved` of all packed steps, sorted by the row of `projected` that they read: those of row u
   from begin[u] to begin[u + 1], in the order of the recurrences. Returns null where there is not enough memory. */
static const E **NAME(readers)(const Gather *g, int64_t *begin) {
    const Recurrence *jobs = g->recurrence;
    int64_t steps = 0;
    for (int64_t n = 0; n < g->count; n++) steps += jobs[n].offset[jobs[n].steps];
    const E **sources = malloc((size_t)(steps + 1) * sizeof *sources);
    if (!sources) return 0;
    for (int counting = 1; counting >= 0; counting--) {
        for (int64_t n = 0; n < g->count; n++) {
            const Recurrence *job = jobs + n;
            const E *from = (const E *)job->saved + g->saved_begin;
            for (int64_t t = 0; t < job->steps; t++)
                for (int64_t k = 0; k < job->active[t]; k++, from += g->saved_stride) {
                    int64_t step = job->backward ? job->length[k] - 1 - t : t;
                    int64_t u = job->index[job->row[k] * job->time + step];
                    if (counting) begin[u + 2]++;
                    else sources[begin[u + 1]++] = from;
                }
        }
        for (int64_t u = 0; counting && u < g->rows; u++) begin[u + 2] += begin[u + 1];
    }
    return sources;
}

/* The sums of C vectors of columns from `column` on, of every row and of all. */
INLINE void NAME(gather_columns)(
    const int C, const Gather *g, const E **sources, const int64_t *begin, int64_t column) {
    V all[4];
    for (int v = 0; v < C; v++) all[v] = v_set(0);
    for (int64_t u = 0; u < g->rows; u++) {
        V sums[4];
        for (int v = 0; v < C; v++) sums[v] = v_set(0);
        for (int64_t n = begin[u]; n < begin[u + 1]; n++)
            for (int v = 0; v < C; v++) sums[v] = sums[v] + e_load(sources[n] + column + v * LANES);
        for (int v = 0; v < C; v++) {
            e_store((E *)g->gradient + u * g->gradient_stride + column + v * LANES, sums[v]);
            all[v] = all[v] + sums[v];
        }
    }
    for (int v = 0; v < C; v++) v_store(g->total + column + v * LANES, all[v]);
}

int NAME(gather)(const Gather *g) {
    int64_t *begin = calloc((size_t)(g->rows + 2), sizeof *begin);
    const E **sources = begin ? NAME(readers)(g, begin) : 0;
    if (sources) {
        int64_t column = g->begin;
        for (; column + 4 * LANES <= g->end; column += 4 * LANES) NAME(gather_columns)(4, g, sources, begin, column);
        for (; column < g->end; column += LANES) NAME(gather_columns)(1, g, sources, begin, column);
    }
    free(begin);
    free(sources);
    return sources ? 0 : 1;
}

/* One tile of rows by C vectors of columns from `column` on. */
INLINE void NAME(linear_tile)(const int R, const int C, const Linear *l, int64_t k, int64_t column) {
    V sums[TILE][4];
    const E *x[TILE];
    float *out[TILE];
    for (int r = 0; r < R; r++) {
        int64_t row = l->row ? l->row[k + r] : k + r;
        x[r] = (const E *)l->x + row * l->x_row;
        out[r] = l->out + row * l->out_row + column;
        for (int v = 0; v < C; v++) sums[r][v] = v_load(l->bias + column + v * LANES);
    }
    const E *weight = (const E *)l->weight + column * l->terms;
    for (int64_t term = 0; term < l->terms; term += TERMS) {
        W w[4];
        for (int v = 0; v < C; v++) w[v] = w_load(weight + v * LANES * TERMS);
        for (int r = 0; r < R; r++) {
            W one = w_set(x[r] + term);
            for (int v = 0; v < C; v++) sums[r][v] = w_dot(w[v], one, sums[r][v]);
        }
        weight += C * LANES * TERMS;
    }
    for (int r = 0; r < R; r++)
        for (int v = 0; v < C; v++) v_store(out[r] + v * LANES, sums[r][v]);
}

int NAME(linear)(const Linear *l) {
    IN_GROUPS(l->columns, IN_TILES(l->rows, NAME(linear_tile)(R, C, l, k, unit)));
    return 0;
}

int NAME(pack)(const Pack *p) {
    const int64_t K = p->terms, N = p->columns;
    E *out = p->out;
    for (int64_t begin = 0; begin < N; begin += p->width) {
        int64_t end = begin + p->width < N ? begin + p->width : N;
        for (int64_t k = 0; k < K; k += TERMS)
            for (int64_t n = begin; n < end; n += LANES) {
                float block[LANES * TERMS];
                int64_t first = p->gates ? n / LANES % p->gates * (N / p->gates) + n / LANES / p->gates * LANES : n;
                for (int64_t j = 0; j < TERMS; j++) {
                    const float *from = p->matrix + (k + j + K - p->roll) % K * p->term_stride;
                    for (int64_t l = 0; l < LANES; l++) block[l * TERMS + j] = from[(first + l) * p->column_stride];
                }
                for (int64_t j = 0; j < TERMS; j++, out += LANES) e_store(out, v_load(block + j * LANES));
            }
    }
    return 0;
}

#undef Cursor
#undef Step
#undef FIRST_SUMS
#undef IN_TILES
#undef IN_GROUPS
#undef ALTERNATELY
#undef TERMS
