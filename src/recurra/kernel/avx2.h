/* Eight lanes: AVX2 with FMA. */
#define LANES 8
#define TILE 3
typedef __m256 V;

INLINE V v_load(const float *p) { return _mm256_loadu_ps(p); }
INLINE void v_store(float *p, V x) { _mm256_storeu_ps(p, x); }
INLINE V v_set(float x) { return _mm256_set1_ps(x); }
INLINE V v_fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }   /* a b + c */
INLINE V v_fnma(V a, V b, V c) { return _mm256_fnmadd_ps(a, b, c); } /* c - a b */
/* x within [-limit, limit]; NaN stays NaN (the second operand is returned) */
INLINE V v_clamp(V x, float limit) { return _mm256_max_ps(v_set(-limit), _mm256_min_ps(v_set(limit), x)); }
INLINE V v_sqrt(V x) { return _mm256_sqrt_ps(x); }
INLINE V v_round(V x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
/* x 2^n for n from -126 to 127 */
INLINE V v_scale(V x, V n) {
    __m256i exponent = _mm256_slli_epi32(_mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127)), 23);
    return x * _mm256_castsi256_ps(exponent);
}
INLINE V v_reciprocal(V x) { return v_set(1.0f) / x; }
/* Where x > best (or x is NaN) set best to x and source to step. */
INLINE void v_keep_max(V x, float *best, int32_t *source, int32_t step) {
    __m256 above = _mm256_cmp_ps(x, v_load(best), _CMP_NLE_UQ);
    v_store(best, _mm256_blendv_ps(v_load(best), x, above));
    __m256 steps = _mm256_castsi256_ps(_mm256_set1_epi32(step));
    v_store((float *)source, _mm256_blendv_ps(v_load((const float *)source), steps, above));
}
/* x where source is step, otherwise 0. */
INLINE V v_where_equal(const float *x, const int32_t *source, int32_t step) {
    __m256i same = _mm256_cmpeq_epi32(_mm256_loadu_si256((const __m256i *)source), _mm256_set1_epi32(step));
    return _mm256_and_ps(_mm256_castsi256_ps(same), v_load(x));
}
INLINE void v_fill(int32_t *p, int32_t x) { _mm256_storeu_si256((__m256i *)p, _mm256_set1_epi32(x)); }
