/* A second thread for a single text: see helper_thread.c. */
#ifndef RECURRA_HELPER_THREAD_H
#define RECURRA_HELPER_THREAD_H

void recurra_with_helper(void (*run)(void *), void *work);

#endif
