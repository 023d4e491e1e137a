/* Exponential smoothings for any processor, and the choice of a faster variant. */
#include "common.h"
#include "exported.h"

#define NAME(name) plain_##name
#include "smoothing_body.h"

/* Run all smoothings over all steps; variant: as in library.c, -1 for none. Returns 0, 1 where there is not enough
   memory, 3 for a size that cannot be. */
EXPORTED int recurra_smoothing(int variant, const Smoothing *s) {
    switch (variant) {
    case AVX512_FLOAT: return avx512_float_smoothing(s);
    case AVX2_FLOAT: return avx2_float_smoothing(s);
    default: return plain_smoothing(s);
    }
}
