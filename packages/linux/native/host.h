/* How the runner behaves on its host: its processor, its session, its time, and what it leaves to others. */
#ifndef FORKLAB_HOST_H
#define FORKLAB_HOST_H

#include <sched.h>
#include <sys/time.h>

#include "tracee.h"

static void set_timer(unsigned int ms) {
  /* It repeats, since the first one may come just before the runner goes to wait. */
  const long repeat_us = ms ? 100000 : 0;
  const struct itimerval timer = {{0, repeat_us}, {ms / 1000, (long)(ms % 1000) * 1000}};
  setitimer(ITIMER_REAL, &timer, 0);
}

static void on_alarm(int signal) {
  (void)signal;
  out_of_time = 1;
}

/* Asked to end, or whoever started the runner has died: everything that waits gives up, and what was set up is undone. */
static void on_end(int signal) {
  on_alarm(signal);
  set_timer(1);
}

static void prepare(void) {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CPU_SET(sched_getcpu(), &cpus);
  sched_setaffinity(0, sizeof cpus, &cpus);
  /* A terminal's Ctrl-C is for the command that started the runner; that one ends it, or dies and so ends it. */
  setsid();
  struct sigaction end = {.sa_handler = on_end};
  sigaction(SIGTERM, &end, 0);
  /* Nobody reads any more: what is written says so, and there is still something to undo. */
  signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() == 1) _exit(1);
  /* A trace that takes all memory must not take somebody else's process with it. */
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd >= 0 && write(fd, "1000", 4) == 4) close(fd);
  struct sigaction action = {.sa_handler = on_alarm};
  sigaction(SIGALRM, &action, 0);
}

#endif
