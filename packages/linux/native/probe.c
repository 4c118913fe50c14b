/*
 * What fork and faults cost on this kernel, one measurement at a time, and the same loop over entries in plain C.
 *
 * Reads commands from standard input, a line each, and answers each with one line of nanoseconds, so that whoever
 * compares can interleave these with other measurements:
 *
 *   loop PAGES   fork and exit as bare loops: copy, write-protect and count PAGES entries; then count them down
 *   fork MIB     fork of MIB of written memory (the call, in the parent), then exit of the child (until it is reaped)
 *   fresh MIB    first write to every page of MIB, then munmap of it
 *   cow MIB      a write to every page of MIB while a child holds them, then another one after the child has gone
 *   empty        fork and exit of a process of a few pages
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"

#define PAGE 4096UL
#define ENTRIES 512
#define MAX_MIB 65536UL

static char *fresh(unsigned long mib)
{
	char *p = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		fail("mmap");
	return p;
}

static double write_all(char *p, unsigned long mib, char value)
{
	double t = now();

	for (unsigned long i = 0; i < mib << 20; i += PAGE)
		((volatile char *)p)[i] = value;
	return now() - t;
}

/* The region that stays written from one `fork` to the next, so that only the first one pays for it. */
static char *kept;
static unsigned long kept_mib;

static void measure_fork(unsigned long mib)
{
	int gate[2];
	pid_t child;
	double forked;

	if (mib != kept_mib) {
		if (kept)
			munmap(kept, kept_mib << 20);
		kept = mib ? fresh(mib) : NULL;
		kept_mib = mib;
	}
	/* After a fork every page is write-protected; a fork of pages that are is the same work, but begin equal. */
	if (mib)
		write_all(kept, mib, 1);
	forked = fork_child(gate, &child);
	printf("%.0f %.0f\n", forked, end_child(gate, child));
}

static void measure_fresh(unsigned long mib)
{
	char *p = fresh(mib);
	double touched = write_all(p, mib, 1);
	double t = now();

	munmap(p, mib << 20);
	printf("%.0f %.0f\n", touched, now() - t);
}

static void measure_cow(unsigned long mib)
{
	char *p = fresh(mib);
	int gate[2];
	pid_t child;
	double copied;

	write_all(p, mib, 1);
	fork_child(gate, &child);
	copied = write_all(p, mib, 2);
	end_child(gate, child);
	fork_child(gate, &child);
	end_child(gate, child);
	printf("%.0f %.0f\n", copied, write_all(p, mib, 3));
	munmap(p, mib << 20);
}

/*
 * The model's own loop, in C: tables of 512 64-bit entries, a 16-bit state a frame (kind, exclusive, mapcount), the
 * same tests. What is left out is everything that is not the loop: finding tables, allocating them, accounting.
 */
#define PRESENT_BITS 0x67ULL
#define WRITE 0x2ULL
#define ACCESSED 0x20ULL
#define KIND_ANON 0x4000
#define EXCLUSIVE 0x1000
#define PLAIN 0xefff

static uint64_t *source, *copy;
static uint16_t *state;
static unsigned long loop_pages;

__attribute__((noinline)) static void copy_table(uint64_t *from, uint64_t *to)
{
	for (int i = 0; i < ENTRIES; i++) {
		uint64_t e = from[i];
		uint16_t s;

		if (!e)
			continue;
		s = state[(e >> 12) & 0xffffffffff] & PLAIN;
		if ((uint16_t)(s - KIND_ANON) >= 0xffe)
			continue;
		state[(e >> 12) & 0xffffffffff] = s + 1;
		from[i] = e & ~WRITE;
		to[i] = e & ~(WRITE | ACCESSED);
	}
}

__attribute__((noinline)) static void zap_table(uint64_t *table)
{
	for (int i = 0; i < ENTRIES; i++) {
		uint64_t e = table[i];
		uint16_t s;

		if (!e)
			continue;
		s = state[(e >> 12) & 0xffffffffff];
		if ((uint16_t)((s & PLAIN) - (KIND_ANON | 2)) >= 0xffd)
			continue;
		state[(e >> 12) & 0xffffffffff] = s - 1;
		table[i] = 0;
	}
}

static void *grab(size_t bytes)
{
	void *p = aligned_alloc(PAGE, (bytes + PAGE - 1) / PAGE * PAGE);

	if (!p)
		fail("aligned_alloc");
	memset(p, 0, bytes);
	return p;
}

static void measure_loop(unsigned long pages)
{
	double t, copied;

	if (pages != loop_pages) {
		source = grab(pages * 8);
		copy = grab(pages * 8);
		state = grab((pages + 2) * 2);
		loop_pages = pages;
		for (unsigned long i = 0; i < pages; i++) {
			source[i] = (uint64_t)(i + 2) << 12 | PRESENT_BITS;
			state[i + 2] = KIND_ANON | EXCLUSIVE | 1;
		}
	}
	t = now();
	for (unsigned long i = 0; i < pages; i += ENTRIES)
		copy_table(source + i, copy + i);
	copied = now() - t;
	t = now();
	for (unsigned long i = 0; i < pages; i += ENTRIES)
		zap_table(copy + i);
	printf("%.0f %.0f\n", copied, now() - t);
}

int main(void)
{
	char line[64];

	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		char what[16];
		unsigned long n = 0;

		if (sscanf(line, "%15s %lu", what, &n) < 1)
			continue;
		if (!strcmp(what, "empty"))
			measure_fork(0);
		else if (n == 0 || (strcmp(what, "loop") && n > MAX_MIB) || (!strcmp(what, "loop") && n % ENTRIES))
			return 2;
		else if (!strcmp(what, "loop"))
			measure_loop(n);
		else if (!strcmp(what, "fork"))
			measure_fork(n);
		else if (!strcmp(what, "fresh"))
			measure_fresh(n);
		else if (!strcmp(what, "cow"))
			measure_cow(n);
		else
			return 2;
	}
	return 0;
}
