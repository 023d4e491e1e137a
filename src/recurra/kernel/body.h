/* The walks of the three cells, for one instruction set and one number format: included once for each pair, after the
   headers that define V, LANES and TILE (registers) and E, W and TERMS (numbers in memory). */

typedef struct {
    const E *x;     /* the step's row of `projected` */
    E *out;         /* the step in `out`, or null */
    float *picked;  /* or null */
    int32_t *where;
    float *sum;     /* or null */
    int32_t step;   /* as read from the left */
} NAME(Row);
#define Row NAME(Row)

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
    return v_about_reciprocal(x);
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

/* Note where each active row reads and writes at step t, and call for the first `ahead` numbers that it reads at the
   next: they lie anywhere in `projected`, and would be waited for. */
static void NAME(place)(const Walk *w, int64_t t, int64_t rows, Row *places, int64_t ahead) {
    for (int64_t k = 0; k < rows; k++) {
        int64_t b = w->row[k], step = w->backward ? w->length[k] - 1 - t : t, at = b * w->time + step;
        Row *place = places + k;
        place->x = (const E *)w->projected + w->index[at] * w->projected_stride;
        place->out = w->out ? (E *)w->out + b * w->out_row + step * w->out_step : 0;
        place->picked = w->picked ? w->picked + b * w->picked_row : 0;
        place->where = w->picked ? w->where + b * w->picked_row : 0;
        place->sum = w->sum ? w->sum + b * w->picked_row : 0;
        place->step = (int32_t)step;
        if (ahead && t + 1 < w->length[k]) {
            int64_t next = b * w->time + (w->backward ? step - 1 : step + 1);
            const E *x = (const E *)w->projected + w->index[next] * w->projected_stride;
            for (int64_t i = 0; i < ahead; i += 64 / sizeof(E)) _mm_prefetch((const char *)(x + i), _MM_HINT_T0);
        }
    }
}

/* Show h, LANES units from `unit` on, to whoever reads this step: the next step, the output and what is picked. */
INLINE void NAME(show)(const Walk *w, const Row *place, int64_t unit, V h, E *next, int first, int last) {
    if (next) e_store(next + unit, h);
    if (place->out) e_store(place->out + unit, h);
    if (place->sum) {
        V sum = h;
        if (!first) sum = sum + v_load(place->sum + unit);
        v_store(place->sum + unit, sum);
    }
    if (place->picked) {
        if (w->largest ? first : last) {
            v_store(place->picked + unit, h);
            v_fill(place->where + unit, place->step);
        } else if (w->largest) {
            v_larger(h, place->picked + unit, place->where + unit, place->step);
        }
    }
}

/* The gradient by h from outside the recurrence. */
INLINE V NAME(shown)(const Row *place, int64_t unit, V h) {
    if (place->out) h = h + e_load(place->out + unit);
    if (place->sum) h = h + v_load(place->sum + unit);
    if (place->picked) h = h + v_only(place->picked + unit, place->where + unit, place->step);
    return h;
}

/* Where step t of the walk lies in the packed arrays, and what surrounds it. */
typedef struct {
    int64_t t, rows, at, before, after, staying; /* staying: rows that have step t + 1 */
    const Row *places;
} NAME(Step);
#define Step NAME(Step)

static Step NAME(step_of)(const Walk *w, int64_t t, const Row *places) {
    Step s = {t, w->active[t], 0, 0, 0, t + 1 < w->steps ? w->active[t + 1] : 0, places};
    s.at = w->recording ? w->offset[t] : (t & 1) * w->rows;
    s.before = w->recording ? (t ? w->offset[t - 1] : 0) : (1 - (t & 1)) * w->rows;
    s.after = w->recording ? w->offset[t + 1] : (1 - (t & 1)) * w->rows;
    return s;
}

#define FIRST_SUMS(C, BIAS) \
    V sums[TILE][4]; \
    for (int r = 0; r < R; r++) \
        for (int v = 0; v < (C); v++) sums[r][v] = v_load(BIAS)

