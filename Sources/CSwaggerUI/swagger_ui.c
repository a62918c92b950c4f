// Swagger UI, which shows the API's document in a browser. Unchanged; its licence is beside it in dist/.
#include "swagger_ui.h"

static const unsigned char script[] = {
#embed "dist/swagger-ui-bundle.js"
};
static const unsigned char style[] = {
#embed "dist/swagger-ui.css"
};

struct swagger_ui_file swagger_ui_script(void) {
  return (struct swagger_ui_file){script, sizeof script};
}

struct swagger_ui_file swagger_ui_style(void) {
  return (struct swagger_ui_file){style, sizeof style};
}
