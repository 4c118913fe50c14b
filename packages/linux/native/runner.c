/*
 * The runner: reads a trace as binary records on stdin, has it done by subjects (subject.c), and writes what happened
 * to stdout. Usage: runner SUBJECT. One runner does any number of traces, one after the other; it ends at the
 * end of its input, and every subject dies with it (PTRACE_O_EXITKILL).
 *
 * It stays on one processor, together with its subjects: handing over is faster there, and a page that still sits in
 * another processor's LRU batch has a reference too many, so that a write to it would copy instead of reuse.
 */
#define _GNU_SOURCE
#include "answer.h"
#include "pins.h"

static int *files;
static unsigned int file_count, huge_pages;
static long own_pte;

static int *file_slot(unsigned int index) {
  if (index >= file_count) die(FATAL_TRACE, index);
  return &files[index];
}

static void do_mmap(const struct wire_op *op) {
  unsigned long args[6];
  memcpy(args, op->args, sizeof args);
  args[4] = op->number == NO_FILE ? -1ul : (unsigned long)*file_slot(op->number);
  step(errno_or_0(syscall_in(alive(op->proc), SYS_mmap, args)));
}

static void do_file(const struct wire_op *op) {
  int *file = file_slot(op->number);
  long fd = call3(&root, SYS_memfd_create, CONTROL_ADDR + CONTROL_NAME, 0, 0);
  *file = (int)fd;
  step(fd < 0 ? fd : call3(&root, SYS_ftruncate, (unsigned long)fd, op->args[0], 0));
}

/*
 * An empty subject has no heap, and a real one begins where its executable ends. So the first brk of a process says
 * where its heap begins, and later ones move the end. PR_SET_MM_MAP sets all such marks at once, and needs no right;
 * only the marks of the heap mean anything to the kernel.
 */
static long begin_heap(struct tracee *t, unsigned long addr) {
  struct prctl_mm_map *marks = (struct prctl_mm_map *)(control + CONTROL_MARKS);
  *marks = (struct prctl_mm_map){.start_code = first_regs.rip, .end_code = first_regs.rip + 1,
                                 .start_data = CONTROL_ADDR, .end_data = CONTROL_ADDR, .start_brk = addr, .brk = addr,
                                 .start_stack = CONTROL_ADDR, .arg_start = CONTROL_ADDR, .arg_end = CONTROL_ADDR,
                                 .env_start = CONTROL_ADDR, .env_end = CONTROL_ADDR, .exe_fd = -1u};
  const unsigned long args[6] = {PR_SET_MM, PR_SET_MM_MAP, CONTROL_ADDR + CONTROL_MARKS, sizeof *marks};
  return syscall_in(t, SYS_prctl, args) ? -ENOSYS : 0;
}

static void do_brk(const struct wire_op *op) {
  struct tracee *t = alive(op->proc);
  unsigned long addr = op->args[0];
  if (addr >= USER_END - 4096) return step(-ENOMEM);
  if (t->heap) return step((unsigned long)call3(t, SYS_brk, addr, 0, 0) == addr ? 0 : -ENOMEM);
  long result = begin_heap(t, addr);
  t->heap = result == 0;
  step(result);
}

static void access_step(struct tracee *t, int stub, struct user_regs_struct *regs) {
  struct faults before, after;
  if (stub == STUB_WRITE) must_end(drop_translations(t, huge_pages));
  if (read_faults(t->stat_fd, &before)) lost();
  int how = run(t->pid, regs);
  if (how > 0) return step(RESULT_SIGNAL + how);
  must_end(how);
  if (read_faults(t->stat_fd, &after)) lost();
  const long values[5] = {0, after.minor - before.minor, after.major - before.major,
                          stub == STUB_DIGEST ? (long)(regs->rax & 0xffffffff) : 0, uffd_events};
  answer(ANSWER_STEP, 0, values, 5);
}

static void do_access(const struct wire_op *op, int stub) {
  struct user_regs_struct regs = at_stub(stub);
  regs.rdi = op->args[0];
  regs.rsi = op->args[1];
  regs.rdx = op->args[2];
  regs.rax = stub == STUB_DIGEST ? 2166136261ul : op->args[3];
  access_step(alive(op->proc), stub, &regs);
}

