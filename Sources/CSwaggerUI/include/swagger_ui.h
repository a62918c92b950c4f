#pragma once
#include <stddef.h>

struct swagger_ui_file {
  const unsigned char *bytes;
  size_t length; // in bytes
};

struct swagger_ui_file swagger_ui_script(void);
struct swagger_ui_file swagger_ui_style(void);
