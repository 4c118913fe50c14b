/*
 * userfaultfd write protection. A subject makes its userfaultfds, since each belongs to the address space of its maker;
 * the runner takes the descriptors over, so that it can register ranges and be the handler: it answers each event by
 * taking the protection off the page. One process at a time runs, so while it waits for that process it serves events.
 */
#ifndef FORKLAB_UFFD_H
#define FORKLAB_UFFD_H

#include <errno.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wire.h"

/* Younger than some hosts' headers. */
#define FEATURE_WP_UNPOPULATED (1 << 13)
#define FEATURE_WP_ASYNC (1 << 15)

/* By mode: see src/wire.ts. */
#define UFFD_MODES 3
static const unsigned long long uffd_features[UFFD_MODES] = {
    UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_WP_HUGETLBFS_SHMEM,
    UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_WP_HUGETLBFS_SHMEM | FEATURE_WP_UNPOPULATED,
    UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_WP_HUGETLBFS_SHMEM | FEATURE_WP_ASYNC,
};

struct uffd {
  unsigned int proc, mode;
};

/* uffds[k] belongs to uffd_polls[k]; behind them stands the descriptor that tells of stopped subjects. */
static struct uffd *uffds;
static struct pollfd *uffd_polls;
static unsigned int uffd_count;
static int child_signals = -1;
/* Events answered since the operation began. */
static long uffd_events;

static int uffd_find(unsigned int proc, unsigned int mode) {
  for (unsigned int k = 0; k < uffd_count; k++)
    if (uffds[k].proc == proc && uffds[k].mode == mode) return uffd_polls[k].fd;
  return -1;
}

/* A descriptor of another process; -1 if that is not allowed. */
static int uffd_take(int pid, int theirs) {
  int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
  int fd = pidfd < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, pidfd, theirs, 0);
  if (pidfd >= 0) close(pidfd);
  return fd;
}

/* Takes over a fresh descriptor; -errno if the kernel does not know what this mode needs. */
static int uffd_adopt(unsigned int proc, unsigned int mode, int fd) {
  struct uffdio_api api = {.api = UFFD_API, .features = uffd_features[mode]};
  if (ioctl(fd, UFFDIO_API, &api)) {
    int error = errno;
    close(fd);
    return -error;
  }
  if (child_signals < 0) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, 0);
    child_signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  }
  uffds = realloc(uffds, (uffd_count + 1) * sizeof *uffds);
  uffd_polls = realloc(uffd_polls, (uffd_count + 2) * sizeof *uffd_polls);
  if (!uffds || !uffd_polls || child_signals < 0) _exit(3);
  uffds[uffd_count] = (struct uffd){proc, mode};
  uffd_polls[uffd_count++] = (struct pollfd){.fd = fd, .events = POLLIN};
  uffd_polls[uffd_count] = (struct pollfd){.fd = child_signals, .events = POLLIN};
  return fd;
}

/* args: one of UFFD_*, address, length, protect. */
static long uffd_call(int fd, const unsigned long *args) {
  struct uffdio_range range = {args[1], args[2]};
  struct uffdio_register request = {.range = range, .mode = UFFDIO_REGISTER_MODE_WP};
  struct uffdio_writeprotect change = {range, args[3] ? UFFDIO_WRITEPROTECT_MODE_WP : 0};
  int failed = args[0] == UFFD_REGISTER     ? ioctl(fd, UFFDIO_REGISTER, &request)
               : args[0] == UFFD_UNREGISTER ? ioctl(fd, UFFDIO_UNREGISTER, &range)
                                            : ioctl(fd, UFFDIO_WRITEPROTECT, &change);
  return failed ? -errno : 0;
}

/* The userfaultfds of a process that ends. */
static void uffd_close(unsigned int proc) {
  for (unsigned int k = uffd_count; k-- > 0;) {
    if (uffds[k].proc != proc) continue;
    close(uffd_polls[k].fd);
    uffd_count--;
    uffds[k] = uffds[uffd_count];
    uffd_polls[k] = uffd_polls[uffd_count];
    uffd_polls[uffd_count] = uffd_polls[uffd_count + 1];
  }
}

static void uffd_answer(int fd) {
  struct uffd_msg message;
  while (read(fd, &message, sizeof message) == sizeof message) {
    if (message.event != UFFD_EVENT_PAGEFAULT) continue;
    struct uffdio_writeprotect page = {{message.arg.pagefault.address & ~0xfffull, 4096}, 0};
    uffd_events++;
    /* Somebody who waits where nothing is protected any more has to look again. */
    if (ioctl(fd, UFFDIO_WRITEPROTECT, &page)) ioctl(fd, UFFDIO_WAKE, &page.range);
  }
}

/* Waits until a subject stops or faults, or a signal comes; answers all faults there are. */
static void uffd_serve(void) {
  struct signalfd_siginfo info;
  if (poll(uffd_polls, uffd_count + 1, -1) <= 0) return;
  while (read(child_signals, &info, sizeof info) == sizeof info) continue;
  for (unsigned int k = 0; k < uffd_count; k++)
    if (uffd_polls[k].revents & POLLIN) uffd_answer(uffd_polls[k].fd);
}

#endif