/* The list lies in the control area, which is touched before faults are counted. A long list is done in parts. */
static void do_list(const struct wire_op *op, int stub) {
  struct tracee *t = alive(op->proc);
  struct faults part, sum = {0, 0};
  long result = 0;
  if (stub == STUB_WRITE_LIST) must_end(drop_translations(t, huge_pages));
  for (unsigned long left = op->args[0]; left;) {
    unsigned long count = left < LIST_ENTRIES ? left : LIST_ENTRIES;
    read_all(control + CONTROL_LIST, count * 8);
    left -= count;
    if (result) continue;
    struct user_regs_struct regs = at_stub(STUB_READ);
    regs.rdi = CONTROL_ADDR + CONTROL_LIST;
    regs.rsi = (count * 8 + 4095) / 4096;
    regs.rdx = 4096;
    must_end(run(t->pid, &regs));
    if (read_faults(t->stat_fd, &part)) lost();
    sum.minor -= part.minor;
    sum.major -= part.major;
    regs = at_stub(stub);
    regs.rbx = CONTROL_ADDR + CONTROL_LIST;
    regs.rsi = count;
    regs.rax = op->args[3];
    int how = run(t->pid, &regs);
    if (how > 0) result = RESULT_SIGNAL + how;
    else must_end(how);
    if (read_faults(t->stat_fd, &part)) lost();
    sum.minor += part.minor;
    sum.major += part.major;
  }
  const long values[5] = {result, sum.minor, sum.major, 0, uffd_events};
  answer(ANSWER_STEP, 0, values, 5);
}

static void do_fork(const struct wire_op *op, unsigned long flags) {
  struct tracee *parent = alive(op->proc), *child = slot(op->number);
  long result = 0;
  must_end(clone_tracee(parent, child, flags, &result));
  child->missing = result != 0;
  if (!result && flags) parent->waits_for = (int)op->number;
  step(result);
}

/* Adds an empty process. It is no step: the trace's own operation may be one. */
static void add_process(unsigned int index) {
  long result = 0;
  must_end(clone_tracee(&root, slot(index), 0, &result));
  if (result) die(FATAL_HOST, -result);
}

static void leave(unsigned int index) {
  struct tracee *t = slot(index);
  if (!t->pid) return;
  const int heap = t->heap;
  for (size_t k = pin_count; k-- > 0;)
    if (pins[k].proc == index && let_go(t, &pins[k]) == -ESRCH) lost();
  kill_tracee(t);
  uffd_close(index);
  for (unsigned int k = 0; k < tracee_count; k++) {
    if (!tracees[k].pid || tracees[k].waits_for != (int)index) continue;
    tracees[k].waits_for = -1;
    /* The heap of the child was the parent's. */
    tracees[k].heap = heap;
    must_end(run_on(tracees[k].pid));
  }
}

/* exec leaves an empty mm behind, which is what a new process has; a new one also keeps the shared table of files. */
static void do_exec(unsigned int index) {
  alive(index);
  leave(index);
  add_process(index);
  step(0);
}

static void do_pin(const struct wire_op *op) {
  struct tracee *t = alive(op->proc);
  struct pin pin = {.proc = op->proc, .addr = op->args[0], .length = op->args[1]};
  if (pin.length == 0) return step(-EFAULT);
  pin.start = pin.addr & ~(PAGE_BYTES - 1);
  pin.bytes = ((pin.addr + pin.length + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1)) - pin.start;
  long result = op->number == PIN_GET ? pin_by_pipe(t, &pin) : pin_by_ring(t, &pin);
  if (result == -ESRCH) lost();
  if (result) return step(result);
  pins = realloc(pins, (pin_count + 1) * sizeof *pins);
  if (!pins) die(FATAL_HOST, ENOMEM);
  pins[pin_count++] = pin;
  step(0);
}

static void do_unpin(const struct wire_op *op) {
  struct tracee *t = alive(op->proc);
  struct pin *pin = find_pin(op->proc, op->args[0], op->args[1]);
  long result = pin ? let_go(t, pin) : -EINVAL;
  if (result == -ESRCH) lost();
  step(result);
}

