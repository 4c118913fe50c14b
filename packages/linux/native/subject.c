/*
 * The subject: the process that does what a trace says. It has no libc, no data, no stack of its own that it uses,
 * and one page of code. The runner sets its registers from outside, lets it run one of the stubs below, and waits for
 * the trap at the stub's end. So a page fault that it takes is a fault that the trace asked for.
 *
 * Every stub starts at a multiple of STUB_BYTES from _start (wire.h); all state is in registers:
 * A store waits for the one before it: ahead of a fault the processor would look up the pages of later stores, too, and
 * what it remembers of them may be read-only still when a fault has made a whole huge page writable. Each such memory
 * costs a fault more that mends nothing, and is counted.
 *
 *   rdi address, rsi accesses left, rdx stride in bytes, eax value or hash, rbx next entry of a list of addresses.
 */
#include "wire.h"

__asm__(".pushsection .text.start,\"ax\",@progbits\n"
        ".globl _start\n"
        ".balign 4096\n"
        "_start:\n"
        /* STUB_TRAP: where execve() lands, and where a new child warms up the page of code. */
        "  int3\n"
        ".balign " STUB_TEXT "\n"
        /* STUB_SYSCALL: rax, rdi, rsi, rdx, r10, r8, r9. */
        "  syscall\n"
        "  int3\n"
        ".balign " STUB_TEXT "\n"
        /* STUB_READ */
        "1: test %rsi, %rsi\n"
        "  jz 2f\n"
        "  mov (%rdi), %ecx\n"
        "  add %rdx, %rdi\n"
        "  dec %rsi\n"
        "  jmp 1b\n"
        "2: int3\n"
        ".balign " STUB_TEXT "\n"
        /* STUB_WRITE */
        "1: test %rsi, %rsi\n"
        "  jz 2f\n"
        "  mov %eax, (%rdi)\n"
        "  lfence\n"
        "  add %rdx, %rdi\n"
        "  dec %rsi\n"
        "  jmp 1b\n"
        "2: int3\n"
        ".balign " STUB_TEXT "\n"
        /* STUB_DIGEST: 32-bit FNV-1a over words. */
        "1: test %rsi, %rsi\n"
        "  jz 2f\n"
        "  xor (%rdi), %eax\n"
        "  imul $16777619, %eax, %eax\n"
        "  add %rdx, %rdi\n"
        "  dec %rsi\n"
        "  jmp 1b\n"
        "2: int3\n"
        ".balign " STUB_TEXT "\n"
        /* STUB_READ_LIST */
        "1: test %rsi, %rsi\n"
        "  jz 2f\n"
        "  mov (%rbx), %rdi\n"
        "  mov (%rdi), %ecx\n"
        "  add $8, %rbx\n"
        "  dec %rsi\n"
        "  jmp 1b\n"
        "2: int3\n"
        ".balign " STUB_TEXT "\n"
        /* STUB_WRITE_LIST */
        "1: test %rsi, %rsi\n"
        "  jz 2f\n"
        "  mov (%rbx), %rdi\n"
        "  mov %eax, (%rdi)\n"
        "  lfence\n"
        "  add $8, %rbx\n"
        "  dec %rsi\n"
        "  jmp 1b\n"
        "2: int3\n"
        ".balign " STUB_TEXT "\n"
        ".popsection\n");
