/* Adam (Kingma and Ba, 2015) on a table of which few rows have a gradient: the dense update, without writing
   and reading the gradient's zeros. Included for each instruction set with float in memory. */

INLINE void NAME(adam_run)(const Adam *a, int64_t begin, int64_t end, const float *gradient) {
    const V keep_first = v_set(a->beta1), keep_second = v_set(a->beta2), epsilon = v_set(a->epsilon);
    const V new_first = v_set((1 - a->beta1) * a->scale), new_second = v_set((1 - a->beta2) * a->scale * a->scale);
    const V rate = v_set(a->rate), root = v_set(a->root);
    int64_t i = begin;
    for (; i + LANES <= end; i += LANES) {
        V first = v_load(a->first + i) * keep_first, second = v_load(a->second + i) * keep_second;
        if (gradient) {
            V g = v_load(gradient + i - begin);
            first = v_fma(g, new_first, first);
            second = v_fma(g * g, new_second, second);
        }
        v_store(a->first + i, first);
        v_store(a->second + i, second);
        v_store(a->value + i, v_load(a->value + i) - rate * first / v_fma(v_sqrt(second), root, epsilon));
    }
    for (; i < end; i++) {
        float g = gradient ? gradient[i - begin] * a->scale : 0;
        float first = a->first[i] * a->beta1 + g * (1 - a->beta1);
        float second = a->second[i] * a->beta2 + g * g * (1 - a->beta2);
        a->first[i] = first;
        a->second[i] = second;
        a->value[i] -= a->rate * first / (__builtin_sqrtf(second) * a->root + a->epsilon);
    }
}

int NAME(adam)(const Adam *a) {
    int64_t at = a->begin;
    for (int64_t n = 0; n < a->count; n++) {
        int64_t row = a->row[n];
        if (row < a->begin) continue;
        if (row >= a->end) break;
        NAME(adam_run)(a, at * a->width, row * a->width, 0);
        NAME(adam_run)(a, row * a->width, (row + 1) * a->width, a->gradient + n * a->width);
        at = row + 1;
    }
    NAME(adam_run)(a, at * a->width, a->end * a->width, 0);
    return 0;
}
