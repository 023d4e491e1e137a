/* float in memory and in registers. */
typedef float E;
typedef V W;
#define TERMS 1
INLINE V e_load(const E *p) { return v_load(p); }
INLINE void e_store(E *p, V x) { v_store(p, x); }
INLINE W w_load(const E *p) { return v_load(p); }
INLINE W w_set(const E *p) { return v_set(*p); }
INLINE V w_dot(W a, W b, V c) { return v_fma(a, b, c); }
