/* Sixteen lanes: AVX-512. */
#define LANES 16
#define TILE 6
typedef __m512 V;

INLINE V v_load(const float *p) { return _mm512_loadu_ps(p); }
INLINE void v_store(float *p, V x) { _mm512_storeu_ps(p, x); }
INLINE V v_set(float x) { return _mm512_set1_ps(x); }
INLINE V v_fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }   /* a b + c */
INLINE V v_fnma(V a, V b, V c) { return _mm512_fnmadd_ps(a, b, c); } /* c - a b */
/* x within [-limit, limit]; NaN stays NaN (the second operand is returned) */
INLINE V v_clamp(V x, float limit) { return _mm512_max_ps(v_set(-limit), _mm512_min_ps(v_set(limit), x)); }
INLINE V v_sqrt(V x) { return _mm512_sqrt_ps(x); }
INLINE V v_round(V x) { return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
INLINE V v_scale(V x, V n) { return _mm512_scalef_ps(x, n); } /* x 2^n */
INLINE V v_approximate_reciprocal(V x) { return _mm512_rcp14_ps(x); } /* to 2^-14 */
/* to 2^-23: one step of Newton's method, in a third of the time of a division */
INLINE V v_reciprocal(V x) {
    V estimate = v_approximate_reciprocal(x);
    return v_fma(v_fnma(x, estimate, v_set(1.0f)), estimate, estimate);
}
/* Where x > best (or x is NaN) set best to x and source to step. */
INLINE void v_keep_max(V x, float *best, int32_t *source, int32_t step) {
    __mmask16 above = _mm512_cmp_ps_mask(x, v_load(best), _CMP_NLE_UQ);
    _mm512_mask_storeu_ps(best, above, x);
    _mm512_mask_storeu_epi32(source, above, _mm512_set1_epi32(step));
}
/* x where source is step, otherwise 0. */
INLINE V v_where_equal(const float *x, const int32_t *source, int32_t step) {
    return _mm512_maskz_loadu_ps(_mm512_cmpeq_epi32_mask(_mm512_loadu_si512(source), _mm512_set1_epi32(step)), x);
}
INLINE void v_fill(int32_t *p, int32_t x) { _mm512_storeu_si512(p, _mm512_set1_epi32(x)); }
INLINE V b_load(const uint16_t *p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}
