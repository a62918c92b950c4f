#pragma once
#include <stddef.h>

struct migration {
  const char *name; // of the file
  const unsigned char *sql;
  size_t length; // in bytes
};

// In order of number.
const struct migration *migrations(size_t *count);
