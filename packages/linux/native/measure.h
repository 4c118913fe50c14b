/* What the programs that measure share: a clock, an end with a reason, and a child that is held until it is let go. */
#ifndef FORKLAB_MEASURE_H
#define FORKLAB_MEASURE_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* Forks a child that does nothing until `gate` is closed; answers the nanoseconds of the call. */
static double fork_child(int gate[2], pid_t *child)
{
	double t;

	if (pipe(gate))
		fail("pipe");
	t = now();
	*child = fork();
	if (*child < 0)
		fail("fork");
	if (*child == 0) {
		char c;

		close(gate[1]);
		while (read(gate[0], &c, 1) > 0)
			;
		_exit(0);
	}
	t = now() - t;
	close(gate[0]);
	return t;
}

static double end_child(int gate[2], pid_t child)
{
	double t = now();

	close(gate[1]);
	if (waitpid(child, NULL, 0) != child)
		fail("waitpid");
	return now() - t;
}

#endif
