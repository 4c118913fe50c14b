/*
 * Reclaim of what a range maps, from every process that maps it. Linux offers user space no such call, so it is put
 * together from two that do the same where they can:
 *
 *   - pages that nobody else maps: MADV_PAGEOUT, done twice, since the first pass may only find that a page which was
 *     freed lazily has been written again;
 *   - any pages, if they are all that the trace has in memory: reclaim of the control group that its processes are in.
 *
 * Anything else cannot be done here, and is answered by ENOSYS.
 */
#ifndef FORKLAB_RECLAIM_H
#define FORKLAB_RECLAIM_H

#include <dirent.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "swap.h"

#define PAGE_PRESENT (1ul << 63)
#define PAGE_SOLE (1ul << 56)
#define PAGE_PFN ((1ul << 55) - 1)
#define KPF_ZERO_PAGE 24
#define KPF_MLOCKED 33
#define PAGEMAP_PART 512
#define RECLAIM_ROUNDS 8
#define STIR_ADDR 0x600000ul

static char group[512]; /* the control group of all subjects, once there is one */

static int kpageflags_fd = -1;

static int page_has(unsigned long pfn, int flag) {
  unsigned long flags = 0;
  if (kpageflags_fd < 0) kpageflags_fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
  return pread(kpageflags_fd, &flags, sizeof flags, (off_t)(pfn * 8)) == sizeof flags && (flags >> flag & 1);
}

/* A control group (version 1) below the one that this runner is in; 0 on success. */
static int begin_group(int pid) {
  char line[512], path[600];
  if (group[0]) return 0;
  FILE *groups = fopen("/proc/self/cgroup", "re");
  if (!groups) return -1;
  while (fgets(line, sizeof line, groups)) {
    char *at = strstr(line, ":memory:");
    if (!at) continue;
    at[strcspn(at, "\n")] = 0;
    snprintf(group, sizeof group, "/sys/fs/cgroup/memory%.300s/forklab-%d", at + 8, getpid());
  }
  fclose(groups);
  if (!group[0] || (mkdir(group, 0700) && errno != EEXIST)) {
    group[0] = 0;
    return -1;
  }
  snprintf(path, sizeof path, "%s/cgroup.procs", group);
  return write_number(path, pid);
}

/* Its processes are gone. So are those of runners that were killed, whose groups go, too. */
static void end_group(void) {
  char *name = strrchr(group, '/');
  if (!group[0]) return;
  rmdir(group);
  *name = 0;
  DIR *folder = opendir(group);
  for (struct dirent *entry; folder && (entry = readdir(folder));) {
    char path[800];
    int pid;
    if (sscanf(entry->d_name, "forklab-%d", &pid) != 1 || kill(pid, 0) == 0) continue;
    snprintf(path, sizeof path, "%s/%s", group, entry->d_name);
    rmdir(path);
  }
  if (folder) closedir(folder);
  group[0] = 0;
}

/* Bytes on the group's LRU lists from which pages are reclaimed. */
static long group_lru_bytes(void) {
  static const char *const lists[] = {"\ninactive_anon ", "\nactive_anon ", "\ninactive_file ", "\nactive_file "};
  char path[600], text[8192] = "";
  long sum = 0;
  snprintf(path, sizeof path, "%s/memory.stat", group);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  if (length <= 0) return -1;
  for (unsigned int k = 0; k < 4; k++) {
    char *at = strstr(text, lists[k]);
    if (at) sum += strtol(at + strlen(lists[k]), 0, 10);
  }
  return sum;
}

/*
 * Maps and unmaps a few pages in a subject that has nothing else to do. That empties the lists in which this processor
 * keeps pages that were touched lately, and it is enough work for the group's figures to be brought up to date.
 */
static int stir(int pid) {
  const unsigned long bytes = 1ul << 20;
  const unsigned long map[6] = {STIR_ADDR, bytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_POPULATE, -1ul, 0};
  const unsigned long unmap[6] = {STIR_ADDR, bytes};
  long result;
  return run_syscall(pid, SYS_mmap, map, &result) != ENDED || run_syscall(pid, SYS_munmap, unmap, &result) != ENDED;
}

struct range {
  int pid;
  unsigned long start, end;
};

/* What is mapped in some ranges: each page frame once, sorted. */
struct frames {
  unsigned long *pfns;
  size_t count, capacity;
  int all_sole;
};

static int add_frame(struct frames *frames, unsigned long entry) {
  unsigned long pfn = entry & PAGE_PFN;
  if (!(entry & PAGE_PRESENT) || page_has(pfn, KPF_ZERO_PAGE) || page_has(pfn, KPF_MLOCKED)) return 0;
  if (!(entry & PAGE_SOLE)) frames->all_sole = 0;
  if (frames->count == frames->capacity) {
    frames->capacity = frames->capacity ? 2 * frames->capacity : 1024;
    frames->pfns = realloc(frames->pfns, frames->capacity * sizeof *frames->pfns);
    if (!frames->pfns) return -1;
  }
  frames->pfns[frames->count++] = pfn;
  return 0;
}

