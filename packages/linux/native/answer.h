/*
 * What the runner answers, how it ends when it cannot go on, and how it has a subject do a system call. Nothing here knows
 * what operations there are.
 */
#ifndef FORKLAB_ANSWER_H
#define FORKLAB_ANSWER_H

#include "reclaim.h"
#include "root.h"

static struct tracee root, *tracees;
static unsigned int tracee_count;
static unsigned int now_index;

/* A subject that is gone already was reaped, and its number may be somebody else's by now. */
static void end_if_ours(struct tracee *t) {
  int status;
  if (t->pid && waitpid(t->pid, &status, WNOHANG | __WALL) == 0) kill_tracee(t);
}

/* Subjects would die with the runner, but only later than whoever waits for it is told that it has ended. */
static void end_at_once(void) {
  set_timer(0);
  out_of_time = 0;
  for (unsigned int k = tracee_count; k-- > 0;) end_if_ours(&tracees[k]);
  end_if_ours(&root);
  end_group();
  end_swap();
  _exit(1);
}

static void answer(unsigned int kind, unsigned int proc, const long *values, unsigned int count) {
  struct wire_answer record = {.kind = kind, .index = now_index, .proc = proc, .count = count};
  memcpy(record.values, values, count * sizeof *values);
  if (fwrite(&record, sizeof record, 1, stdout) != 1) end_at_once();
}

static void die(long reason, long detail) {
  const long values[2] = {reason, detail};
  answer(ANSWER_FATAL, 0, values, 2);
  fflush(stdout);
  end_at_once();
}

static void step(long result) {
  const long values[5] = {result, 0, 0, 0, uffd_events};
  answer(ANSWER_STEP, 0, values, 5);
}

static void lost(void) {
  if (out_of_time) die(FATAL_TIMEOUT, 0);
  die(FATAL_KILLED, lost_status);
}

static void must_end(int how) {
  if (how != ENDED) lost();
}

static void read_all(void *to, size_t bytes) {
  if (fread(to, 1, bytes, stdin) != bytes) die(FATAL_INPUT, 0);
}

static struct tracee *slot(unsigned int index) {
  if (index >= tracee_count) die(FATAL_TRACE, index);
  return &tracees[index];
}

static struct tracee *alive(unsigned int index) {
  struct tracee *t = slot(index);
  if (!t->pid || t->waits_for >= 0) die(FATAL_TRACE, index);
  return t;
}

static long syscall_in(struct tracee *t, long number, const unsigned long *args) {
  long result;
  must_end(run_syscall(t->pid, number, args, &result));
  return result;
}

static long call3(struct tracee *t, long number, unsigned long a, unsigned long b, unsigned long c) {
  const unsigned long args[6] = {a, b, c};
  return syscall_in(t, number, args);
}

static long errno_or_0(long result) { return result < 0 && result > -4096 ? result : 0; }

#endif
