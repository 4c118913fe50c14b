/*
 * Reading a subject from outside: fault counts from /proc/PID/stat, memory figures from status and smaps. What lies
 * below OWN_END is the subject's own and counts nothing; the gate VMA above USER_END belongs to the kernel.
 */
#ifndef FORKLAB_FIGURES_H
#define FORKLAB_FIGURES_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire.h"

/* Order of the values of ANSWER_PROC. Sizes are kB. */
enum figure {
  FIGURE_VM_PTE,
  FIGURE_RSS_ANON,
  FIGURE_RSS_FILE,
  FIGURE_RSS_SHMEM,
  FIGURE_SWAP,
  FIGURE_PSS,
  FIGURE_PRIVATE,
  FIGURE_SHARED,
  FIGURE_VMAS,
  FIGURE_MM_ANON,
  FIGURE_MM_FILE,
  FIGURE_MM_SHMEM,
  FIGURE_MM_SWAP,
  FIGURES
};

struct faults {
  long minor, major;
};

/* The tenth and twelfth field; the second is a name that may hold blanks, so count from the last parenthesis. */
static int read_faults(int stat_fd, struct faults *faults) {
  char text[1024];
  ssize_t length = pread(stat_fd, text, sizeof text - 1, 0);
  if (length <= 0) return -1;
  text[length] = 0;
  char *at = strrchr(text, ')');
  for (int field = 2; at && field < 10; field++) at = strchr(at + 1, ' ');
  if (!at) return -1;
  faults->minor = strtol(at, &at, 10);
  strtol(at, &at, 10);
  faults->major = strtol(at, &at, 10);
  return 0;
}

static char *file_text;
static size_t file_capacity;

/* The whole of a /proc file in file_text, terminated. 0 if it cannot be read. */
static int read_proc_file(int pid, const char *name) {
  char path[64];
  size_t length = 0;
  snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  for (;;) {
    if (file_capacity - length < 65536) {
      file_capacity = file_capacity ? file_capacity * 2 : 1 << 18;
      file_text = realloc(file_text, file_capacity);
      if (!file_text) _exit(3);
    }
    ssize_t got = read(fd, file_text + length, file_capacity - length - 1);
    if (got <= 0) {
      close(fd);
      file_text[length] = 0;
      return got == 0;
    }
    length += (size_t)got;
  }
}

static long status_field(const char *key) {
  char *at = strstr(file_text, key);
  return at ? strtol(at + strlen(key), 0, 10) : 0;
}

static int starts(const char *line, const char *key, long *value) {
  size_t length = strlen(key);
  if (strncmp(line, key, length)) return 0;
  *value = strtol(line + length, 0, 10);
  return 1;
}

/*
 * A trace maps nothing but anonymous memory and memory files, so the pages of a VMA that are not anonymous are shmem,
 * unless `file` says that the VMA is one of a regular file.
 */
struct vma_figures {
  long rss, pss, anon, swap, private, shared;
};

static void add_line(struct vma_figures *vma, const char *line) {
  long value;
  switch (line[0]) {
    case 'R':
      if (starts(line, "Rss:", &value)) vma->rss = value;
      return;
    case 'P':
      if (starts(line, "Pss:", &value)) vma->pss = value;
      else if (starts(line, "Private_Clean:", &value) || starts(line, "Private_Dirty:", &value)) vma->private += value;
      return;
    case 'S':
      if (starts(line, "Shared_Clean:", &value) || starts(line, "Shared_Dirty:", &value)) vma->shared += value;
      else if (starts(line, "Swap:", &value)) vma->swap = value;
      return;
    case 'A':
      if (starts(line, "Anonymous:", &value)) vma->anon = value;
  }
}

static void add_vma(long *figures, struct vma_figures *own, unsigned long start, const struct vma_figures *vma) {
  if (start >= USER_END) return;
  if (start < OWN_END) {
    own->rss += vma->rss;
    own->anon += vma->anon;
    own->swap += vma->swap;
    return;
  }
  figures[FIGURE_RSS_ANON] += vma->anon;
  figures[FIGURE_RSS_SHMEM] += vma->rss - vma->anon;
  figures[FIGURE_SWAP] += vma->swap;
  figures[FIGURE_PSS] += vma->pss;
  figures[FIGURE_PRIVATE] += vma->private;
  figures[FIGURE_SHARED] += vma->shared;
  figures[FIGURE_VMAS]++;
}

/*
 * `own_pte` is what an empty subject has. The subject's code page is file memory and its control area is shmem; what
 * of each is resident is found in its own VMAs, as the first (code) and the others (control).
 */
static int read_figures(int pid, long own_pte, long *figures) {
  struct vma_figures vma = {0}, own = {0};
  unsigned long start = USER_END;
  long own_file = -1;
  memset(figures, 0, FIGURES * sizeof *figures);
  if (!read_proc_file(pid, "smaps")) return -1;
  for (char *line = file_text; *line;) {
    char *end = strchr(line, '\n');
    if (line[0] >= 'A' && line[0] <= 'Z') {
      add_line(&vma, line);
    } else {
      add_vma(figures, &own, start, &vma);
      if (start < OWN_END && own_file < 0) own_file = vma.rss;
      memset(&vma, 0, sizeof vma);
      start = strtoul(line, 0, 16);
    }
    if (!end) break;
    line = end + 1;
  }
  add_vma(figures, &own, start, &vma);
  if (own_file < 0) own_file = own.rss;
  if (!read_proc_file(pid, "status")) return -1;
  figures[FIGURE_VM_PTE] = status_field("\nVmPTE:") - own_pte;
  figures[FIGURE_MM_ANON] = status_field("\nRssAnon:") - own.anon;
  figures[FIGURE_MM_FILE] = status_field("\nRssFile:") - own_file;
  figures[FIGURE_MM_SHMEM] = status_field("\nRssShmem:") - (own.rss - own.anon - own_file);
  figures[FIGURE_MM_SWAP] = status_field("\nVmSwap:") - own.swap;
  return 0;
}

#endif
