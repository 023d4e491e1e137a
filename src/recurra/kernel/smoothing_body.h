/* Exponential smoothings side by side: the loop of `tasks/forecast/anchor.py`, step by step. Included for each
   instruction set; the compiler vectorises it. */

enum { NAME(SIDE) = 8 }; /* sums side by side, which the compiler puts into registers */

/* e^x to the last bits of a double for |x| <= 708, beyond which it is that of the bound: 2^n e^r, |r| <= ln 2 / 2. */
INLINE double NAME(smoothing_exponential)(double x) {
    const double shift = 6755399441055744.0; /* 1.5 * 2^52: what is added to it is rounded to a whole number */
    x = x < -708.0 ? -708.0 : x > 708.0 ? 708.0 : x;
    double shifted = x * 1.4426950408889634 + shift, n = shifted - shift;
    double r = x - n * 0.693147180369123816490;
    r -= n * 1.90821492927058770002e-10;
    double p = 1.0 / 6227020800.0; /* 1 / 13!, and so on: what is left out is below 1e-17 */
    p = p * r + 1.0 / 479001600.0;
    p = p * r + 1.0 / 39916800.0;
    p = p * r + 1.0 / 3628800.0;
    p = p * r + 1.0 / 362880.0;
    p = p * r + 1.0 / 40320.0;
    p = p * r + 1.0 / 5040.0;
    p = p * r + 1.0 / 720.0;
    p = p * r + 1.0 / 120.0;
    p = p * r + 1.0 / 24.0;
    p = p * r + 1.0 / 6.0;
    p = p * r + 0.5;
    p = p * r + 1.0;
    p = p * r + 1.0;
    uint64_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    bits = (bits + 1023) << 52; /* the low bits of `shifted` are n */
    double power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

static void NAME(smoothing_follow)(const Smoothing *s, const double *first, double value, double log_value, int64_t step) {
    double past = step > 0 ? (double)step : 1.0;
    double *seasonal = s->seasonal + step % s->season * s->count;
    int known = isfinite(value);
    for (int64_t p = 0; p < s->count; p++) {
        double expected = s->level[p] + s->phi[p] * s->slope[p] + s->line[p] * (s->level[p] - first[p]) / past;
        double error = known ? (p < s->logarithms ? value : log_value) - expected - seasonal[p] : 0.0;
        s->level[p] = expected + s->alpha[p] * error;
        s->slope[p] = s->phi[p] * s->slope[p] + s->beta[p] * error;
        seasonal[p] += s->gamma[p] * error;
    }
}

/* said: [H, P], what each smoothing says of the steps to come. */
static void NAME(smoothing_forecast)(const Smoothing *s, const double *first, int64_t step, double largest, double *said) {
    double past = (double)(step + 1);
    for (int64_t h = 0; h < s->horizon; h++) {
        const double *seasonal = s->seasonal + (step + h + 1) % s->season * s->count;
        const double *damped = s->damped + h * s->count;
        double *out = said + h * s->count, ahead = (double)(h + 1);
        for (int64_t p = 0; p < s->count; p++)
            out[p] = s->level[p] + damped[p] * s->slope[p] +
                     s->line[p] * (s->level[p] - first[p]) / past * ahead + seasonal[p];
        for (int64_t p = s->logarithms; p < s->count; p++)
            out[p] = NAME(smoothing_exponential)(out[p] < largest + s->highest ? out[p] : largest + s->highest);
    }
}

static double NAME(smoothing_least_of)(const double *x, int64_t count) {
    double least = x[0];
    for (int64_t p = 1; p < count; p++) least = x[p] < least ? x[p] : least;
    return least;
}

/* several, one: [P], mean absolute errors over all horizons and of one step. */
static void NAME(smoothing_weigh)(const Smoothing *s, const double *several, const double *one, double horizons, double usual) {
    double least = 1e-9 * usual + s->tiny, total = 0, *weight = s->weight;
    double by_several = NAME(smoothing_least_of)(several, s->count) + least, by_one = NAME(smoothing_least_of)(one, s->count) + least;
    for (int64_t p = 0; p < s->count; p++) weight[p] = (several[p] + least) / by_several + (one[p] + least) / by_one;
    double best = NAME(smoothing_least_of)(weight, s->count), sharp = s->sharpness * horizons / (horizons + s->slow);
    for (int64_t p = 0; p < s->count; p++) {
        double loss = weight[p] / best - 1;
        weight[p] = NAME(smoothing_exponential)(-sharp * (loss < 1e6 ? loss : 1e6));
    }
    for (int64_t p = 0; p < s->count; p++) total += weight[p];
    for (int64_t p = 0; p < s->count; p++) weight[p] /= total;
}

static double NAME(smoothing_product)(const double *x, const double *y, int64_t count) {
    double sums[NAME(SIDE)] = {0}, total = 0;
    int64_t p = 0;
    for (; p + NAME(SIDE) <= count; p += NAME(SIDE))
        for (int lane = 0; lane < NAME(SIDE); lane++) sums[lane] += x[p + lane] * y[p + lane];
    for (; p < count; p++) total += x[p] * y[p];
    for (int lane = 0; lane < NAME(SIDE); lane++) total += sums[lane];
    return total;
}

typedef struct {
    double *first, *sums, *ones, *several, *one; /* [P] */
    double *wrong, *counts;                      /* [H] */
    double *said;                                /* [H, H, P]: of the last H steps, by step modulo H */
} NAME(SmoothingMemory);

static void NAME(smoothing_run)(const Smoothing *s, NAME(SmoothingMemory) *m) {
    double largest = -INFINITY, before = NAN, moved = 0, total = 0, count = 0, one_count = 0;
    int64_t moves = 0, known = 0, P = s->count, H = s->horizon;
    memcpy(m->first, s->level, (size_t)P * sizeof(double));
    for (int64_t step = 0; step < s->steps; step++) {
        double value = s->values[step], log_value = s->logarithms < P ? log(value) : 0.0;
        int finite = isfinite(value);
        if (finite && log_value > largest) largest = log_value;
        NAME(smoothing_follow)(s, m->first, value, log_value, step);
        s->errors[step] = NAN;
        if (finite) {
            int64_t back = step < H ? step : H;
            for (int64_t h = 0; h < back; h++) { /* what was said h + 1 steps ago of this one */
                int64_t origin = step - h - 1;
                const double *said = m->said + (origin % H * H + h) * P;
                for (int64_t p = 0; p < P; p++) m->sums[p] += fabs(value - said[p]);
                if (h == 0)
                    for (int64_t p = 0; p < P; p++) m->ones[p] += fabs(value - said[p]);
                double own = value - s->middle[origin * H + h];
                if (h == 0) s->errors[step] = own;
                m->wrong[h] += fabs(own);
                m->counts[h] += 1;
            }
            count += (double)back;
            one_count += back > 0;
            if (isfinite(before)) moved += fabs(value - before), moves++;
            total += fabs(value), known++;
        }
        before = value;
        double usual = moved / (double)(moves > 1 ? moves : 1), *said = m->said + step % H * H * P;
        NAME(smoothing_forecast)(s, m->first, step, largest, said);
        for (int64_t p = 0; p < P; p++) m->several[p] = m->sums[p] / (count > 1 ? count : 1);
        for (int64_t p = 0; p < P; p++) m->one[p] = m->ones[p] / (one_count > 1 ? one_count : 1);
        NAME(smoothing_weigh)(s, m->several, m->one, count / (double)H, usual);
        double least = s->least * total / (double)(known > 1 ? known : 1);
        if (least < s->tiny) least = s->tiny;
        for (int64_t h = 0; h < H; h++) {
            s->middle[step * H + h] = NAME(smoothing_product)(s->weight, said + h * P, P);
            double prior = s->prior * (usual > least ? usual : least) * sqrt((double)(h + 1));
            double spread = (m->wrong[h] + prior) / (m->counts[h] + s->prior);
            s->spread[step * H + h] = spread > least ? spread : least;
        }
    }
}

/* Run all smoothings over all steps. Returns 0, 1 where there is not enough memory, 3 for a size that cannot be. */
int NAME(smoothing)(const Smoothing *s) {
    if (s->steps < 1 || s->season < 1 || s->horizon < 1 || s->count < 1 || s->logarithms < 0 || s->logarithms > s->count)
        return BAD_INPUT;
    size_t P = (size_t)s->count, H = (size_t)s->horizon;
    double *room = calloc(5 * P + 2 * H + H * H * P, sizeof(double));
    if (!room) return NO_MEMORY;
    NAME(SmoothingMemory) m = {room, room + P, room + 2 * P, room + 3 * P, room + 4 * P, room + 5 * P, room + 5 * P + H,
                room + 5 * P + 2 * H};
    NAME(smoothing_run)(s, &m);
    free(room);
    return 0;
}
