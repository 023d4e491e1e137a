/* Pairs of neighbours in rows of numbers, counted exactly. Words make pairs; pairs make triples, since a triple is a pair
   of pairs that overlap. */
#include <stdlib.h>
#include <string.h>

#include "exported.h"
#include "pairs.h"
#include "sort.h"

#define EMPTY UINT64_MAX /* no key: numbers are below 2^31 */

static uint64_t pair(const int32_t *x) { return (uint64_t)x[0] << 32 | (uint32_t)x[1]; }

static uint64_t hash(uint64_t key) {
    key *= UINT64_C(0x9e3779b97f4a7c15);
    return key ^ key >> 32;
}

typedef struct {
    uint64_t key;
    int32_t a, b; /* counting: rows so far, the last row; numbering: the number */
} Slot;

typedef struct {
    Slot *slots;
    uint64_t mask;
    int64_t used;
} Table;

static int new_table(Table *t, int64_t size) {
    t->mask = (uint64_t)size - 1;
    t->used = 0;
    t->slots = malloc((size_t)size * sizeof *t->slots);
    if (!t->slots) return NO_MEMORY;
    for (int64_t i = 0; i < size; i++) t->slots[i].key = EMPTY;
    return 0;
}

static Slot *find(const Table *t, uint64_t key) {
    uint64_t at = hash(key) & t->mask;
    while (t->slots[at].key != key && t->slots[at].key != EMPTY) at = (at + 1) & t->mask;
    return t->slots + at;
}

static int grow(Table *t) {
    Table larger;
    if (new_table(&larger, 2 * ((int64_t)t->mask + 1))) return NO_MEMORY;
    for (uint64_t i = 0; i <= t->mask; i++)
        if (t->slots[i].key != EMPTY) *find(&larger, t->slots[i].key) = t->slots[i];
    larger.used = t->used;
    free(t->slots);
    *t = larger;
    return 0;
}

static int check(const int64_t *offset, int64_t rows) {
    if (rows >= INT32_MAX || offset[0]) return BAD_INPUT;
    for (int64_t i = 0; i < rows; i++)
        if (offset[i + 1] < offset[i]) return BAD_INPUT;
    return 0;
}

/* Fill `key` and `in_rows`. Returns 0, 1 where there is not enough memory, 3 where an argument is out of range. */
EXPORTED int recurra_pair_counts(PairCounts *c) {
    const Sequences *s = &c->sequences;
    Table table;
    if (check(s->offset, s->rows) || c->passes < 1 || c->passes & (c->passes - 1)) return BAD_INPUT;
    if (new_table(&table, 1 << 12)) return NO_MEMORY;
    for (int64_t row = 0; row < s->rows; row++)
        for (int64_t t = s->offset[row]; t + 1 < s->offset[row + 1]; t++) {
            if (s->x[t] < 0 || s->x[t + 1] < 0) continue;
            uint64_t key = pair(s->x + t);
            if ((int64_t)(hash(key) >> 40 & (uint64_t)(c->passes - 1)) != c->pass) continue;
            Slot *slot = find(&table, key);
            if (slot->key == EMPTY) {
                *slot = (Slot){key, 1, (int32_t)row};
                if (2 * ++table.used > (int64_t)table.mask && grow(&table)) {
                    free(table.slots);
                    return NO_MEMORY;
                }
            } else if (slot->b != row) {
                slot->a++;
                slot->b = (int32_t)row;
            }
        }
    c->found = 0;
    for (uint64_t i = 0; i <= table.mask; i++)
        if (table.slots[i].key != EMPTY && table.slots[i].a >= c->least) {
            c->key[c->found] = table.slots[i].key;
            c->in_rows[c->found++] = table.slots[i].a;
        }
    free(table.slots);
    return 0;
}

/* Fill `number`. Returns as above. */
EXPORTED int recurra_pair_numbers(const PairNumbers *n) {
    const Sequences *s = &n->sequences;
    Table table;
    int64_t size = 16;
    if (check(s->offset, s->rows)) return BAD_INPUT;
    while (size < 2 * n->count) size *= 2;
    if (new_table(&table, size)) return NO_MEMORY;
    for (int64_t i = 0; i < n->count; i++) *find(&table, n->key[i]) = (Slot){n->key[i], (int32_t)i, 0};
    for (int64_t row = 0; row < s->rows; row++)
        for (int64_t t = s->offset[row]; t < s->offset[row + 1]; t++) {
            n->number[t] = -1;
            if (t + 1 == s->offset[row + 1] || s->x[t] < 0 || s->x[t + 1] < 0) continue;
            const Slot *slot = find(&table, pair(s->x + t));
            if (slot->key != EMPTY) n->number[t] = slot->a;
        }
    free(table.slots);
    return 0;
}

/* Fill `pointer`, `index` and `count`. Returns as above. */
EXPORTED int recurra_row_features(const RowFeatures *f) {
    if (check(f->offset, f->rows) || f->levels < 1 || f->levels > 5 || f->features > INT32_MAX) return BAD_INPUT;
    int64_t longest = 0, end = 0;
    for (int64_t i = 0; i < f->rows; i++)
        if (f->offset[i + 1] - f->offset[i] > longest) longest = f->offset[i + 1] - f->offset[i];
    int64_t half = f->levels * longest;
    int32_t *room = malloc((size_t)(2 * half + 1) * sizeof *room);
    if (!room) return NO_MEMORY;
    int bits = recurra_bits(f->features);
    f->pointer[0] = 0;
    for (int64_t i = 0; i < f->rows; i++) {
        int64_t count = 0;
        for (int64_t l = 0; l < f->levels; l++)
            for (int64_t t = f->offset[i]; t < f->offset[i + 1]; t++) {
                int64_t number = f->x[l][t] + f->base[l];
                if (f->x[l][t] < 0) continue;
                if (number >= f->features) {
                    free(room);
                    return BAD_INPUT;
                }
                room[count++] = (int32_t)number;
            }
        const int32_t *x = recurra_sort(room, room + half, count, bits);
        for (int64_t k = 0; k < count; k++) {
            if (!k || x[k] != x[k - 1]) {
                f->index[end] = x[k];
                if (f->count) f->count[end] = 0;
                end++;
            }
            if (f->count) f->count[end - 1]++;
        }
        f->pointer[i + 1] = end;
    }
    free(room);
    return 0;
}