static void do_peek(const struct wire_op *op) {
  struct tracee *t = alive(op->proc);
  struct pin *pin = find_pin(op->proc, op->args[0], op->args[1]);
  if (!pin) return step(-EINVAL);
  long hash = look_through(t->pid, pin);
  if (hash < 0) die(FATAL_HOST, -hash);
  const long values[4] = {0, 0, 0, hash};
  answer(ANSWER_STEP, 0, values, 4);
}

static struct range swapouts[64];
static unsigned int swapout_steps[64];
static size_t swapout_count;

/* Steps that follow each other are done at once, since what they name together may be what can be reclaimed. */
static void do_swapout(const struct wire_op *op) {
  if (swapout_count == sizeof swapouts / sizeof *swapouts) die(FATAL_INPUT, op->number);
  const unsigned long start = op->args[0] & ~4095ul, end = (op->args[0] + op->args[1] + 4095) & ~4095ul;
  swapout_steps[swapout_count] = now_index;
  swapouts[swapout_count++] = (struct range){alive(op->proc)->pid, start, end};
  if (op->number) return;
  long result = reclaim_ranges(swapouts, swapout_count, root.pid, pin_count > 0);
  if (result == -EIO) lost();
  for (size_t k = 0; k < swapout_count; k++) {
    now_index = swapout_steps[k];
    step(result);
  }
  swapout_count = 0;
}

/* The process's userfaultfd of a mode, made when first asked for. */
static int uffd_of(struct tracee *t, unsigned int proc, unsigned int mode) {
  int fd = uffd_find(proc, mode);
  if (fd >= 0) return fd;
  long made = call3(t, SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK, 0, 0);
  if (made < 0) return -ENOSYS;
  fd = uffd_take(t->pid, (int)made);
  call3(t, SYS_close, (unsigned long)made, 0, 0);
  return fd < 0 ? -ENOSYS : uffd_adopt(proc, mode, fd);
}

static void do_uffd(const struct wire_op *op) {
  struct tracee *t = alive(op->proc);
  unsigned int owner = op->proc;
  /* A vfork child has its parent's memory, and so its userfaultfds. */
  for (unsigned int k = tracee_count; k-- > 0;)
    if (tracees[k].pid && tracees[k].waits_for == (int)owner) owner = k;
  int fd = uffd_of(t, owner, op->number);
  step(fd < 0 ? fd : uffd_call(fd, op->args));
}

static void do_sample(void) {
  long figures[FIGURES];
  for (unsigned int k = 0; k < tracee_count; k++) {
    if (!tracees[k].pid) continue;
    if (read_figures(tracees[k].pid, own_pte, figures)) lost();
    answer(ANSWER_PROC, k, figures, FIGURES);
  }
}

/* A child whose fork failed does not exist; what the trace has it do is answered as for a stranger. */
static void do_op_of_missing(const struct wire_op *op) {
  if (op->kind == OP_FORK || op->kind == OP_VFORK) slot(op->number)->missing = 1;
  if (op->kind == OP_READ_LIST || op->kind == OP_WRITE_LIST)
    for (unsigned long left = op->args[0]; left; left--) read_all(control + CONTROL_LIST, 8);
  step(-ESRCH);
}

static int is_of_process(unsigned int kind) {
  return kind != OP_PROCESS && kind != OP_FILE && kind != OP_TRUNCATE && kind != OP_SAMPLE;
}

