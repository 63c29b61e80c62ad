#include "priority.h"

#if defined(_WIN32)
#include <windows.h>
#elif defined(__APPLE__)
#include <pthread.h>
#include <pthread/qos.h>
#elif defined(__linux__)
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace chainrule {

#if defined(_WIN32)

void lowerPriority() { SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_BELOW_NORMAL); }

#elif defined(__APPLE__)

void lowerPriority() { pthread_set_qos_class_self_np(QOS_CLASS_UTILITY, 0); }

#elif defined(__linux__)

// A tenth of the core's time where another thread wants the same core.
constexpr int NICER = 10;

// Linux has a priority for each thread, under the thread's id; it takes any above the highest for that.
void lowerPriority() {
  const id_t thread = static_cast<id_t>(syscall(SYS_gettid));
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + NICER);
}

#else

void lowerPriority() {}

#endif

}  // namespace chainrule
