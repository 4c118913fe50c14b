/*
 * Pages that a subject holds besides mapping them. A pin is a buffer registered with io_uring: that is the way to
 * FOLL_PIN | FOLL_WRITE | FOLL_LONGTERM without a device. A reference (FOLL_GET) is a page spliced into a pipe. Both stay
 * until they are let go of, or until their process does. The runner borrows the descriptors to look through them, so that
 * looking leaves no mark on the subject.
 */
#ifndef FORKLAB_PINS_H
#define FORKLAB_PINS_H

#include <linux/io_uring.h>
#include <sys/mman.h>

#include "root.h"

#define PAGE_BYTES 4096ul
#define FNV_BASIS 2166136261u
#define FNV_PRIME 16777619u

struct pin {
  unsigned int proc;
  int ring;     /* -1: it is a pipe */
  int ends[2];  /* of the pipe */
  unsigned long addr, length; /* as the trace names it */
  unsigned long start, bytes; /* in whole pages */
  struct io_uring_params params;
};
static struct pin *pins;
static size_t pin_count;

static long errno_of(long result) { return result < 0 ? -errno : result; }

/* 0, or -errno with nothing held. */
static long pin_by_ring(struct tracee *t, struct pin *pin) {
  long result;
  memset(control + CONTROL_RING, 0, sizeof(struct io_uring_params));
  const unsigned long setup[6] = {1, CONTROL_ADDR + CONTROL_RING};
  if (run_syscall(t->pid, SYS_io_uring_setup, setup, &result) != ENDED) return -ESRCH;
  if (result < 0) return -ENOSYS;
  pin->ring = (int)result;
  memcpy(&pin->params, control + CONTROL_RING, sizeof pin->params);
  const unsigned long vector[2] = {pin->start, pin->bytes};
  memcpy(control + CONTROL_VECTOR, vector, sizeof vector);
  const unsigned long args[6] = {(unsigned long)pin->ring, IORING_REGISTER_BUFFERS, CONTROL_ADDR + CONTROL_VECTOR, 1};
  if (run_syscall(t->pid, SYS_io_uring_register, args, &result) != ENDED) return -ESRCH;
  const unsigned long ring[6] = {(unsigned long)pin->ring};
  long closed;
  if (result && run_syscall(t->pid, SYS_close, ring, &closed) != ENDED) return -ESRCH;
  return result;
}

static int close_pipe(struct tracee *t, const struct pin *pin) {
  long result;
  for (int k = 0; k < 2; k++) {
    const unsigned long args[6] = {(unsigned long)pin->ends[k]};
    if (run_syscall(t->pid, SYS_close, args, &result) != ENDED) return -1;
  }
  return 0;
}

static long pin_by_pipe(struct tracee *t, struct pin *pin) {
  long result;
  const unsigned long open[6] = {CONTROL_ADDR + CONTROL_VECTOR, 0};
  if (run_syscall(t->pid, SYS_pipe2, open, &result) != ENDED) return -ESRCH;
  if (result) return result;
  pin->ring = -1;
  memcpy(pin->ends, control + CONTROL_VECTOR, sizeof pin->ends);
  const unsigned long room[6] = {(unsigned long)pin->ends[1], F_SETPIPE_SZ, pin->bytes};
  if (run_syscall(t->pid, SYS_fcntl, room, &result) != ENDED) return -ESRCH;
  if (result >= 0) {
    const unsigned long vector[2] = {pin->start, pin->bytes};
    memcpy(control + CONTROL_VECTOR, vector, sizeof vector);
    const unsigned long args[6] = {(unsigned long)pin->ends[1], CONTROL_ADDR + CONTROL_VECTOR, 1, SPLICE_F_NONBLOCK};
    if (run_syscall(t->pid, SYS_vmsplice, args, &result) != ENDED) return -ESRCH;
    if (result == (long)pin->bytes) return 0;
  }
  if (close_pipe(t, pin)) return -ESRCH;
  /* Linux has spliced the pages before the one that it could not get, and says how many: here it is all or nothing. */
  return result < 0 ? result : -EFAULT;
}

