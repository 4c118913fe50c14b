/*
 * What subject.c, runner.c and src/wire.ts agree on. All numbers are little endian; a record never crosses a version,
 * since the programs are built from the same folder as the library that talks to them.
 */
#ifndef FORKLAB_WIRE_H
#define FORKLAB_WIRE_H

/* Stubs of the subject, STUB_BYTES apart. */
#define STUB_BYTES 64
#define STUB_TEXT "64"
#define STUB_TRAP 0
#define STUB_SYSCALL 1
#define STUB_READ 2
#define STUB_WRITE 3
#define STUB_DIGEST 4
#define STUB_READ_LIST 5
#define STUB_WRITE_LIST 6

/* The subject keeps its code and the control area in the lowest 512 GiB, so a trace must stay above it. */
#define OWN_END 0x8000000000ul
#define USER_END 0x800000000000ul
#define CONTROL_ADDR 0x500000ul
#define CONTROL_BYTES 0x80000ul

#define WIRE_MAGIC 0x4b4c4604u

/* Operations. */
#define OP_END 0
#define OP_PROCESS 1  /* proc; number = 1 if this is a step (spawn) */
#define OP_SYSCALL 2  /* proc, number, args */
#define OP_MMAP 3     /* proc, number = file slot or NO_FILE, args of mmap */
#define OP_FILE 4     /* number = file slot, args[0] = size */
#define OP_TRUNCATE 5 /* number = file slot, args[0] = size */
#define OP_BRK 6      /* proc, args[0] = address */
#define OP_READ 7     /* proc, args: address, accesses, stride, value */
#define OP_WRITE 8
#define OP_DIGEST 9
#define OP_READ_LIST 10 /* proc, args: addresses that follow this record, of 8 bytes each; value in args[3] */
#define OP_WRITE_LIST 11
#define OP_FORK 12  /* proc, number = child */
#define OP_VFORK 13 /* proc, number = child */
#define OP_EXEC 14  /* proc */
#define OP_EXIT 15  /* proc */
#define OP_PIN 16   /* proc, number = PIN_BUFFER or PIN_GET, args: address, length */
#define OP_UNPIN 17
#define OP_SAMPLE 18
#define OP_SWAPOUT 19 /* proc, number = steps that follow and are done together with this one, args: address, length */
#define OP_UFFD 20    /* proc, number = mode, args: one of UFFD_*, address, length, protect */
#define UFFD_REGISTER 0
#define UFFD_UNREGISTER 1
#define UFFD_WRITEPROTECT 2
#define OP_PEEK 21 /* proc, args: address, length of a pin */
#define NO_FILE 0xffffffffu

/* How pages are held. */
#define PIN_BUFFER 0
#define PIN_GET 1

struct wire_start {
  unsigned int magic, procs, files, timeout_ms;
  unsigned int thp;  /* 1: huge pages as the host has them; 0: none for any process of the trace */
  unsigned int swap; /* 1: the trace needs a swap device */
};

struct wire_op {
  unsigned int kind, index, proc, number;
  unsigned long args[6];
};

/* Answers. */
#define ANSWER_READY 1 /* values: kB of page tables an empty subject has; 1 if this runner can have swap */
#define ANSWER_STEP 2  /* values: result, minor faults, major faults, digest, userfaultfd events */
#define ANSWER_PROC 3  /* one process of a sample: see figures.h */
#define ANSWER_DONE 4
#define ANSWER_FATAL 5 /* values[0]: one of FATAL_*, values[1]: detail */

#define FATAL_TIMEOUT 1
#define FATAL_TRACE 2  /* the process is dead, unknown or suspended */
#define FATAL_KILLED 3 /* detail: the signal or the wait status */
#define FATAL_HOST 4   /* detail: errno */
#define FATAL_INPUT 5

#define ANSWER_VALUES 16

struct wire_answer {
  unsigned int kind, index, proc, count;
  long values[ANSWER_VALUES];
};

/* A result that is a signal instead of -errno. */
#define RESULT_SIGNAL 0x10000

#endif
