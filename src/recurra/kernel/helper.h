/* A thread that helps out: see helper.c. */
#ifndef RECURRA_HELPER_H
#define RECURRA_HELPER_H

void recurra_with_helper(void (*take)(void *), void *work);

#endif
