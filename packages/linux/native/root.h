/*
 * Starting the root subject: execute it, give it the control area, and unmap everything that execve() put around it
 * (stack, vdso, vvar), so that an empty subject is one page of code and the control area.
 */
#ifndef FORKLAB_ROOT_H
#define FORKLAB_ROOT_H

#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>

#include "tracee.h"

/* Shared by the runner and every subject: the file name of memory files, io_uring arguments, lists of addresses. */
static char *control;
#define CONTROL_NAME 0
#define CONTROL_RING 64
#define CONTROL_VECTOR 512
#define CONTROL_MARKS 1024
#define CONTROL_LIST 4096
#define LIST_ENTRIES ((CONTROL_BYTES - CONTROL_LIST) / 8)

#define TRACE_OPTIONS (PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK)

static int control_fd(void) {
  int fd = memfd_create("control", 0);
  if (fd < 0 || ftruncate(fd, CONTROL_BYTES)) return -1;
  control = mmap(0, CONTROL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (control == MAP_FAILED) return -1;
  /* All of it at once, so that no page of it is ever a subject's doing, and counted as one of the trace's. */
  memset(control, 0, CONTROL_BYTES);
  strcpy(control + CONTROL_NAME, "forklab");
  return fd;
}

static void become_subject(const char *path) {
  char *const none[] = {0};
  char *const argv[] = {"forklab-subject", 0};
  personality(ADDR_NO_RANDOMIZE);
  /* How far a stack grows is part of what a trace answers: as far as a kernel lets it that nobody told otherwise. */
  const struct rlimit stack = {8 << 20, RLIM_INFINITY}, none_at_all = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_STACK, &stack);
  setrlimit(RLIMIT_DATA, &none_at_all);
  if (ptrace(PTRACE_TRACEME, 0, 0, 0)) _exit(errno);
  execve(path, argv, none);
  _exit(errno);
}

/* Unmaps whatever /proc/PID/maps shows outside of the code and the control area. */
static int strip(int pid) {
  unsigned long start, end;
  long result;
  if (!read_proc_file(pid, "maps")) return -1;
  for (char *line = file_text; line && *line; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (sscanf(line, "%lx-%lx", &start, &end) != 2) break;
    int code = first_regs.rip >= start && first_regs.rip < end;
    if (code || start == CONTROL_ADDR || start >= USER_END) continue;
    const unsigned long args[6] = {start, end - start};
    if (run_syscall(pid, SYS_munmap, args, &result) != ENDED || result) return -1;
  }
  return 0;
}

/* 0, or -1 with errno set. */
static int start_root(struct tracee *root, const char *path) {
  int status, fd = control_fd();
  if (fd < 0) return -1;
  int pid = fork();
  if (pid == 0) become_subject(path);
  if (pid < 0 || wait_for(pid, &status)) return -1;
  if (!WIFSTOPPED(status)) {
    errno = WIFEXITED(status) ? WEXITSTATUS(status) : EIO;
    return -1;
  }
  if (ptrace(PTRACE_SETOPTIONS, pid, 0, TRACE_OPTIONS) || ptrace(PTRACE_GETREGS, pid, 0, &first_regs)) return -1;
  long result;
  const unsigned long args[6] = {CONTROL_ADDR, CONTROL_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
                                 (unsigned long)fd, 0};
  if (run_syscall(pid, SYS_mmap, args, &result) != ENDED || result != (long)CONTROL_ADDR || strip(pid)) {
    errno = EPROTO;
    return -1;
  }
  const unsigned long close_args[6] = {(unsigned long)fd};
  run_syscall(pid, SYS_close, close_args, &result);
  close(fd);
  return adopt(root, pid, 0) == ENDED ? 0 : -1;
}

#endif
