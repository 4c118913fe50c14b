/*
 * The process that the tests of capture look at: every kind of page in a known number, then, on SIGUSR1, a fork after
 * which both sides do known things. It prints the addresses it uses, and lives until its input ends.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096L

static volatile sig_atomic_t forks;
static volatile char sink;

static void on_usr1(int signal) {
  (void)signal;
  forks = 1;
}

static char *map(long pages, int prot, int flags, int fd) {
  char *p = mmap(NULL, pages * PAGE, prot, flags, fd, 0);
  if (p == MAP_FAILED) {
    perror("mmap");
    exit(1);
  }
  return p;
}

static void put(char *base, long first, long end, long step) {
  for (long i = first; i < end; i += step) base[i * PAGE] = 1;
}

static void get(char *base, long first, long end) {
  for (long i = first; i < end; i++) sink = base[i * PAGE];
}

static void rest(long ms) {
  struct timespec left = {ms / 1000, ms % 1000 * 1000000};
  while (nanosleep(&left, &left) != 0) {
  }
}

static void child(char *heap) {
  rest(600);
  put(heap, 100, 120, 1);
  madvise(heap + 200 * PAGE, 10 * PAGE, MADV_DONTNEED);
  put(map(8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1), 0, 8, 1);
  rest(1200);
  _exit(0);
}

int main(void) {
  signal(SIGUSR1, on_usr1);
  int fd = memfd_create("capture-subject", 0);
  if (fd < 0 || ftruncate(fd, 64 * PAGE) != 0) return 1;
  char *heap = map(8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
  char *shared = map(100, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
  char *file = map(64, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
  char *sealed = map(32, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  char *spare = map(16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
  put(heap, 0, 1000, 1);
  put(heap, 2000, 3000, 2);
  get(heap, 3000, 3100);
  put(shared, 0, 50, 1);
  put(file, 0, 5, 1);
  get(file, 30, 40);
  put(sealed, 0, 32, 1);
  mprotect(sealed, 32 * PAGE, PROT_READ);
  put(spare, 0, 16, 1);
  printf("{\"heap\":%ld,\"shared\":%ld,\"file\":%ld,\"sealed\":%ld,\"spare\":%ld}\n", (long)heap, (long)shared, (long)file,
         (long)sealed, (long)spare);
  fflush(stdout);
  sigset_t usr1, before;
  sigemptyset(&usr1);
  sigaddset(&usr1, SIGUSR1);
  sigprocmask(SIG_BLOCK, &usr1, &before);
  while (!forks) sigsuspend(&before);
  pid_t pid = fork();
  if (pid == 0) child(heap);
  rest(700);
  put(heap, 500, 600, 3);
  put(heap, 4000, 4007, 1);
  munmap(spare, 16 * PAGE);
  mprotect(sealed, 32 * PAGE, PROT_NONE);
  waitpid(pid, NULL, 0);
  while (getchar() != EOF) {
  }
  return 0;
}
