/* Pins that are held: io_uring rings with registered buffers. */
#ifndef FORKLAB_PINS_H
#define FORKLAB_PINS_H

#include <stdlib.h>

struct pin {
  unsigned int proc;
  int ring;
  unsigned long addr, length;
};
static struct pin *pins;
static size_t pin_count;

/* 0, or -1 when memory is full. */
static int add_pin(unsigned int proc, int ring, unsigned long addr, unsigned long length) {
  struct pin *more = realloc(pins, (pin_count + 1) * sizeof *pins);
  if (!more) return -1;
  pins = more;
  pins[pin_count++] = (struct pin){proc, ring, addr, length};
  return 0;
}

#endif