INLINE void NAME(lstm_tile)(const int R, const Walk *w, const Step *s, int64_t k, int64_t unit) {
    const int64_t H = w->hidden;
    const E *previous = (const E *)w->previous + (s->at + k) * H;
    FIRST_SUMS(4, w->bias + v * H + unit);
    NAME(product)(R, 4, sums, previous, H, (const E *)w->weight + unit * H * 4, H);
    for (int r = 0; r < R; r++) {
        const Row *place = s->places + k + r;
        const E *x = place->x + unit;
        V i = NAME(sigmoid)(sums[r][0] + e_load(x));
        V f = NAME(sigmoid)(sums[r][1] + e_load(x + H));
        V g = NAME(tanh)(sums[r][2] + e_load(x + 2 * H));
        V o = NAME(sigmoid)(sums[r][3] + e_load(x + 3 * H));
        V c = i * g;
        if (s->t) c = v_fma(f, v_load(w->state + (s->before + k + r) * H + unit), c);
        v_store(w->state + (s->at + k + r) * H + unit, c);
        if (w->recording) {
            E *saved = (E *)w->saved + (s->at + k + r) * 4 * H + unit;
            e_store(saved, i);
            e_store(saved + H, f);
            e_store(saved + 2 * H, g);
            e_store(saved + 3 * H, o);
        }
        int stays = k + r < s->staying;
        E *next = stays ? (E *)w->previous + (s->after + k + r) * H : 0;
        NAME(show)(w, place, unit, o * NAME(tanh)(c), next, s->t == 0, !stays);
    }
}

INLINE void NAME(gru_tile)(const int R, const Walk *w, const Step *s, int64_t k, int64_t unit) {
    const int64_t H = w->hidden;
    const E *previous = (const E *)w->previous + (s->at + k) * H;
    FIRST_SUMS(3, w->bias + v * H + unit);
    NAME(product)(R, 3, sums, previous, H, (const E *)w->weight + unit * H * 3, H);
    for (int r = 0; r < R; r++) {
        const Row *place = s->places + k + r;
        const E *x = place->x + unit;
        V reset = NAME(sigmoid)(sums[r][0] + e_load(x));
        V z = NAME(sigmoid)(sums[r][1] + e_load(x + H));
        V n = NAME(tanh)(v_fma(reset, sums[r][2], e_load(x + 2 * H)));
        const int64_t now = s->t & 1; /* the state in full precision is kept for two steps alone */
        V before = s->t ? v_load(w->state + ((1 - now) * w->rows + k + r) * H + unit) : v_set(0);
        V h = v_fma(z, before - n, n);
        v_store(w->state + (now * w->rows + k + r) * H + unit, h);
        if (w->recording) {
            E *saved = (E *)w->saved + (s->at + k + r) * 4 * H + unit;
            e_store(saved, reset);
            e_store(saved + H, z);
            e_store(saved + 2 * H, n);
            e_store(saved + 3 * H, sums[r][2]);
        }
        int stays = k + r < s->staying;
        E *next = stays ? (E *)w->previous + (s->after + k + r) * H : 0;
        NAME(show)(w, place, unit, h, next, s->t == 0, !stays);
    }
}

