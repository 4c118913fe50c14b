/*
 * A swap device for as long as traces need one: a zram disk, since what it answers depends on nothing but the trace. All
 * runners of the machine share it, and the last one that leaves takes it away. A runner that was killed loses its lock
 * with its life; what it left behind is used, or cleared away, by the next one.
 *
 * vm.page-cluster is 0 meanwhile: readahead would bring in neighbours of pages that several processes have swapped out.
 */
#ifndef FORKLAB_SWAP_H
#define FORKLAB_SWAP_H

#include <sys/file.h>
#include <sys/swap.h>

#include "host.h"

#define SWAP_LOCK "/run/forklab-swap.lock"
#define SWAP_BYTES (1ul << 30)
#define ZRAM_CONTROL "/sys/class/zram-control/"
#define PAGE_CLUSTER "/proc/sys/vm/page-cluster"

/* Open and locked while this runner uses the device. Holds the number of the device and the old vm.page-cluster. */
static int swap_lock = -1;

static int write_text(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t done = write(fd, text, strlen(text));
  close(fd);
  return done < 0 ? -1 : 0;
}

static int write_number(const char *path, long number) {
  char text[32];
  snprintf(text, sizeof text, "%ld", number);
  return write_text(path, text);
}

static long read_number(const char *path) {
  char text[32] = "";
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t length = read(fd, text, sizeof text - 1);
  close(fd);
  return length > 0 ? strtol(text, 0, 10) : -1;
}

static int can_swap(void) {
  return geteuid() == 0 && access(ZRAM_CONTROL "hot_add", R_OK) == 0 && access(PAGE_CLUSTER, W_OK) == 0;
}

static void zram_path(char *path, size_t size, long device, const char *name) {
  if (name) snprintf(path, size, "/sys/block/zram%ld/%s", device, name);
  else snprintf(path, size, "/dev/zram%ld", device);
}

/* The device and the old page-cluster of whoever made it; 0 if there is none. */
static int read_swap_state(long *device, long *cluster) {
  char text[64] = "";
  return pread(swap_lock, text, sizeof text - 1, 0) > 0 && sscanf(text, "%ld %ld", device, cluster) == 2;
}

static int swap_is_on(long device) {
  char path[64], line[256];
  int found = 0;
  zram_path(path, sizeof path, device, 0);
  strcat(path, " ");
  FILE *swaps = fopen("/proc/swaps", "re");
  if (!swaps) return 0;
  while (!found && fgets(line, sizeof line, swaps)) found = !strncmp(line, path, strlen(path));
  fclose(swaps);
  return found;
}

/* Needs the exclusive lock. */
static void remove_swap(void) {
  char path[64];
  long device, cluster;
  if (!read_swap_state(&device, &cluster)) return;
  zram_path(path, sizeof path, device, 0);
  if (swap_is_on(device) && swapoff(path)) return;
  write_number(PAGE_CLUSTER, cluster);
  zram_path(path, sizeof path, device, "reset");
  write_number(path, 1);
  write_number(ZRAM_CONTROL "hot_remove", device);
  if (ftruncate(swap_lock, 0)) return;
}

/* What mkswap writes: version 1, the last page, and the mark at the end of the first page. */
static int write_swap_header(const char *path) {
  static char page[4096];
  const unsigned int fields[2] = {1, (unsigned int)(SWAP_BYTES / 4096 - 1)};
  memcpy(page + 1024, fields, sizeof fields);
  memcpy(page + 4086, "SWAPSPACE2", 10);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  int failed = write(fd, page, sizeof page) != sizeof page || fsync(fd);
  close(fd);
  return failed ? -1 : 0;
}

/* Needs the exclusive lock. 0, or -1 with errno set. */
static int make_swap(void) {
  char path[64], state[64];
  long cluster = read_number(PAGE_CLUSTER);
  long device = read_number(ZRAM_CONTROL "hot_add");
  if (device < 0) return -1;
  int length = snprintf(state, sizeof state, "%ld %ld\n", device, cluster);
  if (pwrite(swap_lock, state, (size_t)length, 0) != length) return -1;
  zram_path(path, sizeof path, device, "disksize");
  if (write_number(path, (long)SWAP_BYTES)) return -1;
  zram_path(path, sizeof path, device, 0);
  if (write_swap_header(path) || swapon(path, SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK)) return -1;
  return write_number(PAGE_CLUSTER, 0);
}

static int device_is_there(void) {
  long device, cluster;
  return read_swap_state(&device, &cluster) && swap_is_on(device);
}

/*
 * 0, or an errno. Users share the lock; who has it alone may make or remove the device. Changing a lock lets go of it for a
 * moment, so what was true before is looked at again.
 */
static int begin_swap(void) {
  if (swap_lock >= 0) return 0;
  swap_lock = open(SWAP_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  while (swap_lock >= 0) {
    if (flock(swap_lock, LOCK_SH)) break;
    if (device_is_there()) return 0;
    if (flock(swap_lock, LOCK_EX)) break;
    if (device_is_there()) continue;
    remove_swap();
    if (!make_swap()) continue;
    int error = errno;
    remove_swap();
    errno = error;
    break;
  }
  int error = errno;
  if (swap_lock >= 0) close(swap_lock);
  swap_lock = -1;
  return error ? error : EIO;
}

/* Takes the device away if nobody else uses it. */
static void end_swap(void) {
  if (swap_lock < 0) return;
  if (!flock(swap_lock, LOCK_EX | LOCK_NB)) remove_swap();
  close(swap_lock);
  swap_lock = -1;
}

#endif
