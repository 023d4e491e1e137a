/* bfloat16 in memory, float in registers; products take two terms at a time (VDPBF16PS). */
typedef uint16_t E;
typedef __m512bh W;
#define TERMS 2
INLINE V e_load(const E *p) { return b_load(p); }
INLINE void e_store(E *p, V x) { _mm256_storeu_si256((__m256i *)p, (__m256i)_mm512_cvtneps_pbh(x)); }
INLINE W w_load(const E *p) { return (W)_mm512_loadu_si512(p); }
INLINE W w_set(const E *p) {
    int32_t both;
    memcpy(&both, p, sizeof both);
    return (W)_mm512_set1_epi32(both);
}
INLINE V w_dot(W a, W b, V c) { return _mm512_dpbf16_ps(c, a, b); }