INLINE void NAME(rnn_tile)(const int R, const int C, const Walk *w, const Step *s, int64_t k, int64_t unit) {
    const int64_t H = w->hidden;
    const E *previous = (const E *)w->previous + (s->at + k) * H;
    FIRST_SUMS(C, w->bias + unit + v * LANES);
    NAME(product)(R, C, sums, previous, H, (const E *)w->weight + unit * H, H);
    for (int r = 0; r < R; r++) {
        const Row *place = s->places + k + r;
        int stays = k + r < s->staying;
        E *next = stays ? (E *)w->previous + (s->after + k + r) * H : 0;
        for (int v = 0; v < C; v++) {
            V h = NAME(tanh)(sums[r][v] + e_load(place->x + unit + v * LANES));
            if (w->recording) e_store((E *)w->saved + (s->at + k + r) * H + unit + v * LANES, h);
            NAME(show)(w, place, unit + v * LANES, h, next, s->t == 0, !stays);
        }
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

/* Do `call` for each vector of units, every other step from the last to the first: what a step has used last of the
   weights is still in the nearest cache when the next begins. */
#define TO_AND_FRO(hidden, t, call) do { \
        for (int64_t n = 0; n < (hidden); n += LANES) { \
            int64_t unit = (t) & 1 ? (hidden) - LANES - n : n; \
            call; \
        } \
    } while (0)

static void NAME(lstm_step)(const Walk *w, const Step *s) {
    TO_AND_FRO(w->hidden, s->t, IN_TILES(s->rows, NAME(lstm_tile)(R, w, s, k, unit)));
}

static void NAME(gru_step)(const Walk *w, const Step *s) {
    TO_AND_FRO(w->hidden, s->t, IN_TILES(s->rows, NAME(gru_tile)(R, w, s, k, unit)));
}

static void NAME(rnn_step)(const Walk *w, const Step *s) {
    IN_GROUPS(w->hidden, IN_TILES(s->rows, NAME(rnn_tile)(R, C, w, s, k, unit)));
}

int NAME(ahead)(int cell, const Walk *w) {
    const int64_t columns = (cell == LSTM ? 4 : cell == GRU ? 3 : 1) * w->hidden;
    Row *places = malloc((size_t)w->rows * sizeof *places);
    if (!places) return 1;
    memset(w->previous, 0, (size_t)(w->rows * w->hidden) * sizeof(E));
    if (w->out)
        for (int64_t k = 0; k < w->rows; k++)
            for (int64_t t = w->length[k]; t < w->time; t++)
                memset((E *)w->out + w->row[k] * w->out_row + t * w->out_step, 0, (size_t)w->hidden * sizeof(E));
    for (int64_t t = 0; t < w->steps; t++) {
        Step s = NAME(step_of)(w, t, places);
        NAME(place)(w, t, s.rows, places, columns);
        if (cell == LSTM) NAME(lstm_step)(w, &s);
        else if (cell == GRU) NAME(gru_step)(w, &s);
        else NAME(rnn_step)(w, &s);
    }
    free(places);
    return 0;
}

/* Gradients by what enters the gates at one step of row k, from that by h and what is carried; see the cells' files. */
INLINE void NAME(lstm_gradient)(const Walk *w, const Step *s, int64_t k, float *by_h, float *carried) {
    const int64_t H = w->hidden;
    for (int64_t unit = 0; unit < H; unit += LANES) {
        const V one = v_set(1.0f);
        E *saved = (E *)w->saved + (s->at + k) * 4 * H + unit;
        V i = e_load(saved), f = e_load(saved + H), g = e_load(saved + 2 * H), o = e_load(saved + 3 * H);
        V dh = NAME(shown)(s->places + k, unit, v_load(by_h + unit));
        V c = NAME(tanh)(v_load(w->state + (s->at + k) * H + unit));
        V before = s->t ? v_load(w->state + (s->before + k) * H + unit) : v_set(0);
        V dho = dh * o;
        V dc = v_fma(v_fnma(c, c, one), dho, v_load(carried + unit));
        V dci = dc * i, dcf = dc * f;
        e_store(saved, dci * g * (one - i));
        e_store(saved + H, dcf * before * (one - f));
        e_store(saved + 2 * H, dci * v_fnma(g, g, one));
        e_store(saved + 3 * H, dho * c * (one - o));
        v_store(carried + unit, dcf);
    }
}

INLINE void NAME(gru_gradient)(const Walk *w, const Step *s, int64_t k, float *by_h) {
    const int64_t H = w->hidden;
    for (int64_t unit = 0; unit < H; unit += LANES) {
        const V one = v_set(1.0f);
        E *saved = (E *)w->saved + (s->at + k) * 4 * H + unit;
        V reset = e_load(saved), z = e_load(saved + H), n = e_load(saved + 2 * H), from_h = e_load(saved + 3 * H);
        V dh = NAME(shown)(s->places + k, unit, v_load(by_h + unit));
        V before = e_load((const E *)w->previous + (s->at + k) * H + unit);
        V dhz = dh * z;
        V dn = (dh - dhz) * v_fnma(n, n, one);
        V dnr = dn * reset;
        v_store(w->by_bias + unit, v_load(w->by_bias + unit) + dnr);
        e_store(saved, dnr); /* n as W_hh sees it, r, z, n as W_ih sees it */
        e_store(saved + H, dnr * from_h * (one - reset));
        e_store(saved + 2 * H, dhz * (before - n) * (one - z));
        e_store(saved + 3 * H, dn);
        v_store(by_h + unit, dhz);
    }
}

INLINE void NAME(rnn_gradient)(const Walk *w, const Step *s, int64_t k, float *by_h) {
    for (int64_t unit = 0; unit < w->hidden; unit += LANES) {
        E *saved = (E *)w->saved + (s->at + k) * w->hidden + unit;
        V h = e_load(saved);
        e_store(saved, NAME(shown)(s->places + k, unit, v_load(by_h + unit)) * v_fnma(h, h, v_set(1.0f)));
    }
}

/* by_h[k..k+R] (+)= gradients by the gates . W_hh, for C vectors of units from `unit` on. */
INLINE void NAME(back_tile)(
    const int R, const int C, const Walk *w, const Step *s, int64_t saved, int64_t terms, int add, float *by_h,
    int64_t k, int64_t unit) {
    V sums[TILE][4];
    for (int r = 0; r < R; r++)
        for (int v = 0; v < C; v++)
            sums[r][v] = add ? v_load(by_h + (k + r) * w->hidden + unit + v * LANES) : v_set(0);
    const E *gradients = (const E *)w->saved + (s->at + k) * saved;
    NAME(product)(R, C, sums, gradients, saved, (const E *)w->weight + unit * terms, terms);
    for (int r = 0; r < R; r++)
        for (int v = 0; v < C; v++) v_store(by_h + (k + r) * w->hidden + unit + v * LANES, sums[r][v]);
}

int NAME(back)(int cell, const Walk *w) {
    const int64_t H = w->hidden, size = w->rows * H;
    const int64_t saved = (cell == RNN ? 1 : 4) * H, terms = (cell == LSTM ? 4 : cell == GRU ? 3 : 1) * H;
    Row *places = malloc((size_t)w->rows * sizeof *places);
    float *by_h = calloc((size_t)(2 * size), sizeof *by_h), *carried = by_h + size;
    if (!places || !by_h) {
        free(places);
        free(by_h);
        return 1;
    }
    for (int64_t t = w->steps - 1; t >= 0; t--) {
        Step s = NAME(step_of)(w, t, places);
        NAME(place)(w, t, s.rows, places, 0);
        for (int64_t k = 0; k < s.rows; k++) {
            if (cell == LSTM) NAME(lstm_gradient)(w, &s, k, by_h + k * H, carried + k * H);
            else if (cell == GRU) NAME(gru_gradient)(w, &s, k, by_h + k * H);
            else NAME(rnn_gradient)(w, &s, k, by_h + k * H);
        }
        if (t)
            IN_TILES(s.rows, IN_GROUPS(H, NAME(back_tile)(R, C, w, &s, saved, terms, cell == GRU, by_h, k, unit)));
    }
    free(places);
    free(by_h);
    return 0;
}

/* Where the packed steps of all walks that read each row of `projected` lie: those of row u from begin[u] to
   begin[u + 1], in the order of the walks. Returns the places; null where there is no memory. */
static const E **NAME(readers)(const Scatter *to, int64_t *begin) {
    const Walk *walks = to->walk;
    int64_t total = 0;
    for (int64_t n = 0; n < to->walks; n++) total += walks[n].offset[walks[n].steps];
    const E **places = malloc((size_t)(total + 1) * sizeof *places);
    if (!places) return 0;
    for (int counting = 1; counting >= 0; counting--) {
        for (int64_t n = 0; n < to->walks; n++) {
            const Walk *w = walks + n;
            const E *from = (const E *)w->saved + to->saved_begin;
            for (int64_t t = 0; t < w->steps; t++)
                for (int64_t k = 0; k < w->active[t]; k++, from += to->saved_stride) {
                    int64_t step = w->backward ? w->length[k] - 1 - t : t;
                    int64_t u = w->index[w->row[k] * w->time + step];
                    if (counting) begin[u + 2]++;
                    else places[begin[u + 1]++] = from;
                }
        }
        for (int64_t u = 0; counting && u < to->rows; u++) begin[u + 2] += begin[u + 1];
    }
    return places;
}

/* The sums of C vectors of columns from `column` on, of every row and of all. */
INLINE void NAME(gather_columns)(const int C, const Scatter *to, const E **places, const int64_t *begin, int64_t column) {
    V all[4];
    for (int v = 0; v < C; v++) all[v] = v_set(0);
    for (int64_t u = 0; u < to->rows; u++) {
        V sums[4];
        for (int v = 0; v < C; v++) sums[v] = v_set(0);
        for (int64_t n = begin[u]; n < begin[u + 1]; n++)
            for (int v = 0; v < C; v++) sums[v] = sums[v] + e_load(places[n] + column + v * LANES);
        for (int v = 0; v < C; v++) {
            e_store((E *)to->gradient + u * to->gradient_stride + column + v * LANES, sums[v]);
            all[v] = all[v] + sums[v];
        }
    }
    for (int v = 0; v < C; v++) v_store(to->whole + column + v * LANES, all[v]);
}

int NAME(gather)(const Scatter *to) {
    int64_t *begin = calloc((size_t)(to->rows + 2), sizeof *begin);
    const E **places = begin ? NAME(readers)(to, begin) : 0;
    if (places) {
        int64_t column = to->begin;
        for (; column + 4 * LANES <= to->end; column += 4 * LANES) NAME(gather_columns)(4, to, places, begin, column);
        for (; column < to->end; column += LANES) NAME(gather_columns)(1, to, places, begin, column);
    }
    free(begin);
    free(places);
    return places ? 0 : 1;
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

#undef Row
#undef Step
#undef FIRST_SUMS
#undef IN_TILES
#undef IN_GROUPS
#undef TO_AND_FRO
#undef TERMS