static void do_op(const struct wire_op *op) {
  if (is_of_process(op->kind) && slot(op->proc)->missing) return do_op_of_missing(op);
  switch (op->kind) {
    case OP_PROCESS:
      add_process(op->proc);
      if (op->number) step(0);
      return;
    case OP_SYSCALL: return step(errno_or_0(syscall_in(alive(op->proc), op->number, op->args)));
    case OP_MMAP: return do_mmap(op);
    case OP_FILE: return do_file(op);
    case OP_TRUNCATE: return step(call3(&root, SYS_ftruncate, (unsigned long)*file_slot(op->number), op->args[0], 0));
    case OP_BRK: return do_brk(op);
    case OP_READ: return do_access(op, STUB_READ);
    case OP_WRITE: return do_access(op, STUB_WRITE);
    case OP_DIGEST: return do_access(op, STUB_DIGEST);
    case OP_READ_LIST: return do_list(op, STUB_READ_LIST);
    case OP_WRITE_LIST: return do_list(op, STUB_WRITE_LIST);
    case OP_FORK: return do_fork(op, 0);
    case OP_VFORK: return do_fork(op, CLONE_VM | CLONE_VFORK);
    case OP_EXEC: return do_exec(op->proc);
    case OP_EXIT:
      alive(op->proc);
      leave(op->proc);
      return step(0);
    case OP_PIN: return do_pin(op);
    case OP_UNPIN: return do_unpin(op);
    case OP_SWAPOUT: return do_swapout(op);
    case OP_PEEK: return do_peek(op);
    case OP_SAMPLE: return do_sample();
    case OP_UFFD: return do_uffd(op);
    default: die(FATAL_INPUT, op->kind);
  }
}

static void clean_up(void) {
  /* Children first, so that a process which waits for its vfork child is free when its turn comes. */
  for (unsigned int k = tracee_count; k-- > 0;) leave(k);
  for (unsigned int k = 0; k < file_count; k++)
    if (files[k] >= 0) call3(&root, SYS_close, (unsigned long)files[k], 0, 0);
  free(tracees);
  free(files);
  tracees = 0;
  files = 0;
  tracee_count = file_count = 0;
  swapout_count = 0;
}

static void prepare_swap(void) {
  int error = begin_swap();
  if (error) die(FATAL_HOST, error);
  /* Without it, pages that several processes map cannot be reclaimed: see reclaim.h. */
  begin_group(root.pid);
}

static int do_trace(void) {
  struct wire_start start;
  struct wire_op op;
  if (fread(&start, 1, sizeof start, stdin) != sizeof start) return 0;
  if (start.magic != WIRE_MAGIC) die(FATAL_INPUT, start.magic);
  tracees = calloc(start.procs + 1, sizeof *tracees);
  files = malloc((start.files + 1) * sizeof *files);
  if (!tracees || !files) die(FATAL_HOST, ENOMEM);
  tracee_count = start.procs;
  file_count = start.files;
  memset(files, -1, start.files * sizeof *files);
  if (start.swap) prepare_swap();
  set_timer(start.timeout_ms);
  /* Every process of the trace is cloned from the root, and has this from it. */
  if (call3(&root, SYS_prctl, PR_SET_THP_DISABLE, !start.thp, 0)) die(FATAL_HOST, ENOSYS);
  huge_pages = start.thp;
  for (;;) {
    read_all(&op, sizeof op);
    now_index = op.index;
    uffd_events = 0;
    if (op.kind == OP_END) break;
    do_op(&op);
    if (out_of_time) die(FATAL_TIMEOUT, 0);
  }
  clean_up();
  set_timer(0);
  answer(ANSWER_DONE, 0, 0, 0);
  fflush(stdout);
  return 1;
}

/* What an empty subject has in page tables, so that it can be taken off. */
static void measure_empty(void) {
  long figures[FIGURES], result = 0;
  struct tracee empty;
  if (clone_tracee(&root, &empty, 0, &result) != ENDED || result) die(FATAL_HOST, result ? -result : errno);
  if (read_figures(empty.pid, 0, figures)) die(FATAL_HOST, errno);
  own_pte = figures[FIGURE_VM_PTE];
  if (figures[FIGURE_VMAS]) die(FATAL_HOST, EPROTO);
  kill_tracee(&empty);
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  prepare();
  if (start_root(&root, argv[1])) die(FATAL_HOST, errno);
  measure_empty();
  const long ready[2] = {own_pte, can_swap()};
  answer(ANSWER_READY, 0, ready, 2);
  fflush(stdout);
  while (do_trace()) continue;
  /* Taking the swap device away would be cut short by it. */
  set_timer(0);
  kill_tracee(&root);
  end_group();
  end_swap();
  return 0;
}
