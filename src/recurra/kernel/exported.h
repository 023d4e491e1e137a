/* What the library shows to its callers; all else is hidden. */
#ifndef RECURRA_EXPORTED_H
#define RECURRA_EXPORTED_H

#define EXPORTED __attribute__((visibility("default")))

enum { NO_MEMORY = 1, NO_VARIANT = 2, BAD_INPUT = 3 }; /* errors, as in `library.py` */

#endif