/* 0, or -errno. */
static long let_go(struct tracee *t, struct pin *pin) {
  long result = 0, closed;
  const struct pin held = *pin;
  memmove(pin, pin + 1, (size_t)(pins + --pin_count - pin) * sizeof *pin);
  if (held.ring < 0) return close_pipe(t, &held) ? -ESRCH : 0;
  const unsigned long args[6] = {(unsigned long)held.ring, IORING_UNREGISTER_BUFFERS};
  const unsigned long ring[6] = {(unsigned long)held.ring};
  if (run_syscall(t->pid, SYS_io_uring_register, args, &result) != ENDED) return -ESRCH;
  if (run_syscall(t->pid, SYS_close, ring, &closed) != ENDED) return -ESRCH;
  return result;
}

/* The latest pin that a process holds of this very range. */
static struct pin *find_pin(unsigned int proc, unsigned long addr, unsigned long length) {
  for (size_t k = pin_count; k-- > 0;)
    if (pins[k].proc == proc && pins[k].addr == addr && pins[k].length == length) return &pins[k];
  return 0;
}

/* A descriptor of a subject, as one of the runner's own. */
static int borrow(int pid, int fd) {
  int process = (int)syscall(SYS_pidfd_open, pid, 0);
  if (process < 0) return -1;
  int own = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
  close(process);
  return own;
}

/* Has the ring write its buffer into a file. */
static long write_buffer(int ring, const struct pin *pin, int file) {
  const struct io_sqring_offsets *sq = &pin->params.sq_off;
  const struct io_cqring_offsets *cq = &pin->params.cq_off;
  const size_t sq_bytes = sq->array + pin->params.sq_entries * sizeof(unsigned int);
  const size_t cq_bytes = cq->cqes + pin->params.cq_entries * sizeof(struct io_uring_cqe);
  const size_t bytes = sq_bytes > cq_bytes ? sq_bytes : cq_bytes;
  const size_t entries = pin->params.sq_entries * sizeof(struct io_uring_sqe);
  char *rings = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
  struct io_uring_sqe *sqe = mmap(0, entries, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
  if (rings == MAP_FAILED || sqe == MAP_FAILED) return -errno;
  unsigned int *tail = (unsigned int *)(rings + sq->tail), *head = (unsigned int *)(rings + cq->head);
  *sqe = (struct io_uring_sqe){.opcode = IORING_OP_WRITE_FIXED, .fd = file, .addr = pin->start,
                               .len = (unsigned int)pin->bytes};
  *(unsigned int *)(rings + sq->array) = 0;
  __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
  long done = errno_of(syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, 0, 0));
  if (done == 1) {
    const struct io_uring_cqe *cqes = (struct io_uring_cqe *)(rings + cq->cqes);
    done = cqes[*head & *(unsigned int *)(rings + cq->ring_mask)].res;
    __atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
  }
  munmap(sqe, entries);
  munmap(rings, bytes);
  return done;
}

/* Copies what a pipe holds, and leaves it there. */
static long copy_pipe(int pipe_end, const struct pin *pin, int file) {
  int copy[2];
  if (pipe(copy)) return -errno;
  long done = errno_of(fcntl(copy[1], F_SETPIPE_SZ, pin->bytes));
  if (done >= 0) done = errno_of(tee(pipe_end, copy[1], pin->bytes, SPLICE_F_NONBLOCK));
  close(copy[1]);
  char *buffer = malloc(pin->bytes);
  size_t got = 0;
  for (ssize_t part; buffer && (part = read(copy[0], buffer + got, pin->bytes - got)) > 0;) got += (size_t)part;
  close(copy[0]);
  if (done >= 0) done = buffer ? errno_of(pwrite(file, buffer, got, 0)) : -ENOMEM;
  free(buffer);
  return done;
}

/* The FNV-1a of the words at the starts of the pages that a pin holds, or -errno. */
static long look_through(int pid, const struct pin *pin) {
  int file = memfd_create("looked-at", MFD_CLOEXEC);
  int end = borrow(pid, pin->ring < 0 ? pin->ends[0] : pin->ring);
  if (file < 0 || end < 0) return -errno;
  long done = pin->ring < 0 ? copy_pipe(end, pin, file) : write_buffer(end, pin, file);
  close(end);
  unsigned int hash = FNV_BASIS, word = 0;
  for (unsigned long at = 0; done == (long)pin->bytes && at < pin->bytes; at += PAGE_BYTES) {
    if (pread(file, &word, sizeof word, (off_t)at) != sizeof word) done = -EIO;
    hash = (hash ^ word) * FNV_PRIME;
  }
  close(file);
  if (done == (long)pin->bytes) return (long)hash;
  return done < 0 ? done : -EIO;
}

#endif
