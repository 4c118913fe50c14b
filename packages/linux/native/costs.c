/*
 * What parts of fork, faults and unmapping cost on this kernel, by size, fill and number of VMAs, one measurement at a time.
 *
 * Reads commands from standard input, a line each, and answers each with one line of nanoseconds:
 *
 *   layout TABLES PAGES SPREAD VMAS   fork of that layout (the call, in the parent), then exit of the child until it is reaped
 *   touch TABLES PAGES SPREAD         first write to each page of such a layout, then munmap of it
 *   cow TABLES PAGES SPREAD           writes that copy, while a child holds the pages; then writes that reuse them
 *   protect TABLES PAGES SPREAD       mprotect to read-only, then back
 *   shoot THREADS                     a page made read-only and writable again, while THREADS others run; 0: alone
 *
 * A layout has TABLES page tables with PAGES written pages each: at the start of the table, or, with SPREAD 1, evenly over it.
 * VMAS more mappings of a page each, written, lie apart from it.
 */
#define _GNU_SOURCE
#include <pthread.h>
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
#define TABLE (512 * PAGE)
#define MAX_TABLES 65536UL
#define MAX_VMAS 30000UL
#define MAX_THREADS 64

struct layout {
	char *at;
	unsigned long tables, pages, step;
};

static char *map(unsigned long bytes)
{
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED)
		fail("mmap");
	return p;
}

/* Aligned to a table, with a table's room on both sides, so that nothing else lies in its tables. */
static struct layout plan(unsigned long tables, unsigned long pages, unsigned long spread)
{
	struct layout l = { NULL, tables, pages, spread && pages ? 512 / pages : 1 };
	char *p = map((tables + 2) * TABLE);

	l.at = (char *)(((unsigned long)p + 2 * TABLE - 1) / TABLE * TABLE);
	munmap(p, (unsigned long)(l.at - p));
	munmap(l.at + tables * TABLE, (unsigned long)(p + (tables + 2) * TABLE - (l.at + tables * TABLE)));
	return l;
}

static double write_all(struct layout l, char value)
{
	double t = now();

	for (unsigned long i = 0; i < l.tables; i++)
		for (unsigned long k = 0; k < l.pages; k++)
			((volatile char *)l.at)[i * TABLE + k * l.step * PAGE] = value;
	return now() - t;
}

/* Every second page is left out, so that the kernel cannot merge them into one mapping. */
static char *small_mappings(unsigned long count)
{
	char *p = map(2 * (count + 1) * PAGE);

	for (unsigned long i = 0; i < count; i++) {
		p[2 * i * PAGE] = 1;
		munmap(p + (2 * i + 1) * PAGE, PAGE);
	}
	return p;
}

static void measure_layout(struct layout l, unsigned long vmas)
{
	char *small = vmas ? small_mappings(vmas) : NULL;
	double forked;
	int gate[2];
	pid_t child;

	write_all(l, 1);
	forked = fork_child(gate, &child);
	printf("%.0f %.0f\n", forked, end_child(gate, child));
	if (small)
		munmap(small, 2 * (vmas + 1) * PAGE);
}

static void measure_touch(struct layout l)
{
	double touched = write_all(l, 1), t = now();

	munmap(l.at, l.tables * TABLE);
	printf("%.0f %.0f\n", touched, now() - t);
}

static void measure_cow(struct layout l)
{
	double copied;
	int gate[2];
	pid_t child;

	write_all(l, 1);
	fork_child(gate, &child);
	copied = write_all(l, 2);
	end_child(gate, child);
	fork_child(gate, &child);
	end_child(gate, child);
	printf("%.0f %.0f\n", copied, write_all(l, 3));
}

static void measure_protect(struct layout l)
{
	double t, reduced;

	write_all(l, 1);
	t = now();
	if (mprotect(l.at, l.tables * TABLE, PROT_READ))
		fail("mprotect");
	reduced = now() - t;
	t = now();
	if (mprotect(l.at, l.tables * TABLE, PROT_READ | PROT_WRITE))
		fail("mprotect");
	printf("%.0f %.0f\n", reduced, now() - t);
}

static volatile int stop;

static void *spin(void *page)
{
	while (!stop)
		(void)*(volatile char *)page;
	return NULL;
}

static void measure_shoot(unsigned long threads)
{
	enum { TIMES = 200 };
	pthread_t made[MAX_THREADS];
	char *p = map(2 * PAGE);
	double t;

	p[0] = 1;
	p[PAGE] = 1;
	stop = 0;
	for (unsigned long i = 0; i < threads; i++)
		if (pthread_create(&made[i], NULL, spin, p + PAGE))
			fail("pthread_create");
	usleep(2000);
	t = now();
	for (int i = 0; i < TIMES; i++) {
		p[0] = (char)i;
		mprotect(p, PAGE, PROT_READ);
		mprotect(p, PAGE, PROT_READ | PROT_WRITE);
	}
	t = (now() - t) / TIMES;
	stop = 1;
	for (unsigned long i = 0; i < threads; i++)
		pthread_join(made[i], NULL);
	munmap(p, 2 * PAGE);
	printf("%.0f %.0f\n", t, 0.0);
}

int main(void)
{
	char line[200], name[20];

	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		unsigned long a = 0, pages = 0, spread = 0, vmas = 0;
		struct layout l;

		if (sscanf(line, "%19s %lu %lu %lu %lu", name, &a, &pages, &spread, &vmas) < 2 || a > MAX_TABLES ||
		    pages > 512 || vmas > MAX_VMAS) {
			fprintf(stderr, "cannot read the command: %s", line);
			return 2;
		}
		if (!strcmp(name, "shoot") && a <= MAX_THREADS) {
			measure_shoot(a);
			continue;
		}
		l = plan(a, pages, spread);
		if (!strcmp(name, "layout"))
			measure_layout(l, vmas);
		else if (!strcmp(name, "touch"))
			measure_touch(l);
		else if (!strcmp(name, "cow"))
			measure_cow(l);
		else if (!strcmp(name, "protect"))
			measure_protect(l);
		else {
			fprintf(stderr, "unknown command: %s", line);
			return 2;
		}
		if (strcmp(name, "touch"))
			munmap(l.at, a * TABLE);
	}
	return 0;
}
