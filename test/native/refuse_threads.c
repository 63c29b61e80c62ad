// Preloaded into a process, it refuses threads as a system does at a limit of processes: the environment variable GRANTED_THREADS, once it is
// set, says how many more there may be.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef int (*Create)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) {
  static atomic_int granted;
  const char* limit = getenv("GRANTED_THREADS");
  if (limit && atomic_fetch_add(&granted, 1) >= atoi(limit)) return EAGAIN;
  return ((Create)dlsym(RTLD_NEXT, "pthread_create"))(thread, attributes, start, argument);
}
