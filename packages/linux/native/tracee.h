/*
 * Subjects under ptrace. There is one root, which execve() made and which runs nothing of a trace; every process of a
 * trace is cloned from it or from another process. All share one table of file descriptors (CLONE_FILES), so a file
 * that appears later is visible to everybody, and all are children of the runner (CLONE_PARENT), so it reaps them.
 * Neither flag changes what fork does to memory.
 */
#ifndef FORKLAB_TRACEE_H
#define FORKLAB_TRACEE_H

#include <errno.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "figures.h"
#include "uffd.h"

struct tracee {
  int pid; /* 0: not alive */
  int stat_fd;
  int waits_for; /* index of the vfork child that it waits for, -1 if none */
  int heap;      /* brk was set by the trace, here or in an ancestor */
  int missing;   /* its fork failed */
  unsigned long flushed_at; /* the value of `calls` when its translations were dropped last */
};

/* How running a stub ended. */
#define ENDED 0   /* at its trap */
#define CLONED -1 /* a new process exists, its parent stands before the return */
#define LOST -2   /* the subject is gone */
/* Above 0: the signal that the access raised. */

static struct user_regs_struct first_regs;
static volatile sig_atomic_t out_of_time;
static int lost_status;

static int wait_for(int pid, int *status) {
  for (;;) {
    int got = waitpid(pid, status, __WALL | (uffd_count ? WNOHANG : 0));
    if (got == pid) return 0;
    if (got < 0 && errno != EINTR) return -1;
    if (out_of_time) return -1;
    if (got == 0) uffd_serve();
  }
}

/* Lets a stopped subject run until something ends the stub. Signals that come from elsewhere are swallowed. */
static int run_on(int pid) {
  int status;
  for (;;) {
    if (ptrace(PTRACE_CONT, pid, 0, 0)) return LOST;
    if (wait_for(pid, &status)) return LOST;
    if (!WIFSTOPPED(status)) {
      lost_status = status;
      return LOST;
    }
    if (status >> 16) return CLONED;
    int signal = WSTOPSIG(status);
    if (signal == SIGTRAP) return ENDED;
    if (signal == SIGSEGV || signal == SIGBUS) return signal;
    if (signal == SIGILL || signal == SIGFPE) return LOST;
  }
}

static struct user_regs_struct at_stub(int stub) {
  struct user_regs_struct regs = first_regs;
  regs.rip = first_regs.rip + (unsigned long)stub * STUB_BYTES;
  /* Otherwise the kernel might restart a system call that was interrupted. */
  regs.orig_rax = -1ul;
  return regs;
}

static int run(int pid, struct user_regs_struct *regs) {
  if (ptrace(PTRACE_SETREGS, pid, 0, regs)) return LOST;
  int how = run_on(pid);
  if (how == ENDED && ptrace(PTRACE_GETREGS, pid, 0, regs)) return LOST;
  return how;
}

/* System calls so far, of all subjects. */
static unsigned long calls;

/* The result of the system call in *result. */
static int run_syscall(int pid, long number, const unsigned long *args, long *result) {
  struct user_regs_struct regs = at_stub(STUB_SYSCALL);
  regs.rax = (unsigned long)number;
  regs.rdi = args[0];
  regs.rsi = args[1];
  regs.rdx = args[2];
  regs.r10 = args[3];
  regs.r8 = args[4];
  regs.r9 = args[5];
  int how = run(pid, &regs);
  *result = (long)regs.rax;
  calls++;
  return how;
}

/*
 * A right that a system call raises in a present entry (mprotect, populating, a pin) is not flushed on x86: a processor
 * may know the old translation for as long as it likes, and then a store takes a fault that finds nothing to do. That is
 * chance, so stores that follow a system call begin without translations: dropping two pages that lie further apart
 * than the kernel flushes page by page (33 pages) flushes everything. Both are of the control area, and count nothing.
 * `always`: also where no call came between. Under a hypervisor a huge entry is remembered piece by piece, and once a
 * fault has made the whole writable, each piece still known as read-only costs such a fault.
 */
static int drop_translations(struct tracee *t, int always) {
  if (t->flushed_at == calls && !always) return ENDED;
  struct user_regs_struct regs = at_stub(STUB_READ);
  regs.rdi = CONTROL_ADDR;
  regs.rsi = 2;
  regs.rdx = CONTROL_BYTES / 2;
  const unsigned long args[6] = {CONTROL_ADDR, CONTROL_BYTES, MADV_DONTNEED};
  long result;
  int how = run(t->pid, &regs);
  if (how != ENDED) return how;
  how = run_syscall(t->pid, SYS_madvise, args, &result);
  t->flushed_at = calls;
  return how;
}

static int adopt(struct tracee *t, int pid, int heap) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  *t = (struct tracee){.pid = pid, .stat_fd = open(path, O_RDONLY | O_CLOEXEC), .waits_for = -1, .heap = heap};
  return t->stat_fd < 0 ? LOST : ENDED;
}

/*
 * Clones `parent`. The child runs one trap, so that its page of code and the three tables above it are there before
 * anything is measured. With CLONE_VFORK the parent is left standing before its return, until end_vfork().
 */
static int clone_tracee(struct tracee *parent, struct tracee *child, unsigned long flags, long *result) {
  const unsigned long args[6] = {flags | CLONE_FILES | CLONE_PARENT};
  unsigned long pid = 0;
  int status;
  int how = run_syscall(parent->pid, SYS_clone, args, result);
  if (how != CLONED) return how;
  if (ptrace(PTRACE_GETEVENTMSG, parent->pid, 0, &pid) || wait_for((int)pid, &status) || !WIFSTOPPED(status)) return LOST;
  if (!(flags & CLONE_VFORK) && run_on(parent->pid) != ENDED) return LOST;
  if (run_on((int)pid) != ENDED) return LOST;
  *result = 0;
  return adopt(child, (int)pid, parent->heap);
}

static void kill_tracee(struct tracee *t) {
  int status;
  if (!t->pid) return;
  kill(t->pid, SIGKILL);
  do {
    if (wait_for(t->pid, &status)) break;
  } while (WIFSTOPPED(status));
  close(t->stat_fd);
  t->pid = 0;
}

#endif