static int compare_pfns(const void *a, const void *b) {
  unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;
  return x < y ? -1 : x > y;
}

/* Calls `visit` for each part of a VMA in the range. */
static int each_part(const struct range *range, int (*visit)(const struct range *, void *), void *data) {
  unsigned long start, end;
  if (!read_proc_file(range->pid, "maps")) return -1;
  char *maps = strdup(file_text);
  int failed = !maps;
  for (char *line = maps; !failed && line && *line; line = strchr(line, '\n')) {
    if (*line == '\n') line++;
    if (sscanf(line, "%lx-%lx", &start, &end) != 2) break;
    const struct range part = {range->pid, start > range->start ? start : range->start,
                               end < range->end ? end : range->end};
    if (part.start < part.end) failed = visit(&part, data);
  }
  free(maps);
  return failed;
}

static int collect_part(const struct range *part, void *data) {
  unsigned long entries[PAGEMAP_PART];
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/pagemap", part->pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC), failed = fd < 0;
  for (unsigned long at = part->start / 4096; !failed && at < part->end / 4096; at += PAGEMAP_PART) {
    unsigned long left = part->end / 4096 - at, count = left < PAGEMAP_PART ? left : PAGEMAP_PART;
    failed = pread(fd, entries, count * 8, (off_t)(at * 8)) != (ssize_t)(count * 8);
    for (unsigned long k = 0; !failed && k < count; k++) failed = add_frame(data, entries[k]);
  }
  if (fd >= 0) close(fd);
  return failed;
}

static int pageout_part(const struct range *part, void *data) {
  const unsigned long args[6] = {part->start, part->end - part->start, MADV_PAGEOUT};
  long result;
  (void)data;
  /* Locked memory is refused, and stays, as it should. */
  return run_syscall(part->pid, SYS_madvise, args, &result) == ENDED ? 0 : -1;
}

/*
 * Reclaims everything in the group; 0 when nothing is left of it. Marks of recent use would have pages put off; a page that
 * was swapped in before is put off in any case, and needs another round. The limit comes first, since it stops where it
 * should, while force_empty goes on until it has tried in vain.
 */
static int reclaim_group(const struct range *ranges, size_t count, int idle_pid) {
  char usage[600], limit[600], force_empty[600], clear_refs[64];
  snprintf(usage, sizeof usage, "%s/memory.usage_in_bytes", group);
  snprintf(limit, sizeof limit, "%s/memory.limit_in_bytes", group);
  snprintf(force_empty, sizeof force_empty, "%s/memory.force_empty", group);
  for (int round = 0; round < RECLAIM_ROUNDS; round++) {
    long lru = group_lru_bytes();
    if (lru <= 0) return lru ? -1 : 0;
    for (size_t k = 0; k < count; k++) {
      snprintf(clear_refs, sizeof clear_refs, "/proc/%d/clear_refs", ranges[k].pid);
      write_number(clear_refs, 1);
    }
    long used = read_number(usage);
    if (round == 0 && used > lru) write_number(limit, used - lru);
    if (round == 0) write_number(limit, -1);
    else write_number(force_empty, 0);
    if (stir(idle_pid)) return -1;
  }
  return -1;
}

/*
 * 0, -ENOSYS with nothing done, or -EIO when a subject is lost. `held`: the trace holds pages besides mapping them. Those
 * never leave the group's lists, so that it would not be known when all others have, nor could any of that be undone.
 */
static long reclaim_ranges(const struct range *ranges, size_t count, int idle_pid, int held) {
  struct frames frames = {.all_sole = 1};
  int failed = stir(idle_pid);
  for (size_t k = 0; !failed && k < count; k++) failed = each_part(&ranges[k], collect_part, &frames);
  size_t unique = 0;
  if (frames.count) qsort(frames.pfns, frames.count, sizeof *frames.pfns, compare_pfns);
  for (size_t k = 0; k < frames.count; k++) unique += k == 0 || frames.pfns[k] != frames.pfns[k - 1];
  free(frames.pfns);
  if (failed) return -EIO;
  if (frames.all_sole) {
    for (int pass = 0; pass < 2; pass++)
      for (size_t k = 0; !failed && k < count; k++) failed = each_part(&ranges[k], pageout_part, 0);
    return failed ? -EIO : 0;
  }
  if (held || !group[0] || group_lru_bytes() != (long)unique * 4096) return -ENOSYS;
  return reclaim_group(ranges, count, idle_pid) ? -ENOSYS : 0;
}

#endif
